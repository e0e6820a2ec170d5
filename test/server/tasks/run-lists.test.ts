/** Lists of runs: of all tasks or one, by state, by a part of the task's name; no page is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunState } from '../../../shared/run.ts';
import { workOff } from '../../helpers/engine-harness.ts';
import { input, ME, OTHER, openServices, refused, type ServiceBench } from './support/service-bench.ts';

interface Filter {
  limit: number;
  state?: RunState;
  taskId?: string;
  q?: string;
}

/** Ids of all pages, and their sizes. */
async function pages({ runs }: ServiceBench, filter: Filter) {
  const ids: string[] = [];
  const sizes: number[] = [];
  let cursor: string | undefined;
  do {
    const { items, nextCursor } = await runs.list(ME, {
      ...filter,
      ...(cursor === undefined ? {} : { cursor }),
    });
    ids.push(...items.map(({ id }) => id));
    sizes.push(items.length);
    cursor = nextCursor ?? undefined;
    assert.ok(sizes.length < 100, 'pages without end');
  } while (cursor !== undefined);
  return { ids, sizes };
}

async function twoTasks(bench: ServiceBench) {
  const { tasks, runs } = bench;
  const a = (await tasks.create(ME, input({ name: 'Apples' }))).task;
  const b = (await tasks.create(ME, input({ name: 'Pears' }))).task;
  const made: { id: string; of: string }[] = [];
  for (let n = 0; n < 7; n += 1) {
    const of = n % 3 === 0 ? a : b;
    made.unshift({ id: (await runs.runNow(ME, of.id)).run.id, of: of.id });
  }
  return { a, b, made };
}

test('newest first, of all tasks or of one, in pages', async (t) => {
  const bench = await openServices(t);
  const { a, made } = await twoTasks(bench);
  assert.deepEqual(await pages(bench, { limit: 3 }), { ids: made.map(({ id }) => id), sizes: [3, 3, 1] });
  assert.deepEqual((await pages(bench, { limit: 7 })).sizes, [7], 'no empty page behind a full one');
  const ofA = made.filter(({ of }) => of === a.id).map(({ id }) => id);
  assert.deepEqual(await pages(bench, { limit: 2, taskId: a.id }), { ids: ofA, sizes: [2, 1] });
  assert.deepEqual((await pages(bench, { limit: 2, q: 'APPL' })).ids, ofA);
  assert.deepEqual((await pages(bench, { limit: 2, q: 'none' })).ids, []);
  for (const cursor of ['x', Buffer.from('"a:b"').toString('base64url')])
    await refused('CURSOR_INVALID', bench.runs.list(ME, { limit: 2, cursor }));
});

test('by state', async (t) => {
  const bench = await openServices(t);
  const { made } = await twoTasks(bench);
  await bench.runs.cancel(ME, made[1]!.id);
  await bench.runs.cancel(ME, made[5]!.id);
  assert.deepEqual((await pages(bench, { limit: 1, state: 'cancelled' })).ids, [made[1]!.id, made[5]!.id]);
  assert.equal((await pages(bench, { limit: 10, state: 'queued' })).ids.length, 5);
  assert.deepEqual((await pages(bench, { limit: 10, state: 'held' })).ids, []);
});

test('what a name filter looks for far back is found, though it takes more than one page', async (t) => {
  const bench = await openServices(t);
  const { tasks, runs, store } = bench;
  const rare = (await tasks.create(ME, input({ name: 'rare' }))).task;
  const wanted = (await runs.runNow(ME, rare.id)).run.id;
  // More than one call looks through, of six tasks since each keeps its newest 500.
  for (let n = 0; n < 6; n += 1) {
    const { task } = await tasks.create(ME, input({ name: `often ${n}` }));
    for (let k = 0; k < 4; k += 1) {
      await Promise.all(Array.from({ length: 99 }, () => runs.runNow(ME, task.id)));
      await workOff(store);
    }
  }
  const { ids, sizes } = await pages(bench, { limit: 10, q: 'rare' });
  assert.deepEqual(ids, [wanted]);
  assert.ok(sizes.length > 1, 'one call does not look through everything');
});

test('a cursor that names a run of somebody else, of another task or of none is refused', async (t) => {
  const bench = await openServices(t);
  const { tasks, runs } = bench;
  const { a, b, made } = await twoTasks(bench);
  const theirs = (await tasks.create(OTHER, input())).task;
  const foreign = (await runs.runNow(OTHER, theirs.id)).run.id;
  const cursorOf = (id: string) => Buffer.from(JSON.stringify(id)).toString('base64url');
  const unknown = `${made[0]!.id.slice(0, -4)}zzzz`;
  for (const id of [foreign, unknown])
    await refused('CURSOR_INVALID', runs.list(ME, { limit: 2, cursor: cursorOf(id) }));
  const ofA = made.find(({ of }) => of === a.id)!.id;
  await refused('CURSOR_INVALID', runs.list(ME, { limit: 2, taskId: b.id, cursor: cursorOf(ofA) }));
  assert.ok((await runs.list(ME, { limit: 2, taskId: a.id, cursor: cursorOf(ofA) })).items.length > 0);
});
