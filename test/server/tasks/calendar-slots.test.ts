/** Patterns with years, zones and calendars against an enumeration that shares nothing with the product. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSlotSource } from '../../../server/tasks/schedule.ts';
import { longestSpread } from '../../../server/tasks/spread.ts';
import { transitionsBetween } from '../../../server/tasks/zone-offsets.ts';
import type { Schedule } from '../../../shared/task.ts';
import { dateCounts, localDate } from '../../helpers/brute-days.ts';
import { bruteSlots } from '../../helpers/brute-slots.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Africa/Cairo',
  'Africa/Casablanca',
  'Australia/Lord_Howe',
  'America/Santiago',
  'America/St_Johns',
  'Pacific/Apia',
  'Pacific/Kiritimati',
  'Asia/Shanghai',
];
/** Near changes of the clocks, month ends, leap days, turns of the year, holidays and make-up days. */
const instants = fc.constantFrom(...ZONES).chain((timezone) => {
  const transitions = transitionsBetween(Date.UTC(1993, 0, 1), Date.UTC(2029, 0, 1), timezone).map(
    ({ at }) => at,
  );
  const odd = [
    Date.UTC(2011, 11, 29),
    Date.UTC(1994, 11, 31),
    Date.UTC(2024, 1, 28),
    Date.UTC(2027, 1, 27),
    Date.UTC(2026, 8, 30),
    Date.UTC(2025, 0, 25),
    Date.UTC(2026, 11, 31),
    Date.UTC(2004, 0, 16),
  ];
  return fc
    .tuple(fc.constantFrom(...odd, ...transitions), fc.integer({ min: -40 * HOUR, max: 40 * HOUR }))
    .map(([at, by]) => ({ timezone, fromAt: Math.floor((at + by) / 1_000) * 1_000 }));
});

const field = (...texts: string[]) => fc.constantFrom(...texts);
const calendar = fc.constantFrom('all' as const, 'cn_workdays' as const, 'cn_holidays' as const);
const pattern = fc
  .tuple(
    field('0', '0', '30', '*/20'),
    field('0', '15', '30', '*/10', '59'),
    field('0', '2', '2,3', '8', '*/6', '*', '23'),
    field('*', '*', '1', '29', '31', 'L', '15W', '1,15', '*/7'),
    field('*', '*', '*', '2', '9-12', '1,3,10,11'),
    field('*', '*', '*', '1-5', '0,6', '5L', '1#1', '+1'),
    field('*', '*', '2026', '2024-2028', '2004,2011,2012,2024,2027', '2000-2040/4', '*/5'),
  )
  .map((fields) => fields.join(' '));

test('next, countBetween and nthNewest agree with the enumeration, over the whole of it', () => {
  let slots = 0;
  let left = 0;
  fc.assert(
    fc.property(
      pattern,
      instants,
      calendar,
      fc.integer({ min: 1, max: 60 }),
      (cron, { timezone, fromAt }, days, n) => {
        const schedule: Schedule = { kind: 'cron', cron, timezone, calendar: days };
        const toAt = fromAt + 5 * DAY;
        const expected = bruteSlots(schedule, fromAt, toAt);
        const source = createSlotSource(schedule);
        const found: number[] = [];
        for (let at = source.next(fromAt - 1); at !== null && at < toAt; at = source.next(at)) found.push(at);
        assert.deepEqual(
          found,
          expected,
          `${cron} ${days} ${timezone} from ${new Date(fromAt).toISOString()}`,
        );
        const counted = expected.slice(0, n);
        assert.deepEqual(source.countBetween(fromAt, toAt, n), {
          count: counted.length,
          lastAt: counted.at(-1) ?? null,
        });
        assert.equal(source.nthNewest(fromAt, toAt, n), expected.at(-n) ?? null);
        slots += expected.length;
        if (days !== 'all') left += 1;
      },
    ),
    { seed: 20_261_123, numRuns: 350 },
  );
  assert.ok(slots > 1_500 && left > 200, `${slots} slots, ${left} calendars`);
});

test('intervals and single instants on days of a calendar', () => {
  fc.assert(
    fc.property(
      instants,
      fc.constantFrom(HOUR, 7 * HOUR, DAY, 36 * HOUR, 7 * DAY),
      fc.integer({ min: 0, max: 7 * DAY }),
      fc.constantFrom('cn_workdays' as const, 'cn_holidays' as const),
      fc.integer({ min: 1, max: 3_000 }),
      ({ fromAt }, everyMs, anchorAt, days, n) => {
        const schedule: Schedule = { kind: 'every', everyMs, anchorAt, calendar: days };
        const toAt = fromAt + 20 * everyMs + 4 * DAY;
        const expected = bruteSlots(schedule, fromAt, toAt);
        const source = createSlotSource(schedule);
        const found: number[] = [];
        for (let at = source.next(fromAt - 1); at !== null && at < toAt; at = source.next(at)) found.push(at);
        assert.deepEqual(found, expected);
        assert.equal(source.countBetween(fromAt, toAt, Number.POSITIVE_INFINITY).count, expected.length);
        assert.equal(source.nthNewest(fromAt, toAt, n), expected.at(-n) ?? null);
        const once = createSlotSource({ kind: 'at', at: fromAt, calendar: days });
        const counts = dateCounts(days, localDate(fromAt, 'Asia/Shanghai'));
        assert.equal(once.next(fromAt - 1), counts ? fromAt : null);
      },
    ),
    { seed: 11, numRuns: 120 },
  );
});

test('far years: the next one that a pattern names, and none behind the last', () => {
  const next = (cron: string, more: Partial<Schedule> = {}) =>
    createSlotSource({ kind: 'cron', cron, timezone: 'UTC', ...more } as Schedule).next(
      Date.UTC(2026, 10, 23),
    );
  assert.equal(next('0 0 0 29 2 * 2090-2099'), Date.UTC(2092, 1, 29));
  assert.equal(next('0 0 0 29 2 * 2097-2099'), null);
  assert.equal(next('0 0 0 1 1 * 2099'), Date.UTC(2099, 0, 1));
  assert.equal(next('0 0 0 1 1 * 2026'), null);
  assert.equal(next('59 59 23 31 12 * 2026'), Date.UTC(2026, 11, 31, 23, 59, 59));
  // 1 October is a holiday as far as the plans go, and a Friday in 2027.
  assert.equal(next('0 0 1 10 *', { calendar: 'cn_workdays' }), Date.UTC(2027, 9, 1));
});

test('a pattern that never meets its calendar has no slot, at a bounded cost', () => {
  const never: Schedule[] = [
    { kind: 'cron', cron: '0 0 * * 6', calendar: 'cn_workdays' },
    { kind: 'cron', cron: '* * * * * 1-5', timezone: 'Australia/Lord_Howe', calendar: 'cn_holidays' },
    { kind: 'every', everyMs: 7 * DAY, anchorAt: Date.UTC(2027, 0, 2), calendar: 'cn_workdays' },
  ];
  for (const schedule of never) {
    const before = process.cpuUsage();
    assert.equal(createSlotSource(schedule).next(Date.UTC(2027, 0, 1)), null);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 1_000_000, `${(user + system) / 1_000} ms of processor time`);
  }
  // Those who wait long are found all the same: a first of the month on a Saturday or Sunday.
  const rare = createSlotSource({ kind: 'cron', cron: '0 0 0 29 2 * *', calendar: 'cn_holidays' });
  assert.equal(rare.next(Date.UTC(2027, 0, 1)), Date.UTC(2032, 1, 28, 16), '29 February 2032 is a Sunday');
});

test('the longest spread stays below the shortest interval that slots ever have', () => {
  const shortest = (cron: string, fromAt: number, days: number) => {
    const slots = bruteSlots({ kind: 'cron', cron, timezone: 'UTC' }, fromAt, fromAt + days * DAY);
    return Math.min(...slots.slice(1).map((at, index) => at - (slots[index] as number)));
  };
  for (const [cron, days] of [
    ['*/7 * * * *', 2],
    ['59 0,23 * * *', 3],
    ['59 0,23 * * 1', 15],
    ['0 0,23 1,15 * *', 40],
    ['0 0,23 L,1 * *', 40],
    ['10,11 8 * * *', 3],
    ['0 0 9,9,21 1 1 * 2027', 80],
  ] as const) {
    const found = shortest(cron, Date.UTC(2026, 11, 1), days);
    assert.equal(longestSpread({ kind: 'cron', cron }), Math.min(found - 1, DAY), cron);
  }
});
