/** Lists and batches of tasks: filters, pages that go on where they stopped, items that stand alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskFilter } from '../../../server/tasks/services.ts';
import { MOST_TASKS } from '../../../server/tasks/task-service.ts';
import type { Task } from '../../../shared/task.ts';
import { workOff } from '../../helpers/engine-harness.ts';
import { input, ME, OTHER, openServices, refused, type ServiceBench } from './support/service-bench.ts';

const names = (tasks: readonly Task[]) => tasks.map(({ name }) => name).join(' ');

async function make({ tasks, clock }: ServiceBench, all: string): Promise<Task[]> {
  const made: Task[] = [];
  for (const name of all.split(' ')) {
    made.push((await tasks.create(ME, input({ name }))).task);
    clock.advance(10);
  }
  return made;
}

/** Page by page; `between` happens after each. */
async function pages(
  { tasks }: ServiceBench,
  filter: Omit<TaskFilter, 'cursor'>,
  between: (page: Task[]) => Promise<void> = async () => {},
) {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await tasks.list(ME, {
      ...filter,
      ...(cursor === undefined ? {} : { cursor }),
    });
    assert.ok(items.length <= filter.limit);
    seen.push(names(items));
    await between(items);
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
  return seen;
}

test('newest first, mine only, in pages', async (t) => {
  const bench = await openServices(t);
  await make(bench, 'a b c d e');
  await bench.tasks.create(OTHER, input({ name: 'x' }));
  assert.deepEqual(await pages(bench, { limit: 2 }), ['e d', 'c b', 'a']);
  assert.deepEqual(await pages(bench, { limit: 5 }), ['e d c b a'], 'no empty page behind a full one');
  assert.deepEqual(await pages(bench, { limit: 100 }), ['e d c b a']);
  for (const scope of ['watched', 'available'] as const)
    assert.deepEqual(await bench.tasks.list(ME, { scope, limit: 10 }), {
      items: [],
      nextCursor: null,
      counts: { all: 5, running: 0, troubled: 0, paused: 0 },
    });
  for (const cursor of [
    'x',
    'bnVsbA',
    Buffer.from('"1.zz"').toString('base64url'),
    Buffer.from('7').toString('base64url'),
  ])
    await refused('CURSOR_INVALID', bench.tasks.list(ME, { limit: 2, cursor }));
});

test('filters by state, health and a part of the name, together', async (t) => {
  const bench = await openServices(t);
  const [alpha, , beta] = await make(bench, 'Alpha gamma BETA alphabet');
  await bench.tasks.pause(ME, alpha!.id);
  await bench.tasks.pause(ME, beta!.id);
  assert.deepEqual(await pages(bench, { limit: 9, state: 'paused' }), ['BETA Alpha']);
  assert.deepEqual(await pages(bench, { limit: 9, q: 'ALPHA' }), ['alphabet Alpha']);
  assert.deepEqual(await pages(bench, { limit: 1, q: 'a', state: 'active' }), ['alphabet', 'gamma']);
  assert.deepEqual(await pages(bench, { limit: 9, q: 'alpha', state: 'paused' }), ['Alpha']);
  assert.deepEqual(await pages(bench, { limit: 9, state: 'ended' }), ['']);
  await bench.pass(60_000);
  assert.deepEqual(await pages(bench, { limit: 9, health: 'healthy' }), ['alphabet gamma']);
  assert.deepEqual(await pages(bench, { limit: 9, health: 'unknown' }), ['BETA Alpha']);
});

test('what runs and what is in trouble can be asked for, and is counted whatever the filter', async (t) => {
  const bench = await openServices(t);
  const [calm, fails, lags] = await make(bench, 'calm fails lags waits');
  await bench.tasks.create(OTHER, input({ name: 'x' }));
  bench.clock.advance(60_000 - 40);
  await bench.pass(0, false);
  const countsNow = async () => (await bench.tasks.list(ME, { limit: 1, q: 'nothing' })).counts;
  assert.deepEqual(await countsNow(), { all: 4, running: 4, troubled: 0, paused: 0 });
  await workOff(bench.store, ({ taskId }) => (taskId === fails?.id ? { outcome: 'failed' } : {}));
  assert.deepEqual(await countsNow(), { all: 4, running: 0, troubled: 1, paused: 0 });

  // Every slot fires in time, but they start 5 s later; one task is paused and has none.
  await bench.tasks.pause(ME, calm!.id);
  for (const name of ['fails', 'waits']) {
    const { items } = await bench.tasks.list(ME, { limit: 1, q: name });
    await bench.tasks.patch(ME, items[0]!.id, {
      version: items[0]!.version,
      policy: { lateAfterMs: 60_000 },
    });
  }
  await bench.pass(60_000, false);
  assert.deepEqual(await pages(bench, { limit: 9, live: true }), ['waits lags fails']);
  assert.deepEqual(await countsNow(), { all: 4, running: 3, troubled: 1, paused: 1 });
  bench.clock.advance(5_000);
  await workOff(bench.store, ({ taskId }) => (taskId === fails?.id ? { outcome: 'failed' } : {}));
  assert.deepEqual(await pages(bench, { limit: 9, health: 'late' }), ['lags']);
  assert.deepEqual(await pages(bench, { limit: 1, troubled: true }), ['lags', 'fails']);
  assert.deepEqual(await pages(bench, { limit: 9, troubled: true, q: 'AIL' }), ['fails']);
  assert.deepEqual(await pages(bench, { limit: 9, troubled: true, live: true }), ['']);
  assert.deepEqual(await countsNow(), { all: 4, running: 0, troubled: 2, paused: 1 });

  await bench.runs.backfill(ME, lags!.id, { fromAt: 0, toAt: bench.clock.now(), all: true });
  assert.deepEqual(
    await pages(bench, { limit: 9, live: true }),
    ['lags'],
    'runs that make up for slots count',
  );
  await bench.runs.runNow(ME, fails!.id);
  assert.equal((await countsNow()).running, 1, 'runs that a person asked for do not');
});

test('a page goes on where it stopped, whatever happened to its last task meanwhile', async (t) => {
  const bench = await openServices(t);
  await make(bench, 'a b c d e f');
  // It fits the filter no more, it is gone, a newer one has come.
  const seen = await pages(bench, { limit: 2, state: 'active' }, async (page) => {
    const last = page.at(-1) as Task;
    if (last.name === 'e') await bench.tasks.pause(ME, last.id);
    if (last.name === 'c') await bench.tasks.remove(ME, last.id);
    if (last.name === 'e') await make(bench, 'new');
  });
  assert.deepEqual(seen, ['f e', 'd c', 'b a']);
});

test('tasks made in one instant are all listed, also when one that ended a page is deleted', async (t) => {
  const bench = await openServices(t);
  await bench.tasks.createBatch(
    ME,
    ['a', 'b', 'c', 'd'].map((name) => input({ name })),
  );
  assert.deepEqual(await pages(bench, { limit: 3 }), ['d c b', 'a']);
  const seen = await pages(bench, { limit: 3 }, async (page) => {
    if (names(page) === 'd c b') await bench.tasks.remove(ME, page.at(-1)!.id);
  });
  assert.ok(seen.join(' ').includes('a'), seen.join(' | '));
});

test('each item of a batch stands alone', async (t) => {
  const { tasks, store } = await openServices(t);
  const bodies = [
    input({ name: 'one' }),
    input({ name: 'two', action: { kind: 'handler', name: 'bad' } }),
    input({ name: 'three', schedule: { kind: 'cron', cron: '99 * * * *' } }),
    input({ name: 'four' }),
  ];
  const { items } = await tasks.createBatch(ME, bodies, { key: 'k' });
  assert.deepEqual(
    items.map((item) => (item.ok ? item.task.name : item.error.code)),
    ['one', 'HANDLER_UNKNOWN', 'SCHEDULE_INVALID', 'four'],
  );
  assert.match((items[1] as { error: { message: string } }).error.message, /^action\.name: /);
  const again = await tasks.createBatch(ME, bodies, { key: 'k' });
  assert.deepEqual(again.items, items);
  await assert.rejects(tasks.createBatch(ME, bodies.with(3, input({ name: 'other' })), { key: 'k' }), {
    code: 'IDEMPOTENCY_KEY_REUSED',
  });
  assert.equal((await store.listTasks(ME)).length, 2);
  const [first] = items;
  assert.ok(first?.ok && first.task.nextFireAt !== null);
});

test('a user has room for so many tasks, in batches of any size', async (t) => {
  const { tasks, store } = await openServices(t);
  for (let n = 0; n < MOST_TASKS - 50; n += 150)
    await tasks.createBatch(
      ME,
      Array.from({ length: Math.min(150, MOST_TASKS - 50 - n) }, () => input()),
    );
  const { items } = await tasks.createBatch(
    ME,
    Array.from({ length: 60 }, () => input()),
  );
  assert.deepEqual(
    [items.filter((item) => item.ok).length, items.slice(50).map((item) => !item.ok && item.error.code)],
    [50, Array.from({ length: 10 }, () => 'TASK_LIMIT_REACHED')],
  );
  await refused('TASK_LIMIT_REACHED', tasks.create(ME, input()));
  await tasks.create(OTHER, input());
  assert.equal((await store.listTasks(ME)).length, MOST_TASKS);
});
