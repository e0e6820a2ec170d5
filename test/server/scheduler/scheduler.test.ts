/** The scheduler over a real store: slots fire once, at their instant, on time for whoever shares the partitions. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ClaimPort } from '../../../server/scheduler/fire-due.ts';
import { newTaskId } from '../../../server/store/ids.ts';
import type { Store } from '../../../server/store/store.ts';
import { openSegment } from '../../../server/tasks/open-segment.ts';
import { newTask } from '../../../server/tasks/task-changes.ts';
import {
  definition,
  makeTask,
  noClaims,
  openEmbedded,
  readTask,
  runsOf,
  schedulingServer,
  T,
  verdictsOf,
  workOff,
} from '../../helpers/engine-harness.ts';
import { askedRun } from '../../store/contract/build.ts';

const MINUTE = 60_000;
const fired = async (store: Store, taskId: string) =>
  (await verdictsOf(store, taskId)).map(({ verdict, plannedAt }) => [verdict, plannedAt - T]);

test('every, cron and at fire once, at their instants and not a millisecond before', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const { scheduler } = await schedulingServer(bench);
  const every = await makeTask(store, clock.now(), { kind: 'every', everyMs: MINUTE });
  const cron = await makeTask(store, clock.now(), { kind: 'cron', cron: '30 * * * * *' });
  const at = await makeTask(store, clock.now(), { kind: 'at', at: T + 45_678 });
  await scheduler.runOnce();
  const steps: [at: number, done: [number, number, number]][] = [
    [29_999, [0, 0, 0]],
    [30_000, [0, 1, 0]],
    [45_677, [0, 1, 0]],
    [45_678, [0, 1, 1]],
    [59_999, [0, 1, 1]],
    [60_000, [1, 1, 1]],
    [60_500, [1, 1, 1]],
    [90_000, [1, 2, 1]],
    [120_000, [2, 2, 1]],
  ];
  for (const [ms, done] of steps) {
    clock.advance(T + ms - clock.now());
    await scheduler.runOnce();
    await scheduler.runOnce();
    const verdicts = await Promise.all([every, cron, at].map((task) => verdictsOf(store, task.id)));
    assert.deepEqual(
      verdicts.map((list) => list.length),
      done,
      `at ${ms}`,
    );
    await workOff(store);
  }
  assert.deepEqual(await fired(store, cron.id), [
    ['fired', 30_000],
    ['fired', 90_000],
  ]);
  assert.deepEqual(
    (await runsOf(store, every.id)).map(({ id }) => id),
    [`${every.id}:${T + 60_000}`, `${every.id}:${T + 120_000}`],
  );
  const ended = await readTask(store, at.id);
  assert.deepEqual([ended.state, ended.nextAt, ended.segment.toAt], ['ended', null, T + 45_679]);
});

test('maxSlots over many passes, edges and all, then the task ends', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const { scheduler } = await schedulingServer(bench);
  const task = await makeTask(
    store,
    T,
    { kind: 'every', everyMs: 1_000, maxSlots: 5 },
    { overlap: 'allow_all' },
  );
  for (const ms of [1_000, 1_000, 2_000, 1_000, 1_000, 1_000]) {
    clock.advance(ms);
    await scheduler.runOnce();
  }
  assert.deepEqual(
    (await fired(store, task.id)).map(([, ms]) => ms),
    [1_000, 2_000, 3_000, 4_000, 5_000],
  );
  assert.equal((await readTask(store, task.id)).state, 'ended');
});

test('a task that owes a million slots does not keep the others waiting', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const behind = await makeTask(
    store,
    clock.now(),
    { kind: 'cron', cron: '* * * * * *' },
    { catchUp: { policy: 'none' } },
  );
  const other = await makeTask(
    store,
    clock.now() + 999_990_000,
    { kind: 'every', everyMs: 10_000 },
    {},
    'other',
  );
  clock.advance(1_000_000_000);
  const { scheduler } = await schedulingServer(bench);
  await scheduler.runOnce();
  assert.equal((await verdictsOf(store, other.id)).length, 1, 'in the very first pass');
  const { cursorAt, segmentSlots } = await readTask(store, behind.id);
  assert.ok(segmentSlots > 0 && segmentSlots <= 3_000, `${segmentSlots} slots in one pass`);
  assert.equal(cursorAt, T + segmentSlots * 1_000);
});

test('a new task with an earlier slot is found by its wake; without the wake at the next look, overdue at the latest', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock, onWake } = bench;
  const { scheduler } = await schedulingServer(bench);
  await scheduler.runOnce();
  const heard = new Promise<void>((resolve) => onWake.add(() => resolve()));
  const told = await makeTask(store, clock.now(), { kind: 'at', at: T + 1_000 });
  await heard;
  onWake.clear();
  const untold = await makeTask(
    store,
    clock.now(),
    { kind: 'at', at: T + 1_000 },
    {},
    'of another partition',
  );
  assert.notEqual(told.id.slice(0, 2), untold.id.slice(0, 2));
  clock.advance(1_000);
  await scheduler.runOnce();
  assert.deepEqual(await fired(store, told.id), [['fired', 1_000]]);
  clock.advance(100);
  await scheduler.runOnce();
  assert.deepEqual(await fired(store, untold.id), [['fired', 1_000]]);
});

test('others’ partitions are left alone until they are overdue by 250 ms', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const [a, b] = [await schedulingServer(bench), await schedulingServer(bench)];
  await a.presence.start();
  const tasks = await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      makeTask(store, clock.now(), { kind: 'at', at: T + 5_000 }, {}, `owner${n}`),
    ),
  );
  const mine = tasks.filter(({ id }) => a.presence.owns(Number.parseInt(id.slice(0, 2), 16)));
  assert.ok(mine.length > 0 && mine.length < tasks.length, 'both have a share');
  assert.ok(
    tasks.every(
      ({ id }) =>
        a.presence.owns(Number.parseInt(id.slice(0, 2), 16)) !==
        b.presence.owns(Number.parseInt(id.slice(0, 2), 16)),
    ),
  );
  const count = async () =>
    (await Promise.all(tasks.map(({ id }) => verdictsOf(store, id)))).filter((list) => list.length === 1)
      .length;
  clock.advance(5_000);
  await a.scheduler.runOnce();
  assert.equal(await count(), mine.length);
  clock.advance(249);
  await a.scheduler.runOnce();
  assert.equal(await count(), mine.length);
  clock.advance(1);
  await a.scheduler.runOnce();
  assert.equal(await count(), tasks.length);
});

test('a due task without a slot left is ended, and not looked at for ever', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  // What a change of zone data may leave behind: the index says that a slot is due, the schedule has none.
  const schedule = { kind: 'every', everyMs: MINUTE, endAt: T + 60_000 } as const;
  const stray = {
    ...newTask(newTaskId('owner'), definition(schedule), T, 'f'),
    segment: openSegment(schedule, T + 1, null),
    nextAt: T + 500,
  };
  await store.createTasks('owner', [stray], 10);
  const { scheduler } = await schedulingServer(bench);
  clock.advance(500);
  await scheduler.runOnce();
  const task = await readTask(store, stray.id);
  assert.deepEqual([task.state, task.nextAt, task.cursorAt], ['ended', null, T + 500]);
  assert.equal(scheduler.state().known, 0);
});

test('runs made ready are offered to the free places of this server in the same step', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const seen = { claimed: [] as string[], ready: 0, reserved: 0 };
  const claims: ClaimPort = {
    ...noClaims,
    free: () => 9,
    reserve(_partition, most) {
      seen.reserved += most;
      return { requestId: 'd'.repeat(32), worker: 'w', limit: 1, leaseMs: 5_000 };
    },
    received: (_request, runs) => void seen.claimed.push(...runs.map(({ runId }) => runId)),
    ready: () => {
      seen.ready += 1;
    },
  };
  const { scheduler } = await schedulingServer(bench, claims);
  const tasks = [
    await makeTask(store, clock.now(), { kind: 'at', at: T + 10 }),
    await makeTask(store, clock.now(), { kind: 'at', at: T + 10 }),
  ];
  clock.advance(10);
  await scheduler.runOnce();
  assert.deepEqual(
    [seen.reserved, seen.claimed.length, seen.ready],
    [2, 1, 1],
    'one was handed out, one is left',
  );
  assert.ok(tasks.some(({ id }) => seen.claimed[0] === `${id}:${T + 10}`));
});

/** One run was asked for before, and `slots` tasks fall due with two places free: what was reserved, and how often the worker was
 * told that something is ready. */
async function withTwoPlaces(t: TestContext, slots: number): Promise<{ reserved: number[]; told: number }> {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const reserved: number[] = [];
  const ready: number[] = [];
  const claims: ClaimPort = {
    ...noClaims,
    free: () => 2,
    reserve(_partition, most) {
      reserved.push(most);
      return { requestId: `${reserved.length}`.padStart(32, '0'), worker: 'w', limit: most, leaseMs: 5_000 };
    },
    received: () => undefined,
    ready: (partition) => void ready.push(partition),
  };
  const { scheduler } = await schedulingServer(bench, claims);
  const older = await makeTask(store, clock.now(), { kind: 'at', at: T + 500 });
  for (let n = 0; n < slots; n += 1) await makeTask(store, clock.now(), { kind: 'at', at: T + 10 });
  await store.askRuns(older.id, [askedRun(older.id)], 10);
  clock.advance(10);
  await scheduler.runOnce();
  return { reserved, told: ready.length };
}

test('places go to who is first in line', async (t) => {
  assert.deepEqual((await withTwoPlaces(t, 3)).reserved, [2], 'not for the third');
});

test('a slot whose place an older run was handed is told to be ready', async (t) => {
  assert.deepEqual(await withTwoPlaces(t, 2), { reserved: [2], told: 1 });
});
