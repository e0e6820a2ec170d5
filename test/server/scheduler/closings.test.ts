/** Ends and pauses that a finish asks for (`until`, `pauseAfterFailures`), carried out by the scheduler. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionOfId } from '../../../server/store/ids.ts';
import type { ClaimedRun, TaskRecord } from '../../../server/store/records.ts';
import type { FinishRequest } from '../../../server/store/requests.ts';
import type { Store } from '../../../server/store/store.ts';
import * as changes from '../../../server/tasks/task-changes.ts';
import {
  type Embedded,
  faultyStore,
  finishRequest,
  makeTask,
  openEmbedded,
  readTask,
  runsOf,
  schedulingServer,
  T,
  verdictsOf,
  workOff,
} from '../../helpers/engine-harness.ts';

const every10s = { kind: 'every', everyMs: 10_000 } as const;
const inShort = async (store: Store, taskId: string) =>
  (await verdictsOf(store, taskId)).map(
    ({ verdict, reason, plannedAt, count }) => `${reason ?? verdict} ${(plannedAt - T) / 1_000} ×${count}`,
  );

/** Fires the slot at 10, ends its run as told, and lets the scheduler carry out what that asks for. */
async function closing(
  bench: Embedded,
  task: TaskRecord,
  finish: (run: ClaimedRun) => Partial<FinishRequest>,
  store = bench.store,
) {
  const { scheduler } = await schedulingServer({ ...bench, store });
  bench.clock.advance(10_000);
  await scheduler.runOnce();
  bench.clock.advance(3_000);
  await workOff(bench.store, finish);
  bench.clock.advance(30_000);
  for (let pass = 0; pass < 4; pass += 1) {
    await scheduler.runOnce();
    bench.clock.advance(1_100);
  }
  return readTask(bench.store, task.id);
}
const failure = { outcome: 'failed', attemptOutcome: 'failed', error: { code: 'E', message: '' } } as const;

test('until: the task ends as of the finish, later slots never existed, held runs are cancelled', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const task = await makeTask(store, T, { kind: 'every', everyMs: 5_000 }, { overlap: 'buffer_all' });
  const { scheduler } = await schedulingServer(bench);
  for (let slot = 0; slot < 3; slot += 1) {
    clock.advance(5_000);
    await scheduler.runOnce();
  }
  clock.advance(8_000);
  const [first] = await store.claimRuns(partitionOfId(task.id) as number, {
    requestId: 'a'.repeat(32),
    worker: 'w',
    limit: 1,
    leaseMs: 5_000,
  });
  await store.finishRuns(partitionOfId(task.id) as number, [
    finishRequest(first as ClaimedRun, { endTask: true }),
  ]);
  clock.advance(30_000);
  for (let pass = 0; pass < 2; pass += 1) await scheduler.runOnce();
  const ended = await readTask(store, task.id);
  assert.deepEqual([ended.state, ended.closing, ended.version, ended.nextAt], ['ended', null, 1, null]);
  assert.equal(ended.segment.toAt, T + 23_001);
  assert.deepEqual(await inShort(store, task.id), [
    'fired 5 ×1',
    'fired 10 ×1',
    'fired 15 ×1',
    'ended 20 ×1',
  ]);
  assert.deepEqual(
    (await runsOf(store, task.id)).map(({ state }) => state),
    ['succeeded', 'cancelled', 'cancelled'],
  );
});

test('pauseAfterFailures: the task is paused as of the failure and can be resumed', async (t) => {
  const bench = await openEmbedded(t);
  const task = await makeTask(bench.store, T, every10s, { pauseAfterFailures: 1 });
  const paused = await closing(bench, task, () => failure);
  assert.deepEqual([paused.state, paused.closing, paused.version, paused.nextAt], ['paused', null, 1, null]);
  assert.deepEqual(
    await inShort(bench.store, task.id),
    ['fired 10 ×1'],
    'slots after the failure never existed',
  );
  assert.equal((await bench.store.changeTask(changes.resume(paused, bench.clock.now()))).code, 'changed');
  assert.equal((await readTask(bench.store, task.id)).failures, 0);
});

test('a closing is carried out once, whether its step or its answer is lost', async (t) => {
  for (const side of ['before', 'after'] as const) {
    await t.test(side, async (t2) => {
      const bench = await openEmbedded(t2);
      const task = await makeTask(bench.store, T, every10s);
      let faults = 2;
      const store = faultyStore(bench.store, (operation) => {
        if (operation !== 'changeTask' || faults === 0) return null;
        faults -= 1;
        return side;
      });
      const ended = await closing(bench, task, () => ({ endTask: true }), store);
      assert.deepEqual([ended.state, ended.closing], ['ended', null]);
      assert.deepEqual(await inShort(bench.store, task.id), ['fired 10 ×1']);
    });
  }
});
