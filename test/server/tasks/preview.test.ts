import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastCoveredYear } from '../../../server/tasks/calendar.ts';
import { closerThanRunWarning, previewSchedule as preview } from '../../../server/tasks/preview.ts';
import { scheduleWords } from '../../../server/tasks/schedule-words.ts';
import type { Schedule } from '../../../shared/task.ts';

const previewSchedule = (...args: Parameters<typeof preview>) => preview(...args).answer;
const NOW = Date.parse('2026-02-01T00:00:00Z');
const BERLIN = 'Europe/Berlin';

function warnings(cron: string, timezone: string, more: Partial<Schedule> = {}): [string, string, string][] {
  const schedule = { kind: 'cron', cron, timezone, ...more } as Schedule;
  return previewSchedule(schedule, NOW, 1, 'en').warnings.map(({ code, message, at }) => [
    code,
    at === null ? '' : new Date(at).toISOString(),
    message,
  ]);
}

test('the next slots with local time and offset', () => {
  const {
    fires,
    words,
    warnings: none,
  } = previewSchedule({ kind: 'cron', cron: '0 9 * * *' }, NOW, 2, 'zh-CN');
  assert.deepEqual(fires, [
    {
      plannedAt: Date.parse('2026-02-01T01:00Z'),
      nominalAt: Date.parse('2026-02-01T01:00Z'),
      local: '2026-02-01 09:00:00 +08:00',
    },
    {
      plannedAt: Date.parse('2026-02-02T01:00Z'),
      nominalAt: Date.parse('2026-02-02T01:00Z'),
      local: '2026-02-02 09:00:00 +08:00',
    },
  ]);
  assert.equal(words, '每天 09:00（Asia/Shanghai）');
  assert.deepEqual(none, []);
});

test('maxSlots and bounds limit what is shown; an at just passed is shown', () => {
  assert.equal(
    previewSchedule({ kind: 'every', everyMs: 1_000, maxSlots: 3 }, NOW, 50, 'en').fires.length,
    3,
  );
  assert.equal(
    previewSchedule({ kind: 'every', everyMs: 1_000, endAt: NOW + 2_500 }, NOW, 50, 'en').fires.length,
    2,
  );
  assert.equal(previewSchedule({ kind: 'at', at: NOW - 1_000 }, NOW, 5, 'en').fires.length, 1);
});

test('a schedule that never fires says so', () => {
  const answer = previewSchedule({ kind: 'cron', cron: '0 0 30 2 *' }, NOW, 5, 'en');
  assert.deepEqual(answer.fires, []);
  assert.deepEqual(
    answer.warnings.map(({ code }) => code),
    ['NEVER_FIRES'],
  );
});

test('a fixed time in the gap: one warning, with the time it moves to', () => {
  assert.deepEqual(warnings('30 2 * * *', BERLIN), [
    [
      'DST_GAP',
      '2026-03-29T01:00:00.000Z',
      'On 2026-03-29 clocks in Europe/Berlin jump from 02:00 to 03:00; 02:30 does not exist that day: this slot fires at 03:00 instead.',
    ],
  ]);
  assert.equal(warnings('0 0 * * *', 'Africa/Cairo')[0]?.[0], 'DST_GAP');
});

test('wildcards in the hour: left out once, doubled once', () => {
  assert.deepEqual(warnings('*/15 2 * * *', BERLIN), [
    [
      'DST_GAP',
      '2026-03-29T01:00:00.000Z',
      'On 2026-03-29 clocks in Europe/Berlin jump from 02:00 to 03:00: 4 slots in between will not fire.',
    ],
    [
      'DST_OVERLAP',
      '2026-10-25T01:00:00.000Z',
      'On 2026-10-25 clocks in Europe/Berlin go back from 03:00 to 02:00 and this stretch passes twice: 4 slots in it will fire twice.',
    ],
  ]);
  assert.deepEqual(
    warnings('0 1-5 * * *', BERLIN).map(([code]) => code),
    ['DST_GAP', 'DST_OVERLAP'],
  );
  assert.match(
    warnings('0 * * * *', 'Australia/Lord_Howe')
      .map(([code]) => code)
      .join(),
    /DST_GAP/,
  );
});

test('no warning where nothing is felt', () => {
  assert.deepEqual(warnings('0 9 * * *', BERLIN), []);
  assert.deepEqual(warnings('*/15 * * * *', BERLIN), []);
  assert.deepEqual(warnings('* * * * * *', BERLIN), []);
  assert.deepEqual(warnings('*/30 * * * *', 'Australia/Lord_Howe'), []);
  assert.deepEqual(warnings('30 2 * * 1-5', BERLIN), []);
  assert.deepEqual(warnings('30 2 * * *', 'Asia/Shanghai'), []);
  assert.deepEqual(warnings('30 2 * * *', BERLIN, { endAt: Date.parse('2026-03-29T00:00Z') }), []);
  assert.deepEqual(warnings('30 2 * * *', BERLIN, { startAt: Date.parse('2026-03-30T00:00Z') }), []);
  assert.deepEqual(warnings('30 2 * * *', BERLIN, { maxSlots: 5 }), []);
});

test('the same in Chinese', () => {
  const schedule: Schedule = { kind: 'cron', cron: '*/20 2 * * *', timezone: BERLIN };
  assert.deepEqual(
    previewSchedule(schedule, NOW, 1, 'zh-CN').warnings.map(({ message }) => message),
    [
      '2026-03-29 Europe/Berlin 的时钟从 02:00 拨到 03:00：其间的 3 次不会触发。',
      '2026-10-25 Europe/Berlin 的时钟从 03:00 拨回 02:00，这段时间过两遍：其间的 3 次各触发两次。',
    ],
  );
});

test('slots closer than a run', () => {
  assert.deepEqual(closerThanRunWarning(30_000, 45_000, NOW, 'en'), {
    code: 'CLOSER_THAN_RUN',
    message:
      'Slots come as close as 30 seconds, but a run takes about 45 seconds: the next one is due before the last has ended.',
    at: NOW,
  });
});

test('a calendar: only its days, and a warning from the first slot beyond the published years', () => {
  const schedule: Schedule = { kind: 'cron', cron: '30 8 * * *', calendar: 'cn_workdays' };
  const answer = previewSchedule(schedule, Date.parse('2026-09-30T08:00Z'), 3, 'en');
  assert.deepEqual(
    answer.fires.map(({ local }) => local),
    ['2026-10-08 08:30:00 +08:00', '2026-10-09 08:30:00 +08:00', '2026-10-10 08:30:00 +08:00'],
    'after the holidays, the make-up Saturday too',
  );
  const [warning] = answer.warnings;
  const year = lastCoveredYear() + 1;
  assert.deepEqual([answer.warnings.length, warning?.code], [1, 'CALENDAR_NOT_COVERED']);
  assert.ok(warning?.message.includes(`${year}-01-0`) && warning.message.includes(`up to ${year - 1}`));
  assert.equal(new Date((warning?.at as number) + 8 * 3_600_000).getUTCFullYear(), year);
  for (const more of [{ endAt: Date.UTC(year - 1, 11, 31) }, { maxSlots: 3 }, { calendar: 'all' as const }]) {
    assert.deepEqual(
      previewSchedule({ ...schedule, ...more }, Date.parse('2026-09-30T08:00Z'), 3, 'zh-CN').warnings,
      [],
    );
  }
  assert.match(
    previewSchedule(schedule, NOW, 1, 'zh-CN').warnings[0]?.message as string,
    /^放假安排只收录到 \d{4} 年：从 \d{4}-01-\d\d 08:30:00 起/,
  );
});

test('a change of the clocks on a day that the calendar leaves out is not felt', () => {
  assert.deepEqual(
    warnings('30 2 * * *', BERLIN, { calendar: 'cn_workdays', endAt: Date.UTC(2026, 11, 1) }),
    [],
  );
  const sundays = warnings('30 2 * * *', BERLIN, { calendar: 'cn_holidays', endAt: Date.UTC(2026, 11, 1) });
  assert.deepEqual(
    sundays.map(([code]) => code),
    ['DST_GAP'],
  );
});

test('a spread without a task: nominal instants, and how far they may be moved', () => {
  const answer = previewSchedule({ kind: 'every', everyMs: 60_000, spreadMs: 30_000 }, NOW, 2, 'en');
  assert.deepEqual(answer.spread, { withinMs: 30_000, offsetMs: null });
  assert.ok(
    answer.fires.every(({ plannedAt, nominalAt }) => plannedAt === nominalAt && plannedAt % 60_000 === 0),
  );
  assert.equal('spread' in previewSchedule({ kind: 'every', everyMs: 60_000 }, NOW, 2, 'en'), false);
});

const WORDS: [schedule: Schedule, zh: string, en: string][] = [
  [{ kind: 'every', everyMs: 30_000 }, '每 30 秒', 'Every 30 seconds'],
  [{ kind: 'every', everyMs: 60_000 }, '每分钟', 'Every minute'],
  [{ kind: 'every', everyMs: 90_000 }, '每 90 秒', 'Every 90 seconds'],
  [{ kind: 'every', everyMs: 1_500 }, '每 1500 毫秒', 'Every 1500 milliseconds'],
  [{ kind: 'every', everyMs: 86_400_000 }, '每 24 小时', 'Every 24 hours'],
  [
    { kind: 'at', at: 0 },
    '一次：1970-01-01 08:00:00（Asia/Shanghai）',
    'Once, 1970-01-01 08:00:00 (Asia/Shanghai)',
  ],
  [{ kind: 'cron', cron: '*/5 * * * *', timezone: 'UTC' }, '每 5 分钟（UTC）', 'Every 5 minutes (UTC)'],
  [{ kind: 'cron', cron: '*/10 * * * * *', timezone: 'UTC' }, '每 10 秒（UTC）', 'Every 10 seconds (UTC)'],
  [{ kind: 'cron', cron: '0 * * * *', timezone: 'UTC' }, '每小时（UTC）', 'Every hour (UTC)'],
  [
    { kind: 'cron', cron: '15 * ? * *', timezone: 'UTC' },
    '每小时第 15 分（UTC）',
    'Every hour at minute 15 (UTC)',
  ],
  [
    { kind: 'cron', cron: '0 9,18 * * *', timezone: 'UTC' },
    '每天 09:00、18:00（UTC）',
    'Every day at 09:00, 18:00 (UTC)',
  ],
  [
    { kind: 'cron', cron: '5 0 9 * * 1-5', timezone: 'UTC' },
    '周一至周五 09:00:05（UTC）',
    'Monday to Friday at 09:00:05 (UTC)',
  ],
  [
    { kind: 'cron', cron: '0 9 * * mon,7', timezone: 'UTC' },
    '每周一、周日 09:00（UTC）',
    'Every Monday, Sunday at 09:00 (UTC)',
  ],
  [
    { kind: 'cron', cron: '0 9 1 * *', timezone: 'UTC' },
    '每月 1 日 09:00（UTC）',
    'Day 1 of every month at 09:00 (UTC)',
  ],
  [
    { kind: 'cron', cron: '0 9 L * *', timezone: 'UTC' },
    '每月最后一天 09:00（UTC）',
    'Last day of every month at 09:00 (UTC)',
  ],
  [
    { kind: 'cron', cron: '30 8 * * *', calendar: 'cn_workdays' },
    '每个工作日 08:30（Asia/Shanghai）',
    'Every Chinese work day at 08:30 (Asia/Shanghai)',
  ],
  [
    { kind: 'cron', cron: '0 10 * * *', calendar: 'cn_holidays' },
    '每个休息日 10:00（Asia/Shanghai）',
    'Every Chinese day off at 10:00 (Asia/Shanghai)',
  ],
  [
    { kind: 'cron', cron: '0 9 * * 1', calendar: 'cn_workdays', spreadMs: 300_000 },
    '每周一 09:00，仅法定工作日（Asia/Shanghai），错峰推后不到 5 分钟',
    'Every Monday at 09:00, only on Chinese work days (Asia/Shanghai), moved later by less than 5 minutes',
  ],
  [
    { kind: 'every', everyMs: 30_000, calendar: 'cn_holidays' },
    '每 30 秒，仅法定休息日（Asia/Shanghai）',
    'Every 30 seconds, only on Chinese days off (Asia/Shanghai)',
  ],
  [
    { kind: 'every', everyMs: 30_000, startAt: 0, endAt: 86_400_000, maxSlots: 5 },
    '每 30 秒（Asia/Shanghai），自 1970-01-01 08:00:00 起，1970-01-02 08:00:00 之前，最多 5 次',
    'Every 30 seconds (Asia/Shanghai), from 1970-01-01 08:00:00, before 1970-01-02 08:00:00, at most 5 times',
  ],
  [{ kind: 'every', everyMs: 1_000, maxSlots: 1 }, '每秒，最多 1 次', 'Every second, at most 1 time'],
  [
    { kind: 'cron', cron: '0 0 9 * * * 2026-2028', timezone: 'UTC' },
    '每天 09:00，仅 2026 至 2028 年（UTC）',
    'Every day at 09:00, only in 2026 to 2028 (UTC)',
  ],
  [
    { kind: 'cron', cron: '0 0 9 1 10 ? 2026', timezone: 'UTC' },
    '每年 10 月 1 日 09:00，仅 2026 年（UTC）',
    'Every year on October 1 at 09:00, only in 2026 (UTC)',
  ],
  [
    { kind: 'cron', cron: '0 9 31 * *', timezone: 'UTC' },
    '每逢 31 日 09:00（UTC）',
    'Day 31 of months that have one at 09:00 (UTC)',
  ],
  [
    { kind: 'cron', cron: '0 9 29 2 *', timezone: 'UTC' },
    '每逢 2 月 29 日 09:00（UTC）',
    'On every February 29 at 09:00 (UTC)',
  ],
  [{ kind: 'cron', cron: '0 0 9 * * * *', timezone: 'UTC' }, '每天 09:00（UTC）', 'Every day at 09:00 (UTC)'],
  [
    { kind: 'cron', cron: '0 0 9 * * * 2026-2030/2', timezone: 'UTC' },
    '按 cron「0 0 9 * * * 2026-2030/2」（UTC）',
    'By cron "0 0 9 * * * 2026-2030/2" (UTC)',
  ],
  [
    { kind: 'cron', cron: '0 */6 * * *', timezone: 'UTC' },
    '每天 0 点起每 6 小时（UTC）',
    'Every 6 hours from midnight each day (UTC)',
  ],
  [
    { kind: 'cron', cron: '0 18,9,9 * * *', timezone: 'UTC' },
    '每天 09:00、18:00（UTC）',
    'Every day at 09:00, 18:00 (UTC)',
  ],
  [
    { kind: 'cron', cron: '*/7 * * * *', timezone: 'UTC' },
    '按 cron「*/7 * * * *」（UTC）',
    'By cron "*/7 * * * *" (UTC)',
  ],
  [
    { kind: 'cron', cron: '0 9 1 * 1', timezone: 'UTC' },
    '按 cron「0 9 1 * 1」（UTC）',
    'By cron "0 9 1 * 1" (UTC)',
  ],
];

for (const [schedule, zh, en] of WORDS) {
  test(`words: ${en}`, () => {
    assert.equal(scheduleWords(schedule, 'zh-CN'), zh);
    assert.equal(scheduleWords(schedule, 'en'), en);
  });
}
