import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { dayOf } from '../../../miniprogram/lib/format-time.ts';
import { addDays, dayBars, dayRange, shapeOf, zoneOf } from '../../../miniprogram/models/days.ts';
import type { DayStats } from '../../../shared/run.ts';

const stats = (day: string, some: Partial<DayStats> = {}): DayStats => ({
  day,
  planned: 10,
  onTime: 10,
  late: 0,
  caughtUp: 0,
  skipped: 0,
  succeeded: 10,
  failed: 0,
  ...some,
});

describe('days', () => {
  it('makes one bar a day, oldest first, with the days nothing was planned on', () => {
    const bars = dayBars([stats('2026-02-27'), stats('2026-03-01', { failed: 1 })], '2026-03-01', 4);
    assert.deepEqual(
      bars.map(({ day, shape }) => [day, shape]),
      [
        ['2026-02-26', 'none'],
        ['2026-02-27', 'ontime'],
        ['2026-02-28', 'none'],
        ['2026-03-01', 'failed'],
      ],
    );
  });

  it('gives a day the shape of the worst that happened', () => {
    assert.equal(shapeOf(stats('d', { failed: 1, late: 3 })), 'failed');
    assert.equal(shapeOf(stats('d', { late: 1, onTime: 9 })), 'late');
    assert.equal(shapeOf(stats('d', { caughtUp: 1, onTime: 9 })), 'late');
    assert.equal(shapeOf(stats('d', { skipped: 10, onTime: 0 })), 'skipped');
    assert.equal(shapeOf(stats('d', { skipped: 1, onTime: 9 })), 'ontime');
    assert.equal(shapeOf(stats('d', { planned: 0, onTime: 0 })), 'none');
  });

  it('counts days in the zone of the schedule', () => {
    assert.equal(zoneOf({ kind: 'cron', cron: '* * * * *', timezone: 'UTC' }), 'UTC');
    assert.equal(zoneOf({ kind: 'cron', cron: '* * * * *' }), 'Asia/Shanghai');
    assert.equal(zoneOf({ kind: 'every', everyMs: 1_000 }), 'Asia/Shanghai');
    const at = Date.parse('2026-11-23T20:00:00Z');
    assert.equal(dayRange('2026-11-23', 'UTC').toAt, Date.parse('2026-11-24T00:00:00Z'));
    assert.equal(dayRange('2026-11-24', 'Asia/Shanghai').fromAt, at - 4 * 3_600_000);
  });

  it('knows the days on which clocks change', () => {
    const hours = (day: string, zone: string) => {
      const { fromAt, toAt } = dayRange(day, zone);
      return (toAt - fromAt) / 3_600_000;
    };
    assert.equal(hours('2026-03-08', 'America/New_York'), 23);
    assert.equal(hours('2026-11-01', 'America/New_York'), 25);
    assert.equal(hours('2026-11-23', 'Asia/Shanghai'), 24);
    // Clocks go from 00:00 to 01:00: the day begins at 01:00.
    assert.equal(dayRange('2024-04-26', 'Africa/Cairo').fromAt, Date.parse('2024-04-25T22:00:00Z'));
  });

  it('finds every instant inside the range of its day', () => {
    const zone = fc.constantFrom(
      'Asia/Shanghai',
      'UTC',
      'America/New_York',
      'Europe/London',
      'Africa/Cairo',
      'Asia/Kolkata',
    );
    const instant = fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2030-01-01') });
    fc.assert(
      fc.property(instant, zone, (at, zone) => {
        const day = dayOf(at, zone);
        const { fromAt, toAt } = dayRange(day, zone);
        assert.ok(fromAt <= at && at < toAt, `${day} in ${zone}`);
        assert.equal(dayRange(addDays(day, 1), zone).fromAt, toAt);
      }),
    );
  });
});
