/** What handlers are given of the store: a record per task that only its newest attempt may replace, and pruning. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { SyncRecord } from '../../../server/handlers/ports.ts';
import { createHistoryPort, createSyncPort } from '../../../server/tasks/handler-ports.ts';
import { faultyStore, runsOf, verdictsOf } from '../../helpers/engine-harness.ts';
import { input, ME, OTHER, openServices } from './support/service-bench.ts';

const record = (revision: number, runId: string, fence: number): SyncRecord => ({
  revision,
  runId,
  fence,
  before: {},
  hashes: {},
});
const items = (n: number) => ({ item: n });

/** A store with one task of mine. */
async function withTask(t: TestContext) {
  const bench = await openServices(t);
  return { ...bench, taskId: (await bench.tasks.create(ME, input())).task.id };
}

test('a record is saved over the revision that was read, by the newest attempt only', async (t) => {
  const { store, taskId } = await withTask(t);
  const port = createSyncPort(store);
  assert.equal(await port.load(ME, taskId), null);
  assert.equal(await port.save(ME, taskId, 0, record(1, 'run', 10), items(1)), true);
  assert.equal((await port.load(ME, taskId))?.revision, 1);
  assert.equal(
    await port.save(ME, taskId, 0, record(1, 'other', 11), items(2)),
    false,
    'somebody was quicker',
  );
  assert.equal(
    await port.save(ME, taskId, 1, record(2, 'run', 9), items(3)),
    false,
    'an attempt that was taken over',
  );
  assert.equal(await port.save(ME, taskId, 1, record(2, 'run', 12), items(4)), true);
  assert.equal(await port.load(OTHER, taskId), null);
  assert.equal(await port.load(ME, 'another'), null);
});

test('a save whose answer was lost is repeated with success, and saved once', async (t) => {
  const { store, taskId } = await withTask(t);
  let lost = 1;
  const faulty = faultyStore(store, (operation) =>
    operation === 'putDocument' && lost-- > 0 ? 'after' : null,
  );
  const port = createSyncPort(faulty);
  await assert.rejects(port.save(ME, taskId, 0, record(1, 'run', 10), items(1)), {
    code: 'STORE_UNAVAILABLE',
  });
  assert.equal(await port.save(ME, taskId, 0, record(1, 'run', 10), items(1)), true);
  assert.equal((await store.getDocument(ME, 'sync', taskId))?.version, 1);
});

test('two saves at once: one of them wins', async (t) => {
  const { store, taskId } = await withTask(t);
  const port = createSyncPort(store);
  const saved = await Promise.all([
    port.save(ME, taskId, 0, record(1, 'a', 1), items(1)),
    port.save(ME, taskId, 0, record(1, 'b', 2), items(2)),
  ]);
  assert.deepEqual(saved.toSorted(), [false, true]);
});

test('a deleted task takes its list along, and a save that comes late brings nothing back', async (t) => {
  const { store, tasks, taskId } = await withTask(t);
  const port = createSyncPort(store);
  assert.equal(await port.save(ME, taskId, 0, record(1, 'run', 10), items(1)), true);
  await tasks.remove(ME, taskId);
  assert.equal(await store.getDocument(ME, 'sync', taskId), null);
  assert.equal(await port.save(ME, taskId, 0, record(1, 'late', 11), items(2)), false);
  assert.equal(await store.getDocument(ME, 'sync', taskId), null);
});

test('a save that is overtaken by the deletion of its task leaves nothing', async (t) => {
  const { store, tasks, taskId } = await withTask(t);
  const overtaken = new Proxy(store, {
    get: (target, name) =>
      name === 'putDocument'
        ? async (...args: Parameters<typeof store.putDocument>) => {
            await tasks.remove(ME, taskId);
            return target.putDocument(...args);
          }
        : Reflect.get(target, name),
  });
  const port = createSyncPort(overtaken);
  assert.equal(await port.save(ME, taskId, 0, record(1, 'run', 10), items(1)), false);
  assert.equal(await store.getDocument(ME, 'sync', taskId), null);
});

test('pruning removes ended runs of all my tasks by age, keeps verdicts, and stops when told', async (t) => {
  const bench = await openServices(t);
  const { tasks, store, clock, pass } = bench;
  const mine = (await tasks.create(ME, input())).task;
  const other = (await tasks.create(OTHER, input())).task;
  for (let n = 0; n < 3; n += 1) await pass(60_000);
  clock.advance(2 * 86_400_000);
  const port = createHistoryPort(store, clock);
  const stopped = AbortSignal.abort();
  assert.deepEqual(await port.prune(ME, 1, stopped), { runs: 0 });
  assert.deepEqual(await port.prune(ME, 3, new AbortController().signal), { runs: 0 }, 'not old enough');
  assert.deepEqual(await port.prune(ME, 1, new AbortController().signal), { runs: 3 });
  assert.deepEqual(
    [(await runsOf(store, mine.id)).length, (await verdictsOf(store, mine.id)).length],
    [0, 3],
  );
  assert.equal((await runsOf(store, other.id)).length, 3);
});
