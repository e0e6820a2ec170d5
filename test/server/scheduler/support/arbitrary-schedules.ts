/** Random schedules, catch-up policies and commands, around instants where time itself is odd. */
import fc from 'fast-check';
import { longestSpread } from '../../../../server/tasks/spread.ts';
import type { CatchUp, Schedule } from '../../../../shared/task.ts';
import type { Command } from './simulation.ts';

/** Around DST changes of several zones, and an ordinary day. */
export const starts = [
  Date.UTC(2026, 2, 28, 22), // Berlin springs forward on 29 March
  Date.UTC(2026, 9, 24, 20), // and falls back on 25 October
  Date.UTC(2026, 2, 8, 4), // New York
  Date.UTC(2026, 3, 23, 20), // Cairo, at midnight
  Date.UTC(2026, 3, 4, 12), // Lord Howe, half an hour
  Date.UTC(2026, 10, 23, 7),
];
const zones = [
  'Europe/Berlin',
  'America/New_York',
  'Africa/Cairo',
  'Australia/Lord_Howe',
  'Asia/Shanghai',
  'UTC',
];
const patterns = [
  '*/7 * * * * *',
  '*/5 * * * *',
  '0 * * * *',
  '*/15 2 * * *',
  '30 2 * * *',
  '0 0 * * *',
  '10,50 */3 * * *',
];

export const scheduleKind = (start: number): fc.Arbitrary<Schedule> =>
  fc.oneof(
    fc.record({
      kind: fc.constant('every' as const),
      everyMs: fc.constantFrom(1_000, 1_500, 7_000, 60_000, 3_600_000),
      anchorAt: fc.constantFrom(0, 123, -77_777, start + 5),
    }),
    fc.record({
      kind: fc.constant('cron' as const),
      cron: fc.constantFrom(...patterns),
      timezone: fc.constantFrom(...zones),
    }),
    fc.record({
      kind: fc.constant('at' as const),
      at: fc.integer({ min: start - 50_000, max: start + 20_000_000 }),
    }),
  );

export const boundedSchedule = (start: number): fc.Arbitrary<Schedule> =>
  fc
    .tuple(
      scheduleKind(start),
      fc.option(fc.integer({ min: 1, max: 400 }), { freq: 3 }),
      fc.option(fc.integer({ min: 0, max: 9_000_000 }), { freq: 4 }),
      fc.option(fc.integer({ min: 9_000_000, max: 40_000_000 }), { freq: 4 }),
      // Most of the starts lie on a weekend.
      fc.constantFrom('all' as const, 'all' as const, 'cn_workdays' as const, 'cn_holidays' as const),
      fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 2 }),
    )
    .map(([schedule, maxSlots, startIn, endIn, calendar, share]) => ({
      ...schedule,
      ...(calendar === 'all' ? {} : { calendar }),
      ...(share === null ? {} : { spreadMs: Math.floor(share * longestSpread(schedule)) }),
      ...(maxSlots === null ? {} : { maxSlots }),
      ...(startIn === null ? {} : { startAt: start + startIn }),
      ...(endIn === null ? {} : { endAt: start + endIn }),
    }));

const windows = [1_000, 60_000, 7_200_000, 86_400_000] as const;
export const catchUps: fc.Arbitrary<CatchUp> = fc.record(
  {
    policy: fc.constantFrom('all' as const, 'latest' as const, 'none' as const),
    windowMs: fc.constantFrom(...windows),
    maxRuns: fc.constantFrom(1, 2, 10, 100),
  },
  { requiredKeys: [] },
);

/** How long after a slot a pass comes: the borders of lateness and of the windows, and either side of them. */
const edges = [0, 0, 1_000, 1_000, 1_001, 59_999, 60_000, 60_001, 7_200_000, 86_400_000];

const pastSlotMs: fc.Arbitrary<number | null> = fc.option(fc.constantFrom(...edges), { freq: 2 });

const passing: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('pass' as const),
  // On time, a bit late, a short and (more rarely) a long downtime.
  aheadMs: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 1_200 }) },
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 90_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 9_000_000 }) },
  ),
  pastSlotMs,
  slots: fc.constantFrom(1, 3, 50),
  crash: fc.constantFrom(
    'none' as const,
    'none' as const,
    'none' as const,
    'before' as const,
    'after' as const,
  ),
});

/** `changes`: how often the life of the task changes, against 8 passes. */
export const command = (start: number, changes: number): fc.Arbitrary<Command> =>
  fc.oneof(
    { weight: 8, arbitrary: passing },
    {
      weight: changes,
      arbitrary: fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const) }),
    },
    {
      weight: changes,
      arbitrary: fc.record({ kind: fc.constant('edit' as const), schedule: boundedSchedule(start) }),
    },
    {
      weight: Math.max(0, changes - 1),
      arbitrary: fc.record({ kind: fc.constantFrom('close to end' as const, 'close to pause' as const) }),
    },
  );
