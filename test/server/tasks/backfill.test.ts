/** Backfill: past slots of the task's own segments, in order, only those that need it, in bounds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST_BACKFILLED } from '../../../server/tasks/run-service.ts';
import { runsOf, T, workOff } from '../../helpers/engine-harness.ts';
import { input, ME, openServices, refused } from './support/service-bench.ts';

const every10s = { kind: 'every', everyMs: 10_000 } as const;
const failure = { outcome: 'failed', attemptOutcome: 'failed', error: { code: 'E', message: 'no' } } as const;
const seconds = (runs: { plannedAt: number }[]) => runs.map(({ plannedAt }) => (plannedAt - T) / 1_000);

test('slots without a success, in order and one at a time; `all` takes the others too', async (t) => {
  const { tasks, runs, store, pass } = await openServices(t);
  const { task } = await tasks.create(ME, input({ schedule: every10s }));
  for (let slot = 1; slot <= 5; slot += 1) {
    await pass(10_000, false);
    await workOff(store, () => (slot % 2 === 0 ? failure : {}));
  }
  const range = { fromAt: T + 10_000, toAt: T + 50_000 };
  const asked = await runs.backfill(ME, task.id, range);
  assert.deepEqual(seconds(asked.runs), [20, 40]);
  assert.ok(
    asked.runs.every(
      ({ trigger, verdict, id }) => trigger === 'backfill' && verdict === null && id.includes(':backfill:'),
    ),
  );
  assert.deepEqual(
    (await runsOf(store, task.id)).slice(-2).map(({ state }) => state),
    ['queued', 'held'],
  );
  await workOff(store);
  assert.deepEqual((await runs.backfill(ME, task.id, range)).runs, [], 'they have succeeded by now');
  assert.deepEqual(
    seconds((await runs.backfill(ME, task.id, { ...range, all: true })).runs),
    [10, 20, 30, 40],
  );
});

test('a repeat under its key answers the same runs, also when they have ended', async (t) => {
  const { tasks, runs, store, pass } = await openServices(t);
  const { task } = await tasks.create(ME, input({ schedule: every10s }));
  await pass(10_000, false);
  await workOff(store, () => failure);
  const range = { fromAt: T, toAt: T + 60_000 };
  const first = await runs.backfill(ME, task.id, range, { key: 'k' });
  assert.deepEqual(seconds(first.runs), [10]);
  const again = await runs.backfill(ME, task.id, range, { key: 'k' });
  assert.deepEqual(again, first);
  await workOff(store);
  const later = await runs.backfill(ME, task.id, range, { key: 'k' });
  assert.deepEqual(
    later.runs.map(({ id, state }) => [id, state]),
    [[first.runs[0]?.id, 'succeeded']],
  );
  assert.deepEqual((await runs.backfill(ME, task.id, range, { key: 'l' })).runs, []);
  assert.equal((await runsOf(store, task.id)).length, 2);
});

test('only slots behind the cursor, of stretches that planned them, bounds and maxSlots kept', async (t) => {
  const { tasks, runs, pass } = await openServices(t);
  const { task } = await tasks.create(ME, input({ schedule: { ...every10s, maxSlots: 4 } }));
  await pass(25_000);
  await tasks.pause(ME, task.id);
  await pass(30_000);
  await tasks.resume(ME, task.id);
  await pass(10_000);
  const asked = await runs.backfill(ME, task.id, { fromAt: T, toAt: T + 9_000_000, all: true });
  assert.deepEqual(seconds(asked.runs), [10, 20, 60], '30 to 50 were paused, 70 is to come');
  await pass(500_000);
  const most = await runs.backfill(ME, task.id, { fromAt: T, toAt: T + 9_000_000, all: true });
  assert.deepEqual(seconds(most.runs), [10, 20, 60, 70], 'the fourth is the last');
  const half = await runs.backfill(ME, task.id, { fromAt: T + 20_000, toAt: T + 60_000, all: true });
  assert.deepEqual(seconds(half.runs), [20], 'half-open');
});

test(`at most ${MOST_BACKFILLED} slots, and not more waiting than twice that`, async (t) => {
  const { tasks, runs, store, pass } = await openServices(t);
  const { task } = await tasks.create(
    ME,
    input({ schedule: { kind: 'every', everyMs: 1_000 }, policy: { catchUp: { policy: 'none' } } }),
  );
  for (let n = 0; n < 4; n += 1) await pass(n === 0 ? 2_000_000 : 0);
  const from = T + 1_000;
  await refused('RANGE_TOO_LARGE', runs.backfill(ME, task.id, { fromAt: from, toAt: from + 1_001_000 }));
  const { runs: asked } = await runs.backfill(ME, task.id, { fromAt: from, toAt: from + 1_000_000 });
  assert.equal(asked.length, 1_000);
  await refused('RUN_LIMIT_REACHED', runs.backfill(ME, task.id, { fromAt: from, toAt: from + 1_000_000 }));
  await refused('RANGE_INVALID', runs.backfill(ME, task.id, { fromAt: from, toAt: from }));
  assert.ok((await runsOf(store, task.id)).every(({ plannedAt }) => plannedAt < from + 1_000_000));
});

test('a backfill that would leave too many waiting is refused whole; a repeat under its key is not', async (t) => {
  const { tasks, runs, store, pass } = await openServices(t);
  const { task } = await tasks.create(
    ME,
    input({ schedule: { kind: 'every', everyMs: 1_000 }, policy: { catchUp: { policy: 'none' } } }),
  );
  for (let n = 0; n < 3; n += 1) await pass(n === 0 ? 1_200_000 : 0);
  const from = T + 1_000;
  const most = { fromAt: from, toAt: from + 600_000 };
  await runs.backfill(ME, task.id, most, { key: 'first' });
  const before = (await runsOf(store, task.id)).length;
  await refused(
    'RUN_LIMIT_REACHED',
    runs.backfill(ME, task.id, { fromAt: from + 600_000, toAt: from + 1_199_000 }),
  );
  assert.equal((await runsOf(store, task.id)).length, before);
  assert.equal((await runs.backfill(ME, task.id, most, { key: 'first' })).runs.length, 600);
});

test('the success of a retry is one of its slot', async (t) => {
  const { tasks, runs, store, pass } = await openServices(t);
  const { task } = await tasks.create(ME, input({ schedule: every10s }));
  await pass(10_000, false);
  await workOff(store, () => failure);
  const [failed] = await runsOf(store, task.id);
  await pass(10_000);
  const range = { fromAt: T, toAt: T + 25_000 };
  const { run: again } = await runs.retry(ME, failed!.id);
  await workOff(store, () => failure);
  await runs.retry(ME, again.id);
  await workOff(store);
  assert.deepEqual((await runs.backfill(ME, task.id, range)).runs, []);
  assert.deepEqual(seconds((await runs.backfill(ME, task.id, { ...range, all: true })).runs), [10, 20]);
});

test('moved slots of calendars are backfilled at their own instants, with the nominal one beside', async (t) => {
  const { tasks, runs, store, pass } = await openServices(t);
  const schedule = { ...every10s, spreadMs: 9_000, calendar: 'cn_workdays' } as const;
  const { task } = await tasks.create(ME, input({ schedule }));
  for (let n = 0; n < 4; n += 1) await pass(10_000, false);
  const offset = (await store.getTask(task.id))!.segment.spreadMs;
  assert.ok(offset > 0 && offset < 9_000);
  const { runs: asked } = await runs.backfill(ME, task.id, { fromAt: T, toAt: T + 30_000, all: true });
  assert.ok(asked.length >= 2);
  for (const { id, plannedAt } of asked) {
    assert.equal((plannedAt - offset) % 10_000, 0);
    assert.equal((await runs.get(ME, id)).nominalAt, plannedAt - offset);
  }
});
