/** A scheduler whose store fails it, before a step is applied or after, and whose own clock is wrong. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FireRequest } from '../../../server/store/requests.ts';
import type { Store } from '../../../server/store/store.ts';
import { createHistoryService } from '../../../server/tasks/history-service.ts';
import { brutePlanned } from '../../helpers/brute-slots.ts';
import {
  type Fault,
  faultyStore,
  makeTask,
  manualClock,
  openEmbedded,
  readTask,
  runsOf,
  schedulingServer,
  seededRandom,
  T,
  verdictsOf,
  workOff,
} from '../../helpers/engine-harness.ts';

const every10s = { kind: 'every', everyMs: 10_000 } as const;

for (const fault of ['before', 'after'] as const) {
  test(`a firing step that fails ${fault} it was applied is repeated within half a second, and fires once`, async (t) => {
    const bench = await openEmbedded(t);
    const { store, clock } = bench;
    const task = await makeTask(store, T, every10s);
    let steps = 0;
    const faulty = faultyStore(store, (operation) => {
      if (operation !== 'fireSlots') return null;
      steps += 1;
      return steps <= 3 ? fault : null;
    });
    const { scheduler } = await schedulingServer({ ...bench, store: faulty });
    clock.advance(10_000);
    await scheduler.runOnce();
    clock.advance(10);
    await scheduler.runOnce();
    assert.equal(steps, 1, 'not tried again at once');
    for (let n = 0; n < 3; n += 1) {
      clock.advance(500);
      await scheduler.runOnce();
    }
    const [verdict, ...more] = await verdictsOf(store, task.id);
    assert.deepEqual([verdict?.plannedAt, more], [T + 10_000, []]);
    assert.equal((await runsOf(store, task.id)).length, 1);
    // What the scheduler knows is right again: the next slot is on time.
    await workOff(store);
    clock.advance(T + 20_000 - clock.now());
    await scheduler.runOnce();
    const last = (await verdictsOf(store, task.id)).at(-1);
    assert.deepEqual([last?.verdict, last?.plannedAt], ['fired', T + 20_000]);
  });
}

test('a store that cannot be read costs nothing but time', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const task = await makeTask(store, T, every10s);
  let away = true;
  const faulty = faultyStore(store, (operation) => (away && operation !== 'beat' ? 'before' : null));
  const { scheduler } = await schedulingServer({ ...bench, store: faulty });
  for (let n = 0; n < 3; n += 1) {
    clock.advance(10_000);
    await assert.rejects(scheduler.runOnce(), { code: 'STORE_UNAVAILABLE' });
  }
  away = false;
  await scheduler.runOnce();
  assert.deepEqual(
    (await verdictsOf(store, task.id)).map(({ verdict, plannedAt }) => [verdict, plannedAt - T]),
    [
      ['caught_up', 10_000],
      ['caught_up', 20_000],
      ['fired', 30_000],
    ],
  );
});

test('a scheduler whose clock is ahead never fires early, and does not ask without end', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const task = await makeTask(store, T, every10s);
  let asked = 0;
  const counting = faultyStore(store, (operation) => {
    if (operation === 'fireSlots') asked += 1;
    return null;
  });
  const ahead = manualClock(T + 3_000);
  const { scheduler } = await schedulingServer({ ...bench, store: counting, clock: ahead });
  await scheduler.runOnce();
  for (const at of [clock, ahead]) at.advance(6_900);
  for (; clock.now() < T + 10_000; clock.advance(20), ahead.advance(20)) {
    await scheduler.runOnce();
    assert.deepEqual(await verdictsOf(store, task.id), [], `early at ${clock.now() - T}`);
  }
  // It believed for 3 s that the slot was due.
  assert.ok(asked >= 3 && asked <= 10, `${asked} steps in 3 s`);
  for (let n = 0; n < 60 && (await verdictsOf(store, task.id)).length === 0; n += 1) {
    for (const at of [clock, ahead]) at.advance(20);
    await scheduler.runOnce();
  }
  const [run] = await runsOf(store, task.id);
  assert.ok((run?.createdAt as number) >= T + 10_000 && (run?.createdAt as number) <= T + 11_020);
});

test('a scheduler whose clock is put right again is not left behind', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const task = await makeTask(store, T, every10s);
  let aheadMs = 3_600_000;
  const own = { now: () => clock.now() + aheadMs, advance: clock.advance };
  const { scheduler } = await schedulingServer({ ...bench, clock: own });
  clock.advance(9_000);
  await scheduler.runOnce();
  aheadMs = 0;
  clock.advance(1_000);
  await scheduler.runOnce();
  clock.advance(110);
  await scheduler.runOnce();
  assert.deepEqual(
    (await verdictsOf(store, task.id)).map(({ verdict }) => verdict),
    ['fired'],
  );
});

for (const seed of [1, 2, 3]) {
  test(`random faults, seed ${seed}: verdicts are complete once the store has healed, and none is there twice`, async (t) => {
    const bench = await openEmbedded(t);
    const { store, clock } = bench;
    const random = seededRandom(seed);
    let faults = 0;
    let rate = 0.3;
    const faulty: Store = faultyStore(store, (operation): Fault => {
      if (operation === 'beat' || random() >= rate) return null;
      faults += 1;
      return random() < 0.5 ? 'before' : 'after';
    });
    const schedules = [1_000, 1_700, 10_000, 61_000].map((everyMs) => ({ kind: 'every', everyMs }) as const);
    const tasks = await Promise.all(
      schedules.map((schedule, n) =>
        makeTask(store, T, schedule, { overlap: 'allow_all', catchUp: { maxRuns: 3 } }, `owner${n}`),
      ),
    );
    let server = await schedulingServer({ ...bench, store: faulty });
    for (let pass = 0; pass < 80; pass += 1) {
      if (pass === 70) rate = 0;
      clock.advance(pass % 10 === 9 ? 7_000 : 300);
      if (pass % 25 === 24) server = await schedulingServer({ ...bench, store: faulty });
      await server.scheduler.runOnce().catch(() => undefined);
      if (pass % 4 === 0) await workOff(store);
    }
    assert.ok(faults > 50, `${faults} faults`);
    const history = createHistoryService({ store, clock });
    for (const [n, { id }] of tasks.entries()) {
      const task = await readTask(store, id);
      assert.ok((task.nextAt as number) > clock.now() - 100, 'nothing is owed any more');
      const audit = await history.audit(`owner${n}`, id, { fromAt: T });
      assert.ok(audit.ok, JSON.stringify(audit));
      const planned = brutePlanned(await store.listSegments(id), T, task.cursorAt + 1);
      assert.equal(audit.planned, planned.length);
      const runs = await runsOf(store, id);
      assert.equal(new Set(runs.map((run) => run.plannedAt)).size, runs.length);
      assert.equal(runs.length, audit.fired + audit.caughtUp, 'one run per slot that got one');
    }
  });
}

test('a task that the store refuses to fire holds up no other of its partition', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const [broken, healthy] = [await makeTask(store, T, every10s), await makeTask(store, T, every10s)];
  assert.equal(broken.id.slice(0, 2), healthy.id.slice(0, 2), 'one step would fire both');
  let steps = 0;
  const refusing = faultyStore(store, (operation, args) => {
    if (operation !== 'fireSlots') return null;
    steps += 1;
    if ((args[1] as FireRequest[]).some(({ taskId }) => taskId === broken.id)) throw new Error('WRONGTYPE');
    return null;
  });
  const { scheduler } = await schedulingServer({ ...bench, store: refusing });
  for (let n = 0; n < 300; n += 1) {
    clock.advance(100);
    await scheduler.runOnce();
    if (n % 10 === 0) await workOff(store);
  }
  const verdicts = await verdictsOf(store, healthy.id);
  assert.deepEqual(
    verdicts.map(({ verdict, plannedAt }) => [verdict, plannedAt - T]),
    [10_000, 20_000, 30_000].map((at) => ['fired', at]),
  );
  assert.deepEqual(await verdictsOf(store, broken.id), []);
  assert.ok(steps < 40, `${steps} steps: the refused one goes once a second`);
});
