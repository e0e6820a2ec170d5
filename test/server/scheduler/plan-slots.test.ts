/** The borders of the catch-up rules, each at its exact millisecond. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planSlots } from '../../../server/scheduler/plan-slots.ts';
import { createSegmentSource } from '../../../server/tasks/segment-source.ts';
import type { CatchUp } from '../../../shared/task.ts';
import { applied, inShort, plan, plannedTask, T } from './support/planned.ts';

const everyMinute = { kind: 'every', everyMs: 60_000 } as const;
const everySecond = { kind: 'every', everyMs: 1_000 } as const;
/** Every ten seconds: slots at 10, 20, … seconds after T. */
const every10s = { kind: 'every', everyMs: 10_000 } as const;

test('nothing is owed before the slot; it is fired at its instant and up to 1,000 ms after it', () => {
  const task = plannedTask(everyMinute);
  assert.equal(plan(task, T + 59_999), null);
  for (const lateMs of [0, 1, 999, 1_000]) {
    assert.deepEqual(plan(task, T + 60_000 + lateMs), {
      decisions: [{ kind: 'fire', plannedAt: T + 60_000, nominalAt: T + 60_000, day: '20261123' }],
      nextCursorAt: T + 60_000,
      nextAt: T + 120_000,
      episode: null,
      ends: false,
    });
  }
});

test('1,001 ms after it the slot is late: an episode, worked off at once', () => {
  const late = plan(plannedTask(everyMinute), T + 61_001);
  assert.deepEqual(late && inShort(late.decisions), ['catch_up 60']);
  assert.equal(late?.episode, null, 'nothing of it is left');
});

test('a slot exactly 1,000 ms old stands at the border: late ones before it, it is on time itself', () => {
  const owed = plan(plannedTask(everySecond), T + 4_000);
  assert.deepEqual(owed && inShort(owed.decisions), ['catch_up 1', 'catch_up 2', 'fire 3', 'fire 4']);
});

test('exactly 1,000 ms late opens no episode, so what is left of it is judged by its own age', () => {
  const first = plan(plannedTask(everySecond), T + 2_000, 1);
  assert.deepEqual(first && inShort(first.decisions), ['fire 1']);
  assert.equal(first?.episode, null);
});

/** What becomes of owed slots, every 10 s, when the first pass comes `nowS` seconds after T. */
const table: { name: string; catchUp: CatchUp; nowS: number; expected: string[] }[] = [
  {
    name: 'a slot exactly windowMs old is inside the window',
    catchUp: { windowMs: 30_000 },
    nowS: 50,
    expected: ['outside_catch_up_window 10..10 ×1', 'catch_up 20', 'catch_up 30', 'catch_up 40', 'fire 50'],
  },
  {
    name: 'and one ms more is outside',
    catchUp: { windowMs: 29_999 },
    nowS: 50,
    expected: ['outside_catch_up_window 10..20 ×2', 'catch_up 30', 'catch_up 40', 'fire 50'],
  },
  {
    name: 'a window shorter than the lateness border catches nothing up',
    catchUp: { windowMs: 1_000 },
    nowS: 31.5,
    expected: ['outside_catch_up_window 10..30 ×3'],
  },
  {
    name: 'no window at all',
    catchUp: { windowMs: 0 },
    nowS: 31,
    expected: ['outside_catch_up_window 10..20 ×2', 'fire 30'],
  },
  {
    name: 'maxRuns exactly reached skips nothing',
    catchUp: { maxRuns: 3 },
    nowS: 31.5,
    expected: ['catch_up 10', 'catch_up 20', 'catch_up 30'],
  },
  {
    name: 'one more than maxRuns: the oldest is skipped',
    catchUp: { maxRuns: 2 },
    nowS: 31.5,
    expected: ['catch_up_limit 10..10 ×1', 'catch_up 20', 'catch_up 30'],
  },
  {
    name: 'an on-time slot does not count for maxRuns',
    catchUp: { maxRuns: 2 },
    nowS: 31,
    expected: ['catch_up 10', 'catch_up 20', 'fire 30'],
  },
  {
    name: 'latest: the newest late one, whatever maxRuns says',
    catchUp: { policy: 'latest', maxRuns: 10 },
    nowS: 31.5,
    expected: ['coalesced 10..20 ×2', 'catch_up 30'],
  },
  {
    name: 'latest: an on-time slot does not take its place',
    catchUp: { policy: 'latest' },
    nowS: 31,
    expected: ['coalesced 10..10 ×1', 'catch_up 20', 'fire 30'],
  },
  {
    name: 'latest: outside the window there is none',
    catchUp: { policy: 'latest', windowMs: 1_200 },
    nowS: 31.5,
    expected: ['outside_catch_up_window 10..30 ×3'],
  },
  {
    name: 'none: late ones are skipped, what is on time is fired',
    catchUp: { policy: 'none' },
    nowS: 31,
    expected: ['catch_up_off 10..20 ×2', 'fire 30'],
  },
  {
    name: 'none: the window is judged first',
    catchUp: { policy: 'none', windowMs: 15_000 },
    nowS: 31,
    expected: ['outside_catch_up_window 10..10 ×1', 'catch_up_off 20..20 ×1', 'fire 30'],
  },
  {
    name: 'window and maxRuns together',
    catchUp: { windowMs: 30_000, maxRuns: 1 },
    nowS: 50,
    expected: ['outside_catch_up_window 10..10 ×1', 'catch_up_limit 20..30 ×2', 'catch_up 40', 'fire 50'],
  },
];

for (const { name, catchUp, nowS, expected } of table) {
  test(`catch-up: ${name}`, () => {
    const owed = plan(plannedTask(every10s, catchUp), T + nowS * 1_000);
    assert.deepEqual(owed && inShort(owed.decisions), expected);
    assert.equal(owed?.episode, null);
  });
}

test('the defaults are all, one day, 100 runs', () => {
  const hourly = plannedTask({ kind: 'every', everyMs: 3_600_000 }, {});
  const day = plan(hourly, T + 25 * 3_600_000);
  assert.deepEqual(day && inShort(day.decisions).slice(0, 2), ['catch_up 3600', 'catch_up 7200']);
  const more = plan(hourly, T + 25 * 3_600_000 + 1);
  assert.deepEqual(more && inShort(more.decisions)[0], 'outside_catch_up_window 3600..3600 ×1');
  const minutely = plan(plannedTask(everyMinute, {}), T + 101 * 60_000 + 1_001, 1_000);
  assert.deepEqual(minutely && inShort(minutely.decisions).slice(0, 2), [
    'catch_up_limit 60..60 ×1',
    'catch_up 120',
  ]);
});

test('a slot source that goes backwards is an error and not a loop', () => {
  const task = plannedTask(every10s);
  const source = createSegmentSource(task.segment);
  const back = { ...source, next: (at: number) => (at === T ? T + 10_000 : T + 5_000) };
  assert.throws(() => planSlots(task, T + 10_000, back, { slots: 10 }), /went backwards/);
  for (const at of [T, T + 10_000]) {
    const still = { ...source, next: () => at };
    assert.throws(() => planSlots(task, T + 10_000, still, { slots: 10 }), /went backwards/);
  }
});

test('what comes before the cursor is never looked at again', () => {
  const task = plannedTask(every10s);
  const first = plan(task, T + 20_000);
  assert.ok(first !== null);
  assert.equal(plan(applied(task, first), T + 29_999), null);
  assert.equal(plan(applied(task, first), T + 5_000), null, 'also after the clock went back');
});
