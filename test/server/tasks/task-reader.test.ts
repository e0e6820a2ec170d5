/** A long page leaves the store room for others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../../../server/store/store.ts';
import { createTaskReader, READ_TOGETHER } from '../../../server/tasks/task-reader.ts';
import { input, ME, openServices } from './support/service-bench.ts';

/** The most reads that `use` had under way at once, and all that it made. */
async function readsOf(store: Store, use: (store: Store) => Promise<void>) {
  const reads = { now: 0, most: 0, all: 0 };
  const counted = new Proxy(store, {
    get(target, name: keyof Store) {
      const member = target[name];
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        reads.now += 1;
        reads.all += 1;
        reads.most = Math.max(reads.most, reads.now);
        try {
          return await (member as (...args: unknown[]) => Promise<unknown>).apply(target, args);
        } finally {
          reads.now -= 1;
        }
      };
    },
  });
  await use(counted);
  return reads;
}

test('a page is read a few tasks at a time, in its order, and the clock once', async (t) => {
  const { tasks, store } = await openServices(t);
  const names = Array.from({ length: 23 }, (_, n) => `task ${n}`);
  await tasks.createBatch(
    ME,
    names.map((name) => input({ name })),
  );
  const records = await store.listTasks(ME);
  const reads = await readsOf(store, async (counted) => {
    const views = await createTaskReader(counted).views(records, 30);
    assert.deepEqual(
      views.map(({ id }) => id),
      records.map(({ id }) => id),
    );
  });
  // Runs, days and verdicts of each task.
  assert.equal(reads.all, 1 + 3 * 23);
  assert.equal(reads.most, 3 * READ_TOGETHER);
  const plain = await readsOf(store, async (counted) => {
    await createTaskReader(counted).views(records);
  });
  assert.equal(plain.all, 1 + 2 * 23, 'without bars no verdicts are read');
  const none = await readsOf(store, async (counted) => {
    assert.deepEqual(await createTaskReader(counted).views([], 30), []);
  });
  assert.equal(none.all, 0);
});
