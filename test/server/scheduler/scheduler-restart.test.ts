/** Downtimes, restarts, clocks that go back, and several schedulers at once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../../../server/store/store.ts';
import {
  faultyStore,
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
    ({ verdict, reason, plannedAt, toAt }) =>
      `${reason ?? verdict} ${(plannedAt - T) / 1_000}${toAt === plannedAt + 1 ? '' : `..${(toAt - 1 - T) / 1_000}`}`,
  );

test('what was owed during a downtime is judged as of the start, over many passes and another restart', async (t) => {
  const bench = await openEmbedded(t);
  const catchUp = { windowMs: 600_000, maxRuns: 45 } as const;
  const task = await makeTask(bench.store, T, every10s, { catchUp });
  bench.clock.advance(1_000_000);
  await bench.reopen();
  const first = await schedulingServer(bench);
  await first.scheduler.runOnce();
  const before = await readTask(bench.store, task.id);
  // The scheduler is gone in the middle of it; the next one comes a little later.
  await bench.reopen();
  bench.clock.advance(3_500);
  const second = await schedulingServer(bench);
  for (let pass = 0; pass < 20; pass += 1) await second.scheduler.runOnce();
  assert.ok(before.cursorAt <= T + 1_000_000);
  assert.deepEqual(await inShort(bench.store, task.id), [
    'outside_catch_up_window 10..390',
    'catch_up_limit 400..540',
    ...Array.from({ length: 45 }, (_, n) => `caught_up ${550 + n * 10}`),
    'fired 1000',
  ]);
  const runs = await runsOf(bench.store, task.id);
  assert.deepEqual(new Set(runs.map(({ id }) => id)).size, 46);
  assert.deepEqual(runs.map(({ line }) => line === 'late').filter(Boolean).length, 45);
  assert.equal((await readTask(bench.store, task.id)).episode, null);
});

test('a crash on either side of the firing step leaves one verdict and one run', async (t) => {
  const bench = await openEmbedded(t);
  const task = await makeTask(bench.store, T, every10s);
  bench.clock.advance(10_000);
  for (const side of ['before', 'after'] as const) {
    // The server dies on this side of its step; the next one begins with another boot of the store.
    const store = faultyStore(bench.store, (operation) => (operation === 'fireSlots' ? side : null));
    const { scheduler } = await schedulingServer({ ...bench, store });
    await scheduler.runOnce();
    assert.equal((await verdictsOf(bench.store, task.id)).length, side === 'before' ? 0 : 1);
    await bench.reopen();
  }
  const { scheduler } = await schedulingServer(bench);
  await scheduler.runOnce();
  assert.deepEqual(await inShort(bench.store, task.id), ['fired 10']);
  const ran = await workOff(bench.store);
  assert.deepEqual(
    ran.map(({ runId }) => runId),
    [`${task.id}:${T + 10_000}`],
  );
});

test('two schedulers at once: each slot one verdict and one run', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const tasks = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      makeTask(
        store,
        T,
        { kind: 'every', everyMs: 1_000 + n * 500 },
        { overlap: 'allow_all' },
        `owner${n % 4}`,
      ),
    ),
  );
  const servers = [
    await schedulingServer(bench),
    await schedulingServer(bench),
    await schedulingServer(bench),
  ];
  for (let pass = 0; pass < 15; pass += 1) {
    clock.advance(pass % 5 === 4 ? 4_000 : 500);
    await Promise.all(servers.map(({ scheduler }) => scheduler.runOnce()));
    await workOff(store);
  }
  for (let pass = 0; pass < 3; pass += 1) {
    clock.advance(300);
    await Promise.all(servers.map(({ scheduler }) => scheduler.runOnce()));
  }
  for (const [n, task] of tasks.entries()) {
    const verdicts = await verdictsOf(store, task.id);
    const everyMs = 1_000 + n * 500;
    const { cursorAt } = await readTask(store, task.id);
    assert.ok(cursorAt > T + 10_000);
    const firstAt = Math.ceil((T + 1) / everyMs) * everyMs;
    const expected = Array.from(
      { length: Math.floor((cursorAt - firstAt) / everyMs) + 1 },
      (_, k) => firstAt + k * everyMs,
    );
    assert.deepEqual(
      verdicts.map(({ plannedAt }) => plannedAt),
      expected,
      `every ${everyMs}`,
    );
    const runs = await runsOf(store, task.id);
    assert.deepEqual(
      runs.map(({ plannedAt }) => plannedAt).sort((a, b) => a - b),
      expected,
    );
  }
});

test('a clock that goes back: nothing fires until it has passed the cursor again, and nothing twice', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const task = await makeTask(store, T, every10s);
  const { scheduler } = await schedulingServer(bench);
  const runAt = async (seconds: number) => {
    clock.advance(T + seconds * 1_000 - clock.now());
    await scheduler.runOnce();
    await workOff(store);
  };
  for (const seconds of [10, 20, 30]) await runAt(seconds);
  for (const seconds of [2, 10, 20, 30, 39.9]) await runAt(seconds);
  assert.deepEqual(await inShort(store, task.id), ['fired 10', 'fired 20', 'fired 30']);
  await bench.reopen();
  const again = await schedulingServer(bench);
  clock.advance(-20_000);
  await again.scheduler.runOnce();
  clock.advance(20_100);
  await again.scheduler.runOnce();
  assert.deepEqual(await inShort(bench.store, task.id), ['fired 10', 'fired 20', 'fired 30', 'fired 40']);
});

test('a clock that steps ahead owes slots like a downtime', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const task = await makeTask(store, T, every10s, { catchUp: { policy: 'latest' } });
  const { scheduler } = await schedulingServer(bench);
  clock.advance(10_000);
  await scheduler.runOnce();
  await workOff(store);
  clock.advance(3_600_000);
  for (let pass = 0; pass < 3; pass += 1) await scheduler.runOnce();
  assert.deepEqual(await inShort(store, task.id), [
    'fired 10',
    'coalesced 20..3590',
    'caught_up 3600',
    'fired 3610',
  ]);
});
