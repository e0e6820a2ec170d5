import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  clockText,
  dateText,
  dateTimeText,
  dayOf,
  exactTimeText,
  shortClockText,
  zoneText,
} from '../../miniprogram/lib/format-time.ts';

/** 2026-11-24 07:04:30 UTC, a Tuesday. */
const AT = Date.UTC(2026, 10, 24, 7, 4, 30);
const DAY = 86_400_000;

test('to the millisecond, where it is told what happened exactly', () => {
  const at = new Date(2026, 10, 23, 15, 4, 30, 3).getTime();
  assert.equal(exactTimeText(at, at, 'zh-CN'), '15:04:30.003');
  assert.equal(exactTimeText(at, at + 86_400_000, 'en'), 'Nov 23 15:04:30.003');
});

test('an instant is told in the zone it is given', () => {
  assert.equal(clockText(AT, 'Asia/Shanghai'), '15:04:30');
  assert.equal(clockText(AT, 'UTC'), '07:04:30');
  assert.equal(clockText(AT, 'America/New_York'), '02:04:30');
  assert.equal(
    clockText(Date.UTC(2026, 6, 1, 4), 'America/New_York'),
    '00:00:00',
    'midnight, in summer time',
  );
  assert.equal(shortClockText(AT, 'UTC'), '07:04:30');
  assert.equal(shortClockText(AT - 30_000, 'UTC'), '07:04');
});

test('without a zone, or with an unknown one, it is told in the phone’s', () => {
  const local = new Date(AT);
  const expected = [local.getHours(), local.getMinutes(), local.getSeconds()]
    .map((n) => String(n).padStart(2, '0'))
    .join(':');
  assert.equal(clockText(AT), expected);
  assert.equal(clockText(AT, 'Mars/Olympus'), expected);
});

test('the date is left out today, the year this year', () => {
  assert.equal(dateText(AT, AT, 'zh-CN', 'UTC'), '11 月 24 日');
  assert.equal(dateText(AT, AT, 'en', 'UTC'), 'Nov 24');
  assert.equal(dateText(AT, AT + 60 * DAY, 'zh-CN', 'UTC'), '2026 年 11 月 24 日');
  assert.equal(dateText(AT, AT + 60 * DAY, 'en', 'UTC'), 'Nov 24, 2026');
  assert.equal(dateTimeText(AT, AT + 3_600_000, 'zh-CN', 'UTC'), '07:04:30');
  assert.equal(dateTimeText(AT, AT + DAY, 'zh-CN', 'UTC'), '11 月 24 日 07:04:30');
  assert.equal(dayOf(Date.UTC(2026, 10, 24, 16), 'Asia/Shanghai'), '2026-11-25');
  assert.equal(zoneText('Asia/Shanghai', 'zh-CN'), '亚洲/上海');
  assert.equal(zoneText('Europe/Berlin', 'zh-CN'), 'Europe/Berlin');
});

test('property: zones that are read without Intl agree with it', () => {
  const since1992 = fc.integer({ min: Date.UTC(1992, 0, 1), max: Date.UTC(2100, 0, 1) });
  for (const timeZone of ['Asia/Shanghai', 'UTC']) {
    const format = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    fc.assert(
      fc.property(since1992, (at) => {
        const [day, clock] = format.format(at).split(', ');
        assert.equal(clockText(at, timeZone), clock);
        assert.equal(dayOf(at, timeZone).split('-').reverse().join('/'), day);
      }),
    );
  }
});

test('property: any zone, any instant of this century agrees with Intl', () => {
  const zones = [
    'America/St_Johns',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Europe/Berlin',
    'Pacific/Apia',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: 946_684_800_000, max: 4_102_444_800_000 }),
      (timeZone, at) => {
        const format = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'medium' });
        assert.equal(clockText(at, timeZone), format.format(at));
      },
    ),
  );
});
