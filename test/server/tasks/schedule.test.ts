import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createSlotSource } from '../../../server/tasks/schedule.ts';
import type { Schedule } from '../../../shared/task.ts';

test('every: slots are anchorAt + k * everyMs for any k, also before the anchor', () => {
  const source = createSlotSource({ kind: 'every', everyMs: 1_000, anchorAt: 10_300 });
  assert.equal(source.next(0), 300);
  assert.equal(source.next(300), 1_300);
  assert.equal(source.next(-1_000), -700);
  assert.equal(source.next(10_299), 10_300);
  assert.deepEqual(source.countBetween(300, 2_300, 100), { count: 2, lastAt: 1_300 });
  assert.equal(createSlotSource({ kind: 'every', everyMs: 60_000 }).next(60_000), 120_000);
});

test('every: a far backlog is arithmetic', () => {
  const source = createSlotSource({ kind: 'every', everyMs: 1_000 });
  assert.deepEqual(source.countBetween(0, 1e12, 1e12), { count: 1e9, lastAt: 999_999_999_000 });
  assert.equal(source.nthNewest(0, 1e12, 10_000), 1e12 - 10_000_000);
});

test('at: one slot', () => {
  const source = createSlotSource({ kind: 'at', at: 5_000 });
  assert.equal(source.next(4_999), 5_000);
  assert.equal(source.next(5_000), null);
  assert.deepEqual(source.countBetween(5_000, 5_001, 10), { count: 1, lastAt: 5_000 });
  assert.deepEqual(source.countBetween(0, 5_000, 10), { count: 0, lastAt: null });
  assert.equal(source.nthNewest(0, 6_000, 1), 5_000);
  assert.equal(source.nthNewest(0, 6_000, 2), null);
});

test('bounds: a slot at startAt exists, one at endAt does not', () => {
  for (const base of [
    { kind: 'every', everyMs: 60_000 },
    { kind: 'cron', cron: '* * * * *' },
  ] as const) {
    const source = createSlotSource({ ...base, startAt: 600_000, endAt: 720_000 });
    assert.equal(source.next(0), 600_000);
    assert.equal(source.next(600_000), 660_000);
    assert.equal(source.next(660_000), null);
    assert.deepEqual(source.countBetween(0, 1e9, 100), { count: 2, lastAt: 660_000 });
    assert.equal(source.nthNewest(0, 1e9, 2), 600_000);
    assert.equal(source.nthNewest(0, 1e9, 3), null);
  }
  assert.equal(createSlotSource({ kind: 'at', at: 5_000, endAt: 5_000 }).next(0), null);
  assert.equal(createSlotSource({ kind: 'at', at: 5_000, startAt: 5_001 }).next(0), null);
});

test('countBetween stops after limit, and counts nothing for limit 0 or an empty interval', () => {
  const source = createSlotSource({ kind: 'cron', cron: '* * * * * *' });
  assert.deepEqual(source.countBetween(0, 1e12, 100_000), { count: 100_000, lastAt: 99_999_000 });
  assert.deepEqual(source.countBetween(0, 1e12, 0), { count: 0, lastAt: null });
  assert.deepEqual(source.countBetween(1_000, 1_000, 5), { count: 0, lastAt: null });
  assert.deepEqual(source.countBetween(2_000, 1_000, 5), { count: 0, lastAt: null });
});

const schedules: Schedule[] = [
  { kind: 'every', everyMs: 7_000, anchorAt: 123 },
  { kind: 'cron', cron: '*/7 * * * * *' },
  { kind: 'cron', cron: '*/13 1-4 * * *', timezone: 'Europe/Berlin' },
  { kind: 'cron', cron: '30 2 * * *', timezone: 'Europe/Berlin', startAt: 1_774_000_000_000 },
];

test('next, countBetween and nthNewest tell the same story', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...schedules),
      fc.integer({ min: 1_774_600_000_000, max: 1_775_000_000_000 }),
      fc.integer({ min: 0, max: 300_000_000 }),
      fc.integer({ min: 1, max: 40 }),
      (schedule, fromAt, lengthMs, n) => {
        const source = createSlotSource(schedule);
        const toAt = fromAt + lengthMs;
        const first: number[] = [];
        for (
          let at = source.next(fromAt - 1);
          at !== null && at < toAt && first.length < n;
          at = source.next(at)
        ) {
          first.push(at);
        }
        assert.deepEqual(source.countBetween(fromAt, toAt, n), {
          count: first.length,
          lastAt: first.at(-1) ?? null,
        });
        const newest = source.nthNewest(fromAt, toAt, n);
        const { count } = source.countBetween(fromAt, toAt, Number.POSITIVE_INFINITY);
        assert.equal(newest === null, count < n);
        if (newest !== null) assert.equal(source.countBetween(newest, toAt, n + 1).count, n);
      },
    ),
    { seed: 42, numRuns: 300 },
  );
});
