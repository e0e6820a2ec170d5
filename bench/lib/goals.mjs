/** What is to be reached, and what the kept results say about it. Ratios are taken round by round. */
import { ratio, spread } from './results.mjs';

const ours = ['redis', 'embedded'];
const row = (kind, name) => ({ kind, case: name });

/**
 * A goal names its scenario, the words for it, and for each store (`redis`, `embedded`; null: none) a `value(result)` of
 * the shape of `spread`, with the bound that it must keep: `atLeast` or `atMost`.
 */
export const goals = [
  burst('BullMQ', 'bullmq', { redis: 2, embedded: 1.3 }),
  burst('graphile-worker, batching', 'graphile', { redis: 1 }),
  both('lateness', '500 one-shots a second, p99 against `setTimeout`', '×', (kind) => ({
    atMost: 2.5,
    value: (result) => ratio(result, 'p99', row(kind, '500/s'), row('timeout', '500/s')),
  })),
  lateness('2000/s', '2,000 one-shots a second, p99', 10),
  lateness('5000/s', '5,000 one-shots a second, p99', 20),
  both('same-second', '2,000 tasks on the same second, p99 against croner', '×', (kind) => ({
    atMost: { redis: 2, embedded: 1.3 }[kind],
    value: (result) => ratio(result, 'p99', row(kind, '2000'), row('croner', '2000')),
  })),
  {
    scenario: 'idle',
    what: 'an idle task of ≤ 250 bytes of its own in Redis, all keys',
    unit: 'bytes',
    digits: 0,
    redis: { atMost: 500, value: (result) => figure(result, row('redis', '100000 idle'), 'bytesPerTask') },
  },
  both('idle', '200 one-shots a second beside 100,000 idle tasks, p99 against without', '×', (kind) => ({
    atMost: 1.2,
    value: (result) => ratio(result, 'p99', row(kind, '100000 idle'), row(kind, '0 idle')),
  })),
  both('million', 'the same beside 1,000,000, p99', 'ms', (kind) => ({
    atMost: 5,
    value: (result) => figure(result, row(kind, '1000000 idle'), 'p99'),
  })),
  {
    scenario: 'kill',
    what: 'kill -9 with 200 running: all run again',
    unit: 's',
    redis: { atMost: 6, value: (result) => figure(result, row('redis'), 'lastSeconds') },
  },
  total('kill', 'of them lost, or finished twice', ['redis'], ['lost', 'twice']),
  total('downtime', 'nobody there for 10 s: slots without a verdict', ours, ['missed']),
  both('heavy-owner', '100 light owners beside 10,000 due tasks of one, p99', 'ms', (kind) => ({
    atMost: 25,
    value: (result) => figure(result, row(kind), 'p99'),
  })),
  both('heavy-owner', 'throughput of that against all of one owner', '×', (kind) => ({
    atLeast: 0.84,
    value: (result) => ratio(result, 'perSecond', row(kind), row(`${kind}-shared`)),
  })),
  {
    scenario: 'processes',
    what: 'two processes on one Redis against one',
    unit: '×',
    redis: { atLeast: 0.75, value: (result) => ratio(result, 'perSecond', row('two'), row('one')) },
  },
  total('lateness', 'one-shots that started early, twice or never', ours, ['early', 'twice', 'missed']),
  total('same-second', 'slots of the same second that started early, twice or never', ours, [
    'early',
    'twice',
    'missed',
  ]),
];

function burst(name, peer, bounds) {
  const part = (kind) => ({
    atLeast: bounds[kind],
    value: (result) => ratio(result, 'perSecond', row(kind), row(peer)),
  });
  const kinds = Object.keys(bounds).map((kind) => [kind, part(kind)]);
  return { scenario: 'burst', what: `burst against ${name}`, unit: '×', ...Object.fromEntries(kinds) };
}

function lateness(name, what, atMost) {
  return both('lateness', what, 'ms', (kind) => ({
    atMost,
    value: (result) => figure(result, row(kind, name), 'p99'),
  }));
}

function both(scenario, what, unit, part) {
  return { scenario, what, unit, redis: part('redis'), embedded: part('embedded') };
}

/** Sums of every run, noisy ones too: a promise has no median. */
function total(scenario, what, kinds, figures) {
  const part = (kind) => ({
    atMost: 0,
    value(result) {
      const runs = result.runs.filter((run) => run.kind === kind);
      if (runs.length === 0) return null;
      const sum = runs.reduce((all, run) => figures.reduce((n, name) => n + run[name], all), 0);
      return { median: sum, least: sum, most: sum, n: runs.length, noisy: false };
    },
  });
  return {
    scenario,
    what,
    unit: '',
    digits: 0,
    ...Object.fromEntries(kinds.map((kind) => [kind, part(kind)])),
  };
}

function figure(result, { kind, case: name }, wanted) {
  const runs = result.runs.filter((run) => run.kind === kind && (name === undefined || run.case === name));
  return spread(runs, wanted);
}
