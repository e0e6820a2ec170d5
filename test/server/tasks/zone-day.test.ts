import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  dayBounds,
  dayOf,
  localText,
  offsetAt,
  offsetText,
  scheduleZone,
} from '../../../server/tasks/zone-day.ts';
import { transitionsBetween } from '../../../server/tasks/zone-offsets.ts';
import { zonedInstant } from './cron-samples.ts';

const HOUR = 3_600_000;

/** Days by zone with their first instant and length in hours. */
const TABLE: [zone: string, day: string, from: string, hours: number][] = [
  ['Asia/Shanghai', '20261123', '2026-11-22T16:00Z', 24],
  ['UTC', '20280229', '2028-02-29T00:00Z', 24],
  ['Europe/Berlin', '20260329', '2026-03-28T23:00Z', 23],
  ['Europe/Berlin', '20261025', '2026-10-24T22:00Z', 25],
  ['Africa/Cairo', '20260423', '2026-04-22T22:00Z', 24],
  ['Africa/Cairo', '20260424', '2026-04-23T22:00Z', 23],
  ['America/Sao_Paulo', '20181104', '2018-11-04T03:00Z', 23],
  ['America/Sao_Paulo', '20190216', '2019-02-16T02:00Z', 25],
  ['Australia/Lord_Howe', '20261004', '2026-10-03T13:30Z', 23.5],
  ['Pacific/Apia', '20111229', '2011-12-29T10:00Z', 24],
  ['Pacific/Apia', '20111230', '2011-12-30T10:00Z', 0],
  ['Pacific/Apia', '20111231', '2011-12-30T10:00Z', 24],
  // Clocks went back from 00:01 to 23:01: the new day has begun and is not left again.
  ['America/St_Johns', '20091101', '2009-11-01T02:30Z', 25],
];

for (const [zone, day, from, hours] of TABLE) {
  test(`${day} in ${zone} begins at ${from} and has ${hours} hours`, () => {
    const fromAt = Date.parse(from);
    assert.deepEqual(dayBounds(day, zone), { fromAt, toAt: fromAt + hours * HOUR });
    if (hours === 0) return;
    assert.equal(dayOf(fromAt, zone), day);
    assert.equal(dayOf(fromAt + hours * HOUR - 1, zone), day);
    assert.notEqual(dayOf(fromAt - 1, zone), day);
    assert.notEqual(dayOf(fromAt + hours * HOUR, zone), day);
  });
}

test('a day that has begun is not left again where clocks go back across midnight', () => {
  const zone = 'America/St_Johns';
  for (const [at, day] of [
    ['2008-11-02T03:00Z', '20081102'],
    ['2008-11-02T02:29Z', '20081101'],
    ['2008-11-02T02:30Z', '20081102'],
  ] as const) {
    assert.equal(dayOf(Date.parse(at), zone), day);
  }
});

test('days of a zone cover time without gap or overlap', () => {
  fc.assert(
    fc.property(zonedInstant, ({ timezone, at }) => {
      const day = dayOf(at, timezone);
      const { fromAt, toAt } = dayBounds(day, timezone);
      assert.ok(fromAt <= at && at < toAt);
      assert.ok(dayOf(fromAt - 1, timezone) < day);
      assert.ok(dayOf(toAt, timezone) > day);
      assert.equal(dayBounds(dayOf(toAt, timezone), timezone).fromAt, toAt);
    }),
    { seed: 11, numRuns: 1_000 },
  );
});

test('offsets are those of Intl, and local text is what Intl prints', () => {
  fc.assert(
    fc.property(zonedInstant, ({ timezone, at }) => {
      const parts = new Intl.DateTimeFormat('sv-SE', {
        timeZone: timezone,
        dateStyle: 'short',
        timeStyle: 'medium',
      });
      const text = parts.format(at);
      assert.equal(localText(at, timezone), text);
      assert.equal(
        offsetAt(at, timezone),
        Date.parse(`${text.replace(' ', 'T')}Z`) - Math.floor(at / 1_000) * 1_000,
      );
    }),
    { seed: 12, numRuns: 500 },
  );
});

test('transitions are found to the second', () => {
  const found = transitionsBetween(Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1), 'Europe/Berlin');
  assert.deepEqual(found, [
    { at: Date.parse('2026-03-29T01:00Z'), beforeMs: HOUR, afterMs: 2 * HOUR },
    { at: Date.parse('2026-10-25T01:00Z'), beforeMs: 2 * HOUR, afterMs: HOUR },
  ]);
  assert.deepEqual(transitionsBetween(Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1), 'Asia/Shanghai'), []);
});

test('a day is eight digits of a real date; a zone is one Intl knows', () => {
  for (const day of ['2026-11-23', '20260230', '20261301', '', '202611231']) {
    assert.throws(() => dayBounds(day, 'UTC'), RangeError);
  }
  assert.throws(() => dayOf(0, 'Mars/Olympus'), RangeError);
});

test('the zone of a schedule, and offsets in words', () => {
  assert.equal(scheduleZone({ kind: 'cron', cron: '* * * * *', timezone: 'UTC' }), 'UTC');
  assert.equal(scheduleZone({ kind: 'cron', cron: '* * * * *' }), 'Asia/Shanghai');
  assert.equal(scheduleZone({ kind: 'every', everyMs: 1_000 }), 'Asia/Shanghai');
  assert.equal(offsetText(8 * HOUR), '+08:00');
  assert.equal(offsetText(-3.5 * HOUR), '-03:30');
  assert.equal(offsetText(0), '+00:00');
});
