import os from 'node:os';
import process from 'node:process';

/** What became of every slot, run and call; `kept`: every promise was. */
export function reportOf({ tasks, faults, hits, servers, owners, seconds }) {
  const sum = (of) => tasks.reduce((total, one) => total + of(one), 0);
  const runs = tasks.flatMap((one) => one.runs);
  const skipped = ({ audit }) => Object.values(audit.skipped).reduce((total, n) => total + n, 0);
  const ours = new Set(tasks.map(({ task }) => task.id));
  const replayed = servers
    .flatMap((server) => server.logged('runs are made again'))
    .flatMap(({ runIds }) => runIds)
    .filter((runId) => ours.has(runId.slice(0, runId.indexOf(':')))).length;
  const lost = servers.flatMap((server) => server.logged('an attempt was lost with its worker')).length;
  const report = {
    servers: servers.length,
    owners,
    tasks: tasks.length,
    seconds,
    faults,
    planned: sum(({ audit }) => audit.planned),
    fired: sum(({ audit }) => audit.fired),
    caughtUp: sum(({ audit }) => audit.caughtUp),
    skipped: sum(skipped),
    unaccounted: sum(({ audit }) => audit.unaccounted),
    runs: runs.length,
    doubled: runs.length - new Set(runs.map(({ id }) => id)).size,
    succeeded: runs.filter(({ state }) => state === 'succeeded').length,
    calls: hits.length,
    repeats: hits.length - new Set(hits.map(({ runId }) => runId)).size,
    early: runs.filter(({ startedAt, plannedAt }) => startedAt !== null && startedAt < plannedAt).length,
    lost,
    replayed,
    lateness: quantiles(runs.map(({ lateByMs }) => lateByMs ?? 0)),
    gapMs: longestGapMs(tasks),
  };
  const whole = report.planned === tasks.length * seconds && report.planned === report.runs;
  const { unaccounted, doubled, early } = report;
  report.kept = whole && unaccounted + doubled + early === 0 && report.succeeded === report.runs;
  return report;
}

/** The longest time in which a task that fires every second had no start. */
function longestGapMs(tasks) {
  const gaps = tasks.map(({ runs }) => {
    const starts = runs.map(({ startedAt }) => startedAt).sort((a, b) => a - b);
    return Math.max(...starts.slice(1).map((at, index) => at - starts[index]));
  });
  return Math.max(...gaps);
}

function quantiles(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), max: sorted.at(-1) };
}

/** The report as Markdown. */
export function tableOf(report) {
  const rows = [
    ['servers; owners; tasks, each every second', `3; ${report.owners}; ${report.tasks}`],
    ['slots planned', report.planned],
    ['fired / caught up / skipped', `${report.fired} / ${report.caughtUp} / ${report.skipped}`],
    ['**unaccounted**', `**${report.unaccounted}**`],
    ['runs; of them twice for a slot; started early', `${report.runs}; ${report.doubled}; ${report.early}`],
    ['runs that succeeded', report.succeeded],
    ['calls made; of them repeats under the same `Idempotency-Key`', `${report.calls}; ${report.repeats}`],
    [
      'attempts lost with a worker; runs made again for writes that Redis lost',
      `${report.lost}; ${report.replayed}`,
    ],
    ['lateness p50 / p90 / p99 / longest, ms', Object.values(report.lateness).join(' / ')],
    ['longest time without a start of one task', `${(report.gapMs / 1_000).toFixed(1)} s`],
  ];
  const day = new Date().toISOString().slice(0, 10);
  return [
    `Recorded ${day} on Node ${process.versions.node}, ${os.availableParallelism()} cores, all on one machine:`,
    '',
    '| second | what was done |',
    '| ------ | ------------- |',
    ...report.faults.map(({ atSecond, what }) => `| ${atSecond} | ${what} |`),
    '',
    '| result |  |',
    '| ------ | - |',
    ...rows.map(([name, value]) => `| ${name} | ${value} |`),
  ].join('\n');
}
