/** What one bar says, and the bars that a task carries when they are asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slotRunId } from '../../../server/store/ids.ts';
import { recentSlots } from '../../../server/tasks/recent.ts';
import type { RecentSlot } from '../../../shared/run.ts';
import { readTask } from '../../helpers/engine-harness.ts';
import { sampleRecord } from './support/run-record.ts';
import { input, ME, openServices } from './support/service-bench.ts';

const only = (...args: Parameters<typeof recentSlots>): RecentSlot => {
  const bars = recentSlots(...args);
  assert.equal(bars.length, 1);
  return bars[0] as RecentSlot;
};
const say = ({ verdict, reason, count, state }: RecentSlot) =>
  [verdict ?? 'asked', reason ?? state, count].join(' ');

test('a run says its state; late is more than the lateness it was given', () => {
  const run = sampleRecord({ plannedAt: 60_000, lateByMs: 1_000, progress: 40 });
  assert.deepEqual(only([run], [], 1), {
    plannedAt: 60_000,
    count: 1,
    verdict: 'fired',
    reason: null,
    runId: run.id,
    state: 'succeeded',
    lateByMs: 1_000,
    late: false,
    progress: null,
  });
  assert.equal(only([sampleRecord({ lateByMs: 1_001 })], [], 1).late, true);
  assert.equal(only([sampleRecord({ lateByMs: 1_001, lateAfterMs: 5_000 })], [], 1).late, false);
  assert.equal(only([sampleRecord({ lateByMs: null, state: 'queued' })], [], 1).late, false);
});

test('progress is said while it runs, and no longer', () => {
  const progressOf = (state: 'running' | 'cancelling' | 'retry_wait' | 'failed') =>
    only([sampleRecord({ state, progress: 40 })], [], 1).progress;
  assert.deepEqual([progressOf('running'), progressOf('cancelling')], [40, 40]);
  assert.deepEqual([progressOf('retry_wait'), progressOf('failed')], [null, null]);
});

test('a skipped range is one bar, verdicts of runs are none', () => {
  const skipped = { plannedAt: 5, toAt: 120_006, count: 3, verdict: 'skipped', reason: 'paused' } as const;
  const fired = { plannedAt: 0, toAt: 1, count: 1, verdict: 'fired', reason: null } as const;
  assert.deepEqual(only([], [skipped, fired], 9), {
    plannedAt: 5,
    count: 3,
    verdict: 'skipped',
    reason: 'paused',
    runId: null,
    state: null,
    lateByMs: null,
    late: false,
    progress: null,
  });
});

test('a task carries its last slots and runs when they are asked for, as many as are', async (t) => {
  const bench = await openServices(t);
  const { tasks, runs } = bench;
  const { task } = await tasks.create(ME, input());
  assert.deepEqual((await tasks.get(ME, task.id, { recent: 30 })).recent, []);
  await bench.pass(60_000);
  // The second slot goes on running, so that the next two are skipped; a person asks for a run beside it.
  await bench.pass(60_000, false);
  await bench.pass(60_000, false);
  await bench.pass(60_000, false);
  bench.clock.advance(5);
  await runs.runNow(ME, task.id);
  const expected = ['asked queued 1', 'skipped overlap 2', 'fired queued 1', 'fired succeeded 1'];
  const { recent = [], ...rest } = await tasks.get(ME, task.id, { recent: 30 });
  assert.deepEqual(recent.map(say), expected);
  assert.deepEqual(rest, await tasks.get(ME, task.id), 'nothing else changes, and nobody else gets them');
  assert.equal('recent' in (await tasks.get(ME, task.id)), false);
  for (const n of [1, 2, 3]) {
    const { items } = await tasks.list(ME, { limit: 100, recent: n });
    assert.deepEqual(items[0]?.recent, recent.slice(0, n));
  }
  assert.equal('recent' in ((await tasks.list(ME, { limit: 100 })).items[0] ?? {}), false);
});

test('a backfill of old slots does not push the last slots off the card', async (t) => {
  const bench = await openServices(t);
  const { tasks, runs, store } = bench;
  const { task } = await tasks.create(ME, input());
  const from = (await readTask(store, task.id)).cursorAt;
  for (let n = 0; n < 12; n += 1) await bench.pass(60_000);
  const before = (await tasks.get(ME, task.id, { recent: 5 })).recent;
  assert.equal(before?.length, 5);
  await runs.backfill(ME, task.id, { fromAt: from, toAt: from + 6 * 60_000, all: true });
  assert.equal((await store.listRuns({ taskId: task.id }, { limit: 5 })).items[0]?.trigger, 'backfill');
  assert.deepEqual((await tasks.get(ME, task.id, { recent: 5 })).recent, before);
  const all = (await tasks.get(ME, task.id, { recent: 30 })).recent ?? [];
  // The task is as old as the first instant of the backfill, which is no slot of it.
  assert.equal(all.length, 12 + 5);
  const [asked, own] = all.slice(-2);
  assert.equal(own?.runId, slotRunId(task.id, own?.plannedAt ?? 0));
  assert.deepEqual([asked?.verdict, asked?.plannedAt], [null, own?.plannedAt], 'the later made comes first');
});
