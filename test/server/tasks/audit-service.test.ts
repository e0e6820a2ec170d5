/** The proof over a real store: intervals, folded days, big intervals off the loop, and what is too big. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKeeper } from '../../../server/scheduler/keeper.ts';
import { logger, readTask, schedulingServer, T } from '../../helpers/engine-harness.ts';
import { input, ME, OTHER, openServices, refused, type ServiceBench } from './support/service-bench.ts';

const every10s = { kind: 'every', everyMs: 10_000 } as const;
const DAY_MS = 86_400_000;

async function made(bench: ServiceBench, everyMs = 10_000, catchUp = {}) {
  const { task } = await bench.tasks.create(
    ME,
    input({ schedule: { kind: 'every', everyMs }, policy: { catchUp } }),
  );
  return task.id;
}

test('by default the last day behind the cursor, or the whole life of a younger task', async (t) => {
  const bench = await openServices(t);
  const taskId = await made(bench);
  assert.deepEqual(await bench.history.audit(ME, taskId, {}), {
    fromAt: T,
    toAt: T + 1,
    planned: 0,
    fired: 0,
    caughtUp: 0,
    skipped: {},
    unaccounted: 0,
    ok: true,
    folded: false,
  });
  for (let n = 0; n < 3; n += 1) await bench.pass(10_000);
  const young = await bench.history.audit(ME, taskId, {});
  assert.deepEqual(
    [young.fromAt, young.toAt, young.planned, young.fired, young.ok],
    [T, T + 30_001, 3, 3, true],
  );
  bench.clock.advance(2 * DAY_MS);
  for (let n = 0; n < 3; n += 1) await bench.pass(0);
  const { cursorAt } = await readTask(bench.store, taskId);
  const day = await bench.history.audit(ME, taskId, {});
  assert.deepEqual(
    [day.fromAt, day.toAt, day.planned, day.ok],
    [cursorAt + 1 - DAY_MS, cursorAt + 1, 8_640, true],
  );
  await refused('TASK_NOT_FOUND', bench.history.audit(OTHER, taskId, {}));
});

test('intervals are half-open, cut to the life of the task and to its cursor', async (t) => {
  const bench = await openServices(t);
  const taskId = await made(bench);
  for (let n = 0; n < 5; n += 1) await bench.pass(10_000);
  const planned = async (fromAt?: number, toAt?: number) => {
    const audit = await bench.history.audit(ME, taskId, {
      ...(fromAt === undefined ? {} : { fromAt }),
      ...(toAt === undefined ? {} : { toAt }),
    });
    assert.ok(audit.ok && audit.fired === audit.planned);
    return audit.planned;
  };
  assert.equal(await planned(T + 20_000, T + 40_000), 2);
  assert.equal(await planned(T + 20_000), 4);
  assert.equal(await planned(0, T + 40_001), 4);
  assert.equal(await planned(0, T * 2), 5);
  assert.equal(await planned(T + 20_001, T + 20_002), 0);
  assert.equal(await planned(T + 90_000), 0, 'nothing is behind the cursor there');
  await refused('RANGE_INVALID', bench.history.audit(ME, taskId, { fromAt: T + 5, toAt: T + 5 }));
});

test('the proof spans edits, pauses and ends', async (t) => {
  const bench = await openServices(t);
  const taskId = await made(bench);
  await bench.pass(15_000);
  await bench.tasks.patch(ME, taskId, { version: 1, schedule: { ...every10s, anchorAt: 500 } });
  await bench.pass(20_000);
  await bench.tasks.pause(ME, taskId);
  await bench.pass(40_000);
  await bench.tasks.resume(ME, taskId);
  await bench.pass(10_000);
  const audit = await bench.history.audit(ME, taskId, { fromAt: T });
  const skipped = Object.values(audit.skipped).reduce((sum, n) => sum + n, 0);
  assert.deepEqual([audit.ok, audit.planned], [true, audit.fired + audit.caughtUp + skipped]);
  assert.ok(audit.planned >= 4);
});

test('an hour of a day that was skipped as one range is still audited', async (t) => {
  const bench = await openServices(t);
  const taskId = await made(bench, 1_000, { policy: 'none' });
  bench.clock.advance(3 * DAY_MS);
  for (let n = 0; n < 4; n += 1) await bench.pass(0);
  const day = await bench.history.audit(ME, taskId, {});
  assert.deepEqual([day.planned, day.ok], [86_400, true], 'the ranges that it touches count 172,800 slots');
  const hour = await bench.history.audit(ME, taskId, { fromAt: T + DAY_MS, toAt: T + DAY_MS + 3_600_000 });
  assert.deepEqual([hour.planned, hour.skipped, hour.ok], [3_600, { outside_catch_up_window: 3_600 }, true]);
  await refused('RANGE_TOO_LARGE', bench.history.audit(ME, taskId, { fromAt: T, toAt: T + 100_001_001 }));
  assert.equal(
    (await bench.history.audit(ME, taskId, { fromAt: T, toAt: T + 100_000_001 })).planned,
    100_000,
  );
});

test('folded days are whole days, audited against the segments, and joined with what is kept', async (t) => {
  const bench = await openServices(t);
  const { store, clock, history } = bench;
  const taskId = await made(bench, 3_600_000, { windowMs: 1_000 });
  clock.advance(5 * DAY_MS);
  for (let n = 0; n < 5; n += 1) await bench.pass(0);
  // As for a task with too many verdicts for their age: everything before today, in Shanghai.
  const foldAt = Date.UTC(2026, 10, 27, 16);
  await store.pruneTask(taskId, { foldAt, keepDay: '', segmentsBeforeAt: 0, runsBeforeAt: 0 });
  assert.equal((await readTask(store, taskId)).foldedThroughAt, foldAt);
  const { cursorAt } = await readTask(store, taskId);
  const all = await history.audit(ME, taskId, { fromAt: T + 7 });
  assert.deepEqual([all.ok, all.folded, all.planned, all.toAt], [true, true, 120, cursorAt + 1]);
  assert.equal(all.fromAt, Date.UTC(2026, 10, 22, 16), 'widened to whole days');
  const old = await history.audit(ME, taskId, { fromAt: T + DAY_MS, toAt: T + 2 * DAY_MS });
  assert.deepEqual([old.ok, old.folded, old.planned, old.toAt - old.fromAt], [true, true, 48, 2 * DAY_MS]);
  const recent = await history.audit(ME, taskId, { fromAt: foldAt });
  assert.deepEqual([recent.ok, recent.folded, recent.fromAt], [true, false, foldAt]);
});

test('after 90 days nothing is left of a slot, and nothing is held against it', async (t) => {
  const bench = await openServices(t);
  const { store, clock, history } = bench;
  const taskId = await made(bench, 3_600_000, { windowMs: 1_000 });
  for (let n = 0; n < 24; n += 1) await bench.pass(3_600_000);
  clock.advance(91 * DAY_MS);
  for (let n = 0; n < 40; n += 1) await bench.pass(0);
  const { presence } = await schedulingServer(bench);
  const keeper = createKeeper({ store, clock, presence, logger });
  const kept = await keeper.runOnce();
  assert.ok(kept.verdicts > 0 && kept.runs > 0, JSON.stringify(kept));
  assert.deepEqual(await keeper.runOnce(), { verdicts: 0, runs: 0 }, 'a second round finds nothing to do');
  const { foldedThroughAt, cursorAt } = await readTask(store, taskId);
  assert.ok(foldedThroughAt > T && foldedThroughAt < cursorAt);
  const all = await history.audit(ME, taskId, { fromAt: T });
  assert.deepEqual([all.ok, all.folded, all.fromAt, all.toAt], [true, false, foldedThroughAt, cursorAt + 1]);
  assert.ok(all.planned > 2_000);
  const gone = await history.audit(ME, taskId, { fromAt: T, toAt: T + DAY_MS });
  assert.deepEqual([gone.ok, gone.planned], [true, 0]);
  clock.advance(30 * DAY_MS);
  assert.equal((await history.audit(ME, taskId, { fromAt: T })).ok, true, 'also before the next round');
});

test('with only an end given, the interval is the day before it', async (t) => {
  const bench = await openServices(t);
  const taskId = await made(bench, 3_600_000, { windowMs: 1_000 });
  bench.clock.advance(5 * DAY_MS);
  for (let n = 0; n < 5; n += 1) await bench.pass(0);
  const toAt = T + 2 * DAY_MS;
  const day = await bench.history.audit(ME, taskId, { toAt });
  assert.deepEqual([day.fromAt, day.toAt, day.planned, day.ok], [toAt - DAY_MS, toAt, 24, true]);
  const foldAt = Date.UTC(2026, 10, 26, 16);
  await bench.store.pruneTask(taskId, { foldAt, keepDay: '', segmentsBeforeAt: 0, runsBeforeAt: 0 });
  const folded = await bench.history.audit(ME, taskId, { toAt });
  assert.deepEqual([folded.ok, folded.folded, folded.planned > 0], [true, true, true]);
  const after = await bench.history.audit(ME, taskId, { toAt: foldAt + 3_600_000 });
  assert.deepEqual([after.fromAt, after.folded], [foldAt, false], 'not widened to folded days unasked');
});

test('more big audits at once than there is room for are asked to come back', async (t) => {
  const bench = await openServices(t);
  const taskId = await made(bench, 1_000, { policy: 'none' });
  bench.clock.advance(3_600_000);
  for (let n = 0; n < 4; n += 1) await bench.pass(0);
  const asked = await Promise.allSettled(
    Array.from({ length: 60 }, () => bench.history.audit(ME, taskId, { fromAt: T })),
  );
  const busy = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  assert.ok(busy.length > 0 && busy.length <= 38, `${busy.length} refused`);
  for (const error of busy)
    assert.deepEqual([error.code, error.status, error.retryAfter], ['AUDIT_BUSY', 503, 1]);
  for (const one of asked) if (one.status === 'fulfilled') assert.equal(one.value.ok, true);
  assert.equal((await bench.history.audit(ME, taskId, { fromAt: T })).ok, true, 'there is room again');
});
