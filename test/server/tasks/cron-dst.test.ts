import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSlotSource } from '../../../server/tasks/schedule.ts';

/** croner's rule as the promise states it. Slots in `[from, to)`, all in UTC. */
const TABLE: { says: string; cron: string; timezone: string; from: string; to: string; slots: string[] }[] = [
  {
    says: 'Berlin spring: a fixed time in the gap fires at the first instant after it',
    cron: '30 2 * * *',
    timezone: 'Europe/Berlin',
    from: '2026-03-28T12:00Z',
    to: '2026-03-30T12:00Z',
    slots: ['2026-03-29T01:00Z', '2026-03-30T00:30Z'],
  },
  {
    says: 'New York spring: the same',
    cron: '30 2 * * *',
    timezone: 'America/New_York',
    from: '2026-03-07T12:00Z',
    to: '2026-03-09T12:00Z',
    slots: ['2026-03-08T07:00Z', '2026-03-09T06:30Z'],
  },
  {
    says: 'Berlin spring: a wildcard in the gap is left out that day',
    cron: '*/15 2 * * *',
    timezone: 'Europe/Berlin',
    from: '2026-03-28T12:00Z',
    to: '2026-03-30T00:20Z',
    slots: ['2026-03-30T00:00Z', '2026-03-30T00:15Z'],
  },
  {
    says: 'Berlin spring: every half hour runs evenly',
    cron: '*/30 * * * *',
    timezone: 'Europe/Berlin',
    from: '2026-03-29T00:00Z',
    to: '2026-03-29T02:30Z',
    slots: [
      '2026-03-29T00:00Z',
      '2026-03-29T00:30Z',
      '2026-03-29T01:00Z',
      '2026-03-29T01:30Z',
      '2026-03-29T02:00Z',
    ],
  },
  {
    says: 'Berlin autumn: a fixed time fires once, the first time',
    cron: '30 2 * * *',
    timezone: 'Europe/Berlin',
    from: '2026-10-24T12:00Z',
    to: '2026-10-26T12:00Z',
    slots: ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
  },
  {
    says: 'Berlin autumn: hourly runs in both hours',
    cron: '0 * * * *',
    timezone: 'Europe/Berlin',
    from: '2026-10-24T23:30Z',
    to: '2026-10-25T02:30Z',
    slots: ['2026-10-25T00:00Z', '2026-10-25T01:00Z', '2026-10-25T02:00Z'],
  },
  {
    says: 'Berlin autumn: a wildcard in the repeated hour runs in both',
    cron: '*/20 2 * * *',
    timezone: 'Europe/Berlin',
    from: '2026-10-24T12:00Z',
    to: '2026-10-25T12:00Z',
    slots: [
      '2026-10-25T00:00Z',
      '2026-10-25T00:20Z',
      '2026-10-25T00:40Z',
      '2026-10-25T01:00Z',
      '2026-10-25T01:20Z',
      '2026-10-25T01:40Z',
    ],
  },
  {
    says: 'Cairo: midnight does not exist, 01:00 local is the first instant',
    cron: '0 0 * * *',
    timezone: 'Africa/Cairo',
    from: '2026-04-23T12:00Z',
    to: '2026-04-25T12:00Z',
    slots: ['2026-04-23T22:00Z', '2026-04-24T21:00Z'],
  },
  {
    says: 'Lord Howe: half an hour, 02:15 fires at 02:30',
    cron: '15 2 * * *',
    timezone: 'Australia/Lord_Howe',
    from: '2026-10-03T12:00Z',
    to: '2026-10-04T12:00Z',
    slots: ['2026-10-03T15:30Z'],
  },
  {
    says: '29 February fires in leap years',
    cron: '0 0 29 2 *',
    timezone: 'UTC',
    from: '2026-01-01T00:00Z',
    to: '2037-01-01T00:00Z',
    slots: ['2028-02-29T00:00Z', '2032-02-29T00:00Z', '2036-02-29T00:00Z'],
  },
  {
    says: 'the 31st skips short months',
    cron: '0 0 31 * *',
    timezone: 'UTC',
    from: '2026-01-01T00:00Z',
    to: '2026-06-01T00:00Z',
    slots: ['2026-01-31T00:00Z', '2026-03-31T00:00Z', '2026-05-31T00:00Z'],
  },
  {
    says: 'L is the last day of the month',
    cron: '0 0 L * *',
    timezone: 'UTC',
    from: '2026-01-01T00:00Z',
    to: '2026-03-01T00:00Z',
    slots: ['2026-01-31T00:00Z', '2026-02-28T00:00Z'],
  },
  {
    says: 'LW is the last weekday, 15W the one nearest to the 15th',
    cron: '0 0 LW 2 *',
    timezone: 'UTC',
    from: '2026-01-01T00:00Z',
    to: '2026-04-01T00:00Z',
    slots: ['2026-02-27T00:00Z'],
  },
  {
    says: '15W in February 2026, a Sunday, is Monday the 16th',
    cron: '0 0 15W 2 *',
    timezone: 'UTC',
    from: '2026-01-01T00:00Z',
    to: '2026-04-01T00:00Z',
    slots: ['2026-02-16T00:00Z'],
  },
  {
    says: '5#2 is the second Friday, 5L the last',
    cron: '0 0 * * 5#2,5L',
    timezone: 'UTC',
    from: '2026-01-01T00:00Z',
    to: '2026-02-01T00:00Z',
    slots: ['2026-01-09T00:00Z', '2026-01-30T00:00Z'],
  },
  {
    says: 'day of month or day of week',
    cron: '0 0 13 * 5',
    timezone: 'UTC',
    from: '2026-01-01T00:00Z',
    to: '2026-01-17T00:00Z',
    slots: ['2026-01-02T00:00Z', '2026-01-09T00:00Z', '2026-01-13T00:00Z', '2026-01-16T00:00Z'],
  },
  {
    says: 'with + both must match: Friday the 13th',
    cron: '0 0 13 * +5',
    timezone: 'UTC',
    from: '2026-01-01T00:00Z',
    to: '2027-01-01T00:00Z',
    slots: ['2026-02-13T00:00Z', '2026-03-13T00:00Z', '2026-11-13T00:00Z'],
  },
  {
    says: 'the default zone is Asia/Shanghai; 6 fields begin with seconds; 7 is Sunday',
    cron: '15 0 9 ? * 7',
    timezone: 'Asia/Shanghai',
    from: '2026-11-21T00:00Z',
    to: '2026-11-28T00:00Z',
    slots: ['2026-11-22T01:00:15Z'],
  },
];

for (const { says, cron, timezone, from, to, slots } of TABLE) {
  test(says, () => {
    const source = createSlotSource(
      timezone === 'Asia/Shanghai' ? { kind: 'cron', cron } : { kind: 'cron', cron, timezone },
    );
    const expected = slots.map((text) => Date.parse(text));
    const [fromAt, toAt] = [Date.parse(from), Date.parse(to)];
    const found: number[] = [];
    for (let at = source.next(fromAt - 1); at !== null && at < toAt; at = source.next(at)) found.push(at);
    assert.deepEqual(
      found.map((at) => new Date(at).toISOString()),
      expected.map((at) => new Date(at).toISOString()),
    );
    assert.deepEqual(source.countBetween(fromAt, toAt, 1_000), {
      count: expected.length,
      lastAt: expected.at(-1) ?? null,
    });
    expected.toReversed().forEach((at, index) => {
      assert.equal(source.nthNewest(fromAt, toAt, index + 1), at);
    });
    assert.equal(source.nthNewest(fromAt, toAt, expected.length + 1), null);
  });
}
