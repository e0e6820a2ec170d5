import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkSchedule } from '../../../server/tasks/validate-schedule.ts';
import { ERROR_CODES } from '../../../shared/errors.ts';
import type { Schedule } from '../../../shared/task.ts';
import { cronPattern } from './cron-samples.ts';

const NOW = Date.UTC(2026, 10, 23, 8);
const DAY = 86_400_000;

function codes(schedule: unknown): string[] {
  return checkSchedule(schedule as Schedule, NOW).map(({ code, path }) => `${code} ${path}`);
}

const TAKEN: Schedule[] = [
  { kind: 'cron', cron: '0 9 * * 1-5' },
  { kind: 'cron', cron: '*/5 * * * * *', timezone: 'UTC' },
  { kind: 'cron', cron: '0 0 L * ?', timezone: 'Asia/Kolkata' },
  { kind: 'cron', cron: '0 0 29 2 *', timezone: 'Asia/Calcutta' },
  { kind: 'cron', cron: '0 0 29 2 +1', timezone: 'America/Argentina/Buenos_Aires' },
  {
    kind: 'cron',
    cron: ' 0 9 * JAN-MAR MON ',
    timezone: 'Europe/Kyiv',
    startAt: null,
    endAt: null,
    maxSlots: null,
  },
  { kind: 'cron', cron: '* * * * *', timezone: 'America/Port-au-Prince', calendar: 'all', spreadMs: 0 },
  { kind: 'every', everyMs: 1_000, spreadMs: 999, calendar: 'cn_holidays' },
  { kind: 'cron', cron: '0 9 * * 1', spreadMs: DAY, calendar: 'cn_workdays' },
  { kind: 'cron', cron: '59 0,23 * * 1', spreadMs: DAY - 3_600_001 },
  { kind: 'cron', cron: '0 0 9 * * * 2030' },
  { kind: 'cron', cron: '0 30 8 1,15 * 1-5 2026-2030/2', timezone: 'Asia/Shanghai' },
  { kind: 'cron', cron: '0 0 0 * * * */5' },
  { kind: 'cron', cron: '0 0 0 * * * *' },
  { kind: 'at', at: Date.UTC(2026, 11, 26), calendar: 'cn_holidays', spreadMs: DAY },
  {
    kind: 'every',
    everyMs: 366 * DAY,
    anchorAt: 0,
    startAt: NOW,
    endAt: NOW + 400 * DAY,
    maxSlots: 1_000_000_000,
  },
  { kind: 'at', at: NOW + 1 },
  { kind: 'at', at: NOW - 60_000 },
];

test('what is taken', () => {
  for (const schedule of TAKEN) assert.deepEqual(codes(schedule), [], JSON.stringify(schedule));
});

const REFUSED: [expected: string, schedule: unknown][] = [
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '@daily' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '* * * *' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '* * * * * * * *' }],
  ['SCHEDULE_NEVER_FIRES schedule.cron', { kind: 'cron', cron: '0 0 0 * * * 2020' }],
  ['SCHEDULE_NEVER_FIRES schedule.cron', { kind: 'cron', cron: '0 0 0 29 2 * 2030-2031' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '0 0 9 * * * 1969' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '0 0 9 * * * 2100' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '0 0 9 * * * */500' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '0 0 9 * * * 2028/2' }],
  ['SCHEDULE_UNSUPPORTED schedule.cron', { kind: 'cron', cron: '0 0 9 * * * */4' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '61 * * * *' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '* * 0 * *' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '5/15 * * * *' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '0 22-2 * * *' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '0 0 L-2 * *' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '0 0 * * MONDAY' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: 'H * * * *' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: '*\t* * * *' }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: `${'0,'.repeat(60)}0 * * * *` }],
  ['SCHEDULE_INVALID schedule.cron', { kind: 'cron', cron: 5 }],
  ['SCHEDULE_NEVER_FIRES schedule.cron', { kind: 'cron', cron: '0 0 30 2 *' }],
  ['SCHEDULE_NEVER_FIRES schedule.cron', { kind: 'cron', cron: '0 0 15W * +1L' }],
  ['SCHEDULE_NEVER_FIRES schedule.cron', { kind: 'cron', cron: '0 9 * * *', endAt: NOW + 3_600_000 }],
  ['SCHEDULE_NEVER_FIRES schedule.endAt', { kind: 'cron', cron: '* * * * *', endAt: NOW }],
  [
    'SCHEDULE_NEVER_FIRES schedule.everyMs',
    { kind: 'every', everyMs: 10 * DAY, startAt: NOW, endAt: NOW + 1 },
  ],
  ['SCHEDULE_NEVER_FIRES schedule.at', { kind: 'at', at: NOW + DAY, endAt: NOW + DAY }],
  ...[
    'CST',
    '',
    'UTC+8',
    '+08:00',
    'Asia/Beijing',
    'asia/shanghai',
    'Etc/GMT+8',
    'Mars/Olympus',
    'PRC',
    8,
    'A'.repeat(1e5),
  ].map((timezone): [string, unknown] => [
    'TIMEZONE_INVALID schedule.timezone',
    { kind: 'cron', cron: '* * * * *', timezone },
  ]),
  ['SCHEDULE_INVALID schedule.everyMs', { kind: 'every', everyMs: 999 }],
  ['SCHEDULE_INVALID schedule.everyMs', { kind: 'every', everyMs: 1_000.5 }],
  ['SCHEDULE_INVALID schedule.everyMs', { kind: 'every', everyMs: 366 * DAY + 1 }],
  ['SCHEDULE_INVALID schedule.everyMs', { kind: 'every', everyMs: '1000' }],
  ['SCHEDULE_INVALID schedule.anchorAt', { kind: 'every', everyMs: 1_000, anchorAt: 0.5 }],
  ['SCHEDULE_IN_PAST schedule.at', { kind: 'at', at: NOW - 60_001 }],
  ['SCHEDULE_INVALID schedule.at', { kind: 'at', at: 253_402_300_800_000 }],
  ['SCHEDULE_INVALID schedule.at', { kind: 'at', at: Number.NaN }],
  ['SCHEDULE_INVALID schedule.at', { kind: 'at', at: -1 }],
  ['SCHEDULE_INVALID schedule.startAt', { kind: 'every', everyMs: 1_000, startAt: 1.5 }],
  ['SCHEDULE_INVALID schedule.endAt', { kind: 'every', everyMs: 1_000, startAt: NOW, endAt: NOW }],
  ['SCHEDULE_INVALID schedule.maxSlots', { kind: 'every', everyMs: 1_000, maxSlots: 0 }],
  ['SCHEDULE_INVALID schedule.maxSlots', { kind: 'every', everyMs: 1_000, maxSlots: 1e9 + 1 }],
  ['SCHEDULE_INVALID schedule.calendar', { kind: 'every', everyMs: 1_000, calendar: 'us_workdays' }],
  ['SCHEDULE_INVALID schedule.spreadMs', { kind: 'every', everyMs: 1_000, spreadMs: 1_000 }],
  ['SCHEDULE_INVALID schedule.spreadMs', { kind: 'every', everyMs: 1_000, spreadMs: 0.5 }],
  ['SCHEDULE_INVALID schedule.spreadMs', { kind: 'every', everyMs: 1_000, spreadMs: -1 }],
  ['SCHEDULE_INVALID schedule.spreadMs', { kind: 'at', at: NOW + 1, spreadMs: DAY + 1 }],
  ['SCHEDULE_INVALID schedule.spreadMs', { kind: 'cron', cron: '*/10 * * * * *', spreadMs: 10_000 }],
  // 23:59 and 00:00 of neighbouring days.
  ['SCHEDULE_INVALID schedule.spreadMs', { kind: 'cron', cron: '59 0,23 * * *', spreadMs: 3_600_000 }],
  ['SCHEDULE_INVALID schedule.spreadMs', { kind: 'cron', cron: '0 9 * * *', spreadMs: DAY }],
  ['SCHEDULE_NEVER_FIRES schedule.at', { kind: 'at', at: Date.UTC(2026, 11, 26), calendar: 'cn_workdays' }],
  [
    'SCHEDULE_NEVER_FIRES schedule.everyMs',
    // Saturdays for ever.
    {
      kind: 'every',
      everyMs: 7 * DAY,
      anchorAt: Date.UTC(2027, 0, 2),
      startAt: Date.UTC(2027, 0, 1),
      calendar: 'cn_workdays',
    },
  ],
  ['SCHEDULE_INVALID schedule.kind', { kind: 'rrule' }],
];

for (const [expected, schedule] of REFUSED) {
  test(`${expected}: ${JSON.stringify(schedule).slice(0, 70)}`, () =>
    assert.deepEqual(codes(schedule), [expected]));
}

test('all problems are told at once, with codes of the table and short messages of our own', () => {
  const cron = '<script>alert(1)</script>';
  const schedule = { kind: 'cron', cron, timezone: 'CST', maxSlots: -1, spreadMs: -7 } as unknown as Schedule;
  const problems = checkSchedule(schedule, NOW);
  assert.equal(problems.length, 4);
  for (const { code, message } of problems) {
    assert.ok(code in ERROR_CODES);
    for (const text of [message.zh, message.en]) {
      assert.ok(text.length > 0 && text.length < 120);
      assert.ok(!text.includes(cron) && !/croner|CronPattern/.test(text));
    }
  }
});

test('the field that cannot be read is named', () => {
  const message = (cron: string) => checkSchedule({ kind: 'cron', cron }, NOW)[0]!.message;
  assert.match(message('0 25 * * *').zh, /时（0-23）/);
  assert.match(message('0 25 * * *').en, /hours/);
  assert.match(message('99 0 0 * * *').en, /seconds/);
  assert.match(message('0 0 * * 8').en, /day of week/);
});

test('a pattern that others take is refused with what to write instead', () => {
  const message = (cron: string) => checkSchedule({ kind: 'cron', cron }, NOW)[0]!.message.en;
  assert.match(message('0 5/15 * * * * *'), /: 0 5-59\/15 \* \* \* \* \*$/);
  assert.match(message('5/15 22-2 * * *'), /: 5-59\/15 22-23,0-2 \* \* \*$/);
  assert.match(message('0 0 9 * * 1/2 2026/2'), /: 0 0 9 \* \* 1-6\/2 2026-2099\/2$/);
  assert.match(message('0 0 9 * * * */4'), /1972-2099\/4 or 1970-2099\/4/);
});

test('random texts and patterns never throw and never take long', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 130 }),
    fc
      .array(fc.constantFrom(...'0123456789*/-,?LW#+ '.split('')), { maxLength: 40 })
      .map((chars) => chars.join('')),
    cronPattern,
  );
  let slowestMs = 0;
  fc.assert(
    fc.property(text, (cron) => {
      const from = process.hrtime.bigint();
      checkSchedule({ kind: 'cron', cron, timezone: 'Europe/Berlin' }, NOW);
      slowestMs = Math.max(slowestMs, Number(process.hrtime.bigint() - from) / 1e6);
    }),
    { seed: 3, numRuns: 2_000 },
  );
  assert.ok(slowestMs < 250, `${slowestMs} ms`);
});
