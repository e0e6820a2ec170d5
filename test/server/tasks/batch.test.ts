/** Batches and keys: one body per key, refusals in the caller's language, turns for everybody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTaskService } from '../../../server/tasks/task-service.ts';
import { openEmbedded, T } from '../../helpers/engine-harness.ts';
import { input, ME, OTHER, openServices, refused } from './support/service-bench.ts';

test('a batch under a key is one body: another one under it is refused and makes nothing', async (t) => {
  const { tasks, store } = await openServices(t);
  const two = [input({ name: 'a' }), input({ name: 'b' })];
  const first = await tasks.createBatch(ME, two, { key: 'k' });
  assert.deepEqual(await tasks.createBatch(ME, two, { key: 'k' }), first, 'the same body is answered again');
  await refused(
    'IDEMPOTENCY_KEY_REUSED',
    tasks.createBatch(ME, [...two, input({ name: 'c' })], { key: 'k' }),
  );
  await refused('IDEMPOTENCY_KEY_REUSED', tasks.createBatch(ME, two.toReversed(), { key: 'k' }));
  assert.equal((await store.listTasks(ME)).length, 2);
  await tasks.createBatch(ME, [input({ name: 'c' })], { key: 'l' });
  await tasks.createBatch(OTHER, [input({ name: 'c' })], { key: 'k' });
  assert.deepEqual([(await store.listTasks(ME)).length, (await store.listTasks(OTHER)).length], [3, 1]);
});

test('a backfill under a key is one interval of one task; a refused interval takes no key', async (t) => {
  const { tasks, runs, pass } = await openServices(t);
  const { task } = await tasks.create(ME, input());
  const { task: second } = await tasks.create(ME, input());
  await pass(60_000);
  await pass(60_000);
  const range = { fromAt: T, toAt: T + 60_001, all: true };
  await refused('RANGE_INVALID', runs.backfill(ME, task.id, { fromAt: T, toAt: T }, { key: 'k' }));
  const first = await runs.backfill(ME, task.id, range, { key: 'k' });
  assert.equal(first.runs.length, 1);
  assert.deepEqual(await runs.backfill(ME, task.id, range, { key: 'k' }), first);
  const wider = { ...range, toAt: T + 120_001 };
  await refused('IDEMPOTENCY_KEY_REUSED', runs.backfill(ME, task.id, wider, { key: 'k' }));
  assert.equal((await runs.backfill(ME, second.id, wider, { key: 'k' })).runs.length, 2, 'of another task');
});

test('a body is remembered for seven days, as a hash', async (t) => {
  const { tasks, store, clock } = await openServices(t);
  await tasks.createBatch(ME, [input({ name: 'hush' })], { key: 'k' });
  const [kept] = await store.listDocuments(ME, 'key', { limit: 10 });
  assert.equal(kept?.expiresAt, T + 7 * 86_400_000);
  assert.doesNotMatch(JSON.stringify(kept), /hush/);
  clock.advance(7 * 86_400_000 + 1);
  assert.equal((await tasks.createBatch(ME, [input({ name: 'other' })], { key: 'k' })).items.length, 1);
});

test('an item is refused in the language of the caller', async (t) => {
  const { tasks } = await openServices(t);
  const bad = [input({ action: { kind: 'handler', name: 'bad' } })];
  const messages = [];
  for (const locale of ['zh-CN', 'en'] as const) {
    const [item] = (await tasks.createBatch(ME, bad, { locale })).items;
    messages.push(item?.ok === false && item.error.message);
  }
  assert.deepEqual(messages, ['action.name: 没有', 'action.name: no such handler']);
});

test('a big batch is judged without holding up the others', async (t) => {
  const { store } = await openEmbedded(t);
  let tick = 0;
  let turn = setImmediate(function next() {
    tick++;
    turn = setImmediate(next);
  });
  t.after(() => clearImmediate(turn));
  const seen = new Set<number>();
  const problem = {
    code: 'HANDLER_UNKNOWN',
    path: 'action.name',
    message: { zh: '没有', en: 'no' },
  } as const;
  const tasks = createTaskService({
    store,
    checkAction: () => {
      seen.add(tick);
      return [problem];
    },
  });
  await tasks.createBatch(
    ME,
    Array.from({ length: 100 }, () => input()),
  );
  assert.ok(seen.size >= 5, `judged in ${seen.size} turns`);
});
