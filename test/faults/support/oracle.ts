import assert from 'node:assert/strict';
import type { Audit } from '../../../shared/run.ts';
import { ENDED_STATES, type RunSummary, type SlotItem } from '../../../shared/run.ts';
import type { EverySchedule, Task } from '../../../shared/task.ts';
import type { ApiClient } from '../../helpers/api-client.ts';
import type { Hit, Target } from './target.ts';
import { until } from './until.ts';

/** Clocks are read in whole ms, and a call takes its time: an arrival this long before its slot is still not early. */
const READING_MS = 5;

/** What became of a task, after all of it was found in order. */
export interface Kept {
  task: Task;
  audit: Audit;
  /** Oldest first; skipped ranges are one item. */
  slots: SlotItem[];
  /** Runs of slots, oldest first. */
  runs: RunSummary[];
}

/** Waits until the tasks have ended (by their maxSlots) or are paused, and all their runs have ended. */
export async function allEnded(api: ApiClient, taskIds: string[], timeoutMs = 30_000): Promise<void> {
  await until(
    'every task has ended',
    async () => (await api.tasks()).every((task) => !taskIds.includes(task.id) || task.state !== 'active'),
    { timeoutMs, everyMs: 250 },
  );
  for (const taskId of taskIds) {
    await until(
      'every run has ended',
      async () => {
        const runs = await api.runs(taskId);
        const open = runs.filter(({ state }) => !ENDED_STATES.some((ended) => ended === state));
        if (open.length === 0) return true;
        throw new Error(JSON.stringify(await api.run(open[0]?.id ?? '')));
      },
      { timeoutMs, everyMs: 250 },
    );
  }
}

/**
 * The promise, checked from outside for tasks that have ended or are paused: every slot that the schedule plans has one verdict (counted
 * here by arithmetic, beside the server's own audit), every slot fired or caught up has exactly one run, and what
 * the runs did to the world (`target`) happened never early and once per attempt.
 * `earlyBy: 'store'` judges earliness by the run's own start: for stores whose clock is not this machine's.
 */
export async function assertKept(
  api: ApiClient,
  taskIds: string[],
  { target, earlyBy = 'wall' }: { target?: Target; earlyBy?: 'wall' | 'store' } = {},
): Promise<Kept[]> {
  const all: Kept[] = [];
  for (const taskId of taskIds) {
    const kept = await read(api, taskId);
    assertVerdicts(kept);
    assertOneRunPerSlot(kept);
    for (const run of kept.runs) await assertEnd(api, run);
    if (target !== undefined) {
      const hits = target.hits.filter((hit) => hit.taskId === taskId);
      if (earlyBy === 'wall') for (const hit of hits) assertNotEarly(hit);
      await assertEffects(api, kept, hits);
    }
    all.push(kept);
  }
  return all;
}

async function read(api: ApiClient, taskId: string): Promise<Kept> {
  const [task, audit, slots, runs] = [
    await api.task(taskId),
    await api.audit(taskId),
    await api.slots(taskId),
    await api.runs(taskId),
  ];
  return { task, audit, slots, runs: runs.filter((run) => run.trigger === 'slot') };
}

function assertVerdicts({ task, audit, slots }: Kept): void {
  const skipped = Object.values(audit.skipped).reduce((sum, n) => sum + n, 0);
  const told = JSON.stringify(audit);
  assert.ok(audit.ok && audit.unaccounted === 0, `audit of ${task.name}: ${told}`);
  assert.equal(audit.fired + audit.caughtUp + skipped, audit.planned, told);

  const planned = plannedSlots(task, audit);
  assert.equal(audit.planned, planned.length, `${task.name}: planned by arithmetic, and audit ${told}`);
  const decided = slots.flatMap((slot) => {
    const covered = planned.filter((at) => at >= slot.plannedAt && at < slot.toAt);
    assert.equal(slot.count, covered.length, `${task.name}: ${JSON.stringify(slot)}`);
    return covered;
  });
  assert.deepEqual(decided, planned, `${task.name}: one verdict per slot, in order`);
}

/** By arithmetic alone: anchorAt + k * everyMs from the task's birth, as many as it may have; up to the pause of a paused one. */
function plannedSlots(task: Task, { fromAt }: Audit): number[] {
  const { kind, everyMs, anchorAt = 0, maxSlots } = task.schedule as EverySchedule;
  assert.ok(kind === 'every' && typeof maxSlots === 'number', 'the oracle counts `every` with maxSlots');
  const first = anchorAt + Math.ceil((fromAt - anchorAt) / everyMs) * everyMs;
  const past = Math.floor((task.decidedThroughAt - first) / everyMs) + 1;
  const length = task.state === 'ended' ? maxSlots : Math.min(maxSlots, past);
  return Array.from({ length }, (_, k) => first + k * everyMs);
}

function assertOneRunPerSlot({ task, slots, runs }: Kept): void {
  const wanted = slots.filter((slot) => slot.verdict !== 'skipped');
  assert.deepEqual(
    runs.map(({ id, plannedAt, verdict }) => ({ id, plannedAt, verdict })).sort(bySlot),
    wanted.map(({ plannedAt, verdict }) => ({ id: `${task.id}:${plannedAt}`, plannedAt, verdict })),
    `${task.name}: exactly one run per slot that was fired or caught up`,
  );
  for (const slot of wanted) assert.equal(slot.runId, `${task.id}:${slot.plannedAt}`);
}

const bySlot = (a: { plannedAt: number }, b: { plannedAt: number }) => a.plannedAt - b.plannedAt;

/** Nothing in these tests fails by itself: a run succeeds, or three workers were killed under it. */
async function assertEnd(api: ApiClient, run: RunSummary): Promise<void> {
  assert.ok(run.startedAt !== null && run.startedAt >= run.plannedAt, `${run.id} started early`);
  if (run.state === 'succeeded') return;
  const { state, error, attempts } = await api.run(run.id);
  const told = JSON.stringify({ id: run.id, state, error, attempts });
  assert.ok(state === 'failed' && error?.code === 'WORKER_LOST', told);
  assert.equal(attempts.filter(({ outcome }) => outcome === 'lost').length, 3, told);
}

function assertNotEarly(hit: Hit): void {
  const early = hit.plannedAt - hit.arrivedAt;
  assert.ok(early <= READING_MS, `${hit.runId} attempt ${hit.attempt} came ${early} ms early`);
}

/** Each attempt reaches the world at most once, in order, and a second one only after the first was lost or given back. */
async function assertEffects(api: ApiClient, { task, runs }: Kept, hits: Hit[]): Promise<void> {
  const byRun = new Map<string, Hit[]>();
  for (const hit of hits) byRun.set(hit.runId, [...(byRun.get(hit.runId) ?? []), hit]);
  const known = new Map(runs.map((run) => [run.id, run]));
  for (const [runId, calls] of byRun) {
    assert.ok(known.has(runId), `${task.name}: a call of a run that no slot has: ${runId}`);
    for (const [index, later] of calls.entries()) {
      const earlier = calls[index - 1];
      if (earlier === undefined) continue;
      const told = `${runId}: attempt ${later.attempt} (fence ${later.fence}) came after attempt ${earlier.attempt} (fence ${earlier.fence})`;
      assert.ok(later.attempt > earlier.attempt && later.fence > earlier.fence, told);
    }
    const last = calls.at(-1) as Hit;
    if (last.attempt > 1) await assertLossesBefore(api, runId, calls);
  }
  for (const run of runs) {
    if (run.state === 'succeeded') assert.ok(byRun.has(run.id), `${run.id} succeeded without a call`);
  }
}

async function assertLossesBefore(api: ApiClient, runId: string, calls: Hit[]): Promise<void> {
  const { attempts } = await api.run(runId);
  const told = `${runId}: ${JSON.stringify(attempts)}`;
  for (const { attempt, fence } of calls) {
    assert.equal(attempts.find(({ n }) => n === attempt)?.fence, fence, told);
    for (const before of attempts.filter(({ n }) => n < attempt)) {
      assert.ok(before.outcome === 'lost' || before.outcome === 'released', told);
      assert.ok(before.fence < fence, told);
    }
  }
}
