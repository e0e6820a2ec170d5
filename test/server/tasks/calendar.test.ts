/** Work days as announced; years without an announcement; the data's name. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { calendarData, dayCounts, isCovered, lastCoveredYear } from '../../../server/tasks/calendar.ts';

const day = (date: string) => Date.parse(`${date}T00:00:00Z`) / 86_400_000;

// 国务院办公厅关于2026年部分节假日安排的通知.
const DAYS_OF_2026: [date: string, isWork: boolean][] = [
  ['2026-01-01', false],
  ['2026-01-03', false],
  ['2026-01-04', true],
  ['2026-01-05', true],
  ['2026-02-14', true],
  ['2026-02-16', false],
  ['2026-02-23', false],
  ['2026-02-28', true],
  ['2026-04-06', false],
  ['2026-05-01', false],
  ['2026-05-09', true],
  ['2026-06-19', false],
  ['2026-09-20', true],
  ['2026-09-25', false],
  ['2026-10-01', false],
  ['2026-10-07', false],
  ['2026-10-08', true],
  ['2026-10-10', true],
  ['2026-10-11', false],
];

test('holidays are days off, make-up days are work days, and the two calendars share the days', () => {
  for (const [date, isWork] of DAYS_OF_2026) {
    assert.equal(dayCounts('cn_workdays', day(date)), isWork, date);
    assert.equal(dayCounts('cn_holidays', day(date)), !isWork, date);
  }
});

test('years without a plan go by the weekday, and are told apart', () => {
  const year = lastCoveredYear() + 1;
  assert.ok(year >= 2027 && isCovered(day('2026-12-31')) && !isCovered(day(`${year}-01-01`)));
  assert.ok(isCovered(day('2004-01-01')) && !isCovered(day('2003-12-31')));
  for (let at = day(`${year}-01-01`); at < day(`${year + 1}-01-01`); at += 1) {
    const weekday = new Date(at * 86_400_000).getUTCDay();
    assert.equal(dayCounts('cn_workdays', at), weekday >= 1 && weekday <= 5);
  }
});

test('the name says package, version and years; none without a calendar', () => {
  assert.match(calendarData('cn_workdays'), /^chinese-days \d+\.\d+\.\d+ 2004-20\d\d$/);
  assert.equal(calendarData('cn_holidays'), calendarData('cn_workdays'));
  assert.equal(calendarData('all'), '');
});

test('days are the same whatever the zone of the machine', () => {
  const file = new URL('../../../server/tasks/calendar.js', import.meta.url).href;
  const script = `import { dayCounts } from ${JSON.stringify(file)};
    let days = ''; for (let at = 12418; at < 20819; at += 1) days += dayCounts('cn_workdays', at) ? 1 : 0;
    process.stdout.write(days);`;
  const inZone = (TZ: string) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, TZ },
    }).stdout.toString();
  const utc = inZone('UTC');
  assert.equal(utc.length, 8_401);
  assert.equal(inZone('America/New_York'), utc);
});
