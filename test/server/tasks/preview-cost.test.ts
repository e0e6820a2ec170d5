/** What a preview may cost: croner needs some 50 µs a slot near a change of the clocks, and every fire waits meanwhile. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cron } from 'croner';
import { previewSchedule } from '../../../server/tasks/preview.ts';
import { usesUp } from '../../../server/tasks/uses-up.ts';
import type { CronSchedule } from '../../../shared/task.ts';

const NOW = Date.parse('2026-01-05T00:00:00Z');
const BERLIN = 'Europe/Berlin';
/** 30 ms; all seconds around the changes of one year were 33,000 slots, 2,000 ms. */
const MOST_ASKED = 600;

const SCHEDULES: readonly CronSchedule[] = [
  { kind: 'cron', cron: '* * * * * *', timezone: BERLIN },
  { kind: 'cron', cron: '* * 0-22 * * *', timezone: BERLIN },
  { kind: 'cron', cron: '* * 0-22 * * *', timezone: BERLIN, maxSlots: 30_000_000 },
  { kind: 'cron', cron: '* * 0-22 * * *', timezone: BERLIN, maxSlots: 6_728_403 },
  { kind: 'cron', cron: '* * * * * *', timezone: BERLIN, calendar: 'cn_holidays' },
  { kind: 'cron', cron: '* * * * * *', timezone: BERLIN, calendar: 'cn_holidays', maxSlots: 20_000_000 },
];

for (const schedule of SCHEDULES) {
  test(`a preview asks croner for few slots: ${JSON.stringify(schedule)}`, (t) => {
    const { mock } = t.mock.method(Cron.prototype, 'nextRun');
    const { answer } = previewSchedule(schedule, NOW, 5, 'en');
    assert.equal(answer.fires.length, 5);
    assert.ok(mock.callCount() < MOST_ASKED, `${mock.callCount()} calls`);
  });
}

test('a bound that is used up before a change of the clocks keeps its warning away, whatever its size', () => {
  const daily: CronSchedule = { kind: 'cron', cron: '30 2 * * *', timezone: BERLIN };
  const minutes: CronSchedule = { kind: 'cron', cron: '* 0-22 * * *', timezone: BERLIN };
  const codes = (schedule: CronSchedule) =>
    previewSchedule(schedule, NOW, 1, 'en').answer.warnings.map(({ code }) => code);
  // Winter: 83 days of 1,380 minutes from 01:00 on 5 January to 02:00 on 29 March, less the first hour and more the last two.
  const beforeSpring = 83 * 1_380 - 60 + 120 - 1;
  assert.deepEqual(codes({ ...daily, maxSlots: 83 }), []);
  assert.deepEqual(codes({ ...daily, maxSlots: 84 }), ['DST_GAP']);
  assert.deepEqual(codes({ ...minutes, maxSlots: beforeSpring }), []);
  assert.deepEqual(codes({ ...minutes, maxSlots: beforeSpring + 1 }), ['DST_GAP']);
});

test('a bound is used up within the bounds of the schedule only', () => {
  const hour = 3_600_000;
  const schedule: CronSchedule = { kind: 'cron', cron: '* * * * * *', timezone: BERLIN };
  const day = (more: Partial<CronSchedule>, limit: number) =>
    usesUp({ ...schedule, ...more }, NOW, NOW + 24 * hour, limit);
  assert.equal(day({}, 86_400), true);
  assert.equal(day({}, 86_401), false);
  assert.equal(day({ startAt: NOW + hour }, 82_800), true);
  assert.equal(day({ startAt: NOW + hour }, 82_801), false);
  assert.equal(day({ endAt: NOW + hour }, 3_600), true);
  assert.equal(day({ endAt: NOW + hour }, 3_601), false);
  assert.equal(day({ endAt: NOW }, 501), false);
});
