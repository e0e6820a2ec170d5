/** Verdicts in pages, counters by day, punctuality. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SlotItem } from '../../../shared/run.ts';
import { T, workOff } from '../../helpers/engine-harness.ts';
import { input, ME, OTHER, openServices, refused, type ServiceBench } from './support/service-bench.ts';

const every10s = { kind: 'every', everyMs: 10_000 } as const;
const DAY_MS = 86_400_000;
const inShort = (items: SlotItem[]) =>
  items.map(
    ({ verdict, reason, plannedAt, count }) => `${reason ?? verdict} ${(plannedAt - T) / 1_000} ×${count}`,
  );

async function pages(
  { history }: ServiceBench,
  taskId: string,
  filter: { limit: number; fromAt?: number; toAt?: number },
) {
  const seen: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await history.slots(ME, taskId, { ...filter, ...(cursor === undefined ? {} : { cursor }) });
    seen.push(inShort(page.items));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return seen;
}

/** 10 fired, 20 to 70 skipped as one range, 80 and 90 caught up, 100 fired, 110 and 120 skipped by a pause. */
async function mixed(bench: ServiceBench) {
  const policy = { catchUp: { maxRuns: 2 } };
  const { task } = await bench.tasks.create(ME, input({ schedule: every10s, policy }));
  await bench.pass(10_000);
  for (const ms of [90_000, 0, 0]) await bench.pass(ms);
  bench.clock.advance(25_000);
  await bench.tasks.pause(ME, task.id);
  return task.id;
}

test('newest first, ranges as one item, with the run and its lateness', async (t) => {
  const bench = await openServices(t);
  const taskId = await mixed(bench);
  assert.deepEqual(await pages(bench, taskId, { limit: 10 }), [
    [
      'paused 110 ×2',
      'fired 100 ×1',
      'caught_up 90 ×1',
      'caught_up 80 ×1',
      'catch_up_limit 20 ×6',
      'fired 10 ×1',
    ],
  ]);
  const { items } = await bench.history.slots(ME, taskId, { limit: 10 });
  assert.deepEqual(items[2], {
    plannedAt: T + 90_000,
    toAt: T + 90_001,
    count: 1,
    verdict: 'caught_up',
    reason: null,
    runId: `${taskId}:${T + 90_000}`,
    lateByMs: 10_000,
  });
  assert.deepEqual(items[0], {
    plannedAt: T + 110_000,
    toAt: T + 120_001,
    count: 2,
    verdict: 'skipped',
    reason: 'paused',
    runId: null,
    lateByMs: null,
  });
});

test('pages go on where they stopped, ranges across borders are answered whole and once', async (t) => {
  const bench = await openServices(t);
  const taskId = await mixed(bench);
  assert.deepEqual(await pages(bench, taskId, { limit: 2 }), [
    ['paused 110 ×2', 'fired 100 ×1'],
    ['caught_up 90 ×1', 'caught_up 80 ×1'],
    ['catch_up_limit 20 ×6', 'fired 10 ×1'],
  ]);
  assert.deepEqual(await pages(bench, taskId, { limit: 1, fromAt: T + 30_000, toAt: T + 80_001 }), [
    ['caught_up 80 ×1'],
    ['catch_up_limit 20 ×6'],
  ]);
  assert.deepEqual(await pages(bench, taskId, { limit: 9, fromAt: T + 70_001, toAt: T + 90_000 }), [
    ['caught_up 80 ×1'],
  ]);
  assert.deepEqual(await pages(bench, taskId, { limit: 9, fromAt: T + 500_000 }), [[]]);
  await refused('RANGE_INVALID', bench.history.slots(ME, taskId, { limit: 9, fromAt: T, toAt: T }));
  await refused('CURSOR_INVALID', bench.history.slots(ME, taskId, { limit: 9, cursor: 'x' }));
  await refused('TASK_NOT_FOUND', bench.history.slots(OTHER, taskId, { limit: 9 }));
});

test('a run that is not kept any more leaves its slot', async (t) => {
  const bench = await openServices(t);
  const taskId = await mixed(bench);
  await bench.store.pruneTask(taskId, {
    foldAt: 0,
    keepDay: '',
    segmentsBeforeAt: 0,
    runsBeforeAt: bench.clock.now() + 1,
  });
  const { items } = await bench.history.slots(ME, taskId, { limit: 10 });
  assert.deepEqual(
    items.map(({ runId }) => runId),
    [null, null, null, null, null, null],
  );
  assert.equal(inShort(items)[1], 'fired 100 ×1');
});

test('counters by local day: what was planned, on time, late, caught up, skipped, and how runs ended', async (t) => {
  const bench = await openServices(t);
  // 08:00 in Shanghai; its day ends at 16:00 UTC.
  const taskId = await mixed(bench);
  bench.clock.advance(T + DAY_MS - bench.clock.now());
  await bench.tasks.resume(ME, taskId);
  await bench.pass(10_000, false);
  await workOff(bench.store, () => ({
    outcome: 'failed',
    attemptOutcome: 'failed',
    error: { code: 'E', message: '' },
  }));
  const { days } = await bench.history.stats(ME, taskId, 7);
  assert.deepEqual(days, [
    { day: '2026-11-23', planned: 12, onTime: 2, late: 2, caughtUp: 2, skipped: 8, succeeded: 4, failed: 0 },
    { day: '2026-11-24', planned: 1, onTime: 1, late: 0, caughtUp: 0, skipped: 0, succeeded: 0, failed: 1 },
  ]);
  assert.deepEqual(
    (await bench.history.stats(ME, taskId, 1)).days.map(({ day }) => day),
    ['2026-11-24'],
    'today included',
  );
  assert.deepEqual((await bench.history.stats(ME, taskId, 2)).days.length, 2);
  await refused('TASK_NOT_FOUND', bench.history.stats(OTHER, taskId, 7));
});

test('punctuality counts every slot but those skipped by overlap, pause or end, over 30 days', async (t) => {
  const bench = await openServices(t);
  const taskId = await mixed(bench);
  // 2 on time, 2 caught up late, 6 missed by a catch-up rule; the paused two do not count.
  const { punctuality } = await bench.history.stats(ME, taskId, 1);
  assert.equal(punctuality.onTimePct, 20);
  assert.deepEqual((await bench.tasks.get(ME, taskId)).punctuality, punctuality);
  // Nor do slots that an edit of the schedule decided.
  const { version } = await bench.tasks.resume(ME, taskId);
  bench.clock.advance(25_000);
  await bench.tasks.patch(ME, taskId, { version, schedule: { kind: 'at', at: T + 80 * DAY_MS } });
  assert.equal(
    inShort((await bench.history.slots(ME, taskId, { limit: 1 })).items)[0],
    'schedule_changed 130 ×3',
  );
  assert.equal((await bench.history.stats(ME, taskId, 1)).punctuality.onTimePct, 20);
  bench.clock.advance(29 * DAY_MS);
  assert.equal((await bench.history.stats(ME, taskId, 1)).punctuality.onTimePct, 20);
  bench.clock.advance(DAY_MS);
  assert.equal(
    (await bench.history.stats(ME, taskId, 90)).punctuality.onTimePct,
    null,
    'older days do not count',
  );
  assert.equal((await bench.history.stats(ME, taskId, 90)).days.length, 1);
});

test('fewer than ten slots say nothing about punctuality', async (t) => {
  const bench = await openServices(t);
  const { task } = await bench.tasks.create(ME, input({ schedule: every10s }));
  for (let n = 0; n < 9; n += 1) await bench.pass(10_000);
  const before = await bench.history.stats(ME, task.id, 1);
  assert.deepEqual(before.punctuality, { onTimePct: null, p50Ms: null, p99Ms: null });
  await bench.pass(10_000);
  assert.deepEqual((await bench.history.stats(ME, task.id, 1)).punctuality, {
    onTimePct: 100,
    p50Ms: 1,
    p99Ms: 1,
  });
});
