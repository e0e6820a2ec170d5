/** The proof itself: what it counts, and that it notices everything that is not in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DayRecord, Segment, VerdictRecord } from '../../../server/store/records.ts';
import { auditDays, auditSlots, countPlanned, joinAudits } from '../../../server/tasks/audit.ts';
import { openSegment } from '../../../server/tasks/open-segment.ts';
import type { SkipReason } from '../../../shared/run.ts';

const T = Date.UTC(2026, 10, 23);
const every10s = { kind: 'every', everyMs: 10_000 } as const;
const s = (seconds: number) => T + seconds * 1_000;

const fired = (at: number): VerdictRecord => ({
  plannedAt: at,
  toAt: at + 1,
  count: 1,
  verdict: 'fired',
  reason: null,
});
const skipped = (
  from: number,
  last: number,
  count: number,
  reason: SkipReason = 'paused',
): VerdictRecord => ({
  plannedAt: from,
  toAt: last + 1,
  count,
  verdict: 'skipped',
  reason,
});

/** Slots at 10, 20, … seconds. */
const segments: Segment[] = [openSegment(every10s, T + 1, null)];
const full = [
  fired(s(10)),
  skipped(s(20), s(40), 3),
  fired(s(50)),
  { ...fired(s(60)), verdict: 'caught_up' as const },
];
const audit = (verdicts: VerdictRecord[], fromAt = T, toAt = s(61), of = segments) =>
  auditSlots({ segments: of, verdicts, fromAt, toAt });

test('slots planned = fired + caught up + skipped, by reason', () => {
  assert.deepEqual(audit(full), {
    fromAt: T,
    toAt: s(61),
    planned: 6,
    fired: 2,
    caughtUp: 1,
    skipped: { paused: 3 },
    unaccounted: 0,
    ok: true,
    folded: false,
  });
});

const faults: { name: string; verdicts: VerdictRecord[]; unaccounted: number }[] = [
  { name: 'the first verdict is missing', verdicts: full.slice(1), unaccounted: 1 },
  { name: 'the last one is missing', verdicts: full.slice(0, -1), unaccounted: 1 },
  { name: 'a range is missing', verdicts: full.filter((v) => v.count === 1), unaccounted: 3 },
  { name: 'all are missing', verdicts: [], unaccounted: 6 },
  { name: 'one is there twice', verdicts: [fired(s(10)), ...full], unaccounted: 1 },
  {
    name: 'a range counts one too many',
    verdicts: [full[0]!, skipped(s(20), s(40), 4), ...full.slice(2)],
    unaccounted: 1,
  },
  {
    name: 'a range counts one too few',
    verdicts: [full[0]!, skipped(s(20), s(40), 2), ...full.slice(2)],
    unaccounted: 1,
  },
  {
    name: 'a slot fired inside a skipped range',
    verdicts: [full[0]!, full[1]!, fired(s(30)), ...full.slice(2)],
    unaccounted: 1,
  },
  {
    name: 'a verdict between two slots',
    verdicts: [full[0]!, fired(s(15)), ...full.slice(1)],
    unaccounted: 1,
  },
  { name: 'a verdict 1 ms beside its slot', verdicts: [fired(s(10) + 1), ...full.slice(1)], unaccounted: 2 },
  { name: 'a verdict before the first slot', verdicts: [fired(s(0)), ...full], unaccounted: 1 },
];
for (const { name, verdicts, unaccounted } of faults) {
  test(`noticed: ${name}`, () => {
    const found = audit(verdicts);
    assert.deepEqual([found.unaccounted, found.ok, found.planned], [unaccounted, false, 6]);
  });
}

test('a slot that another segment plans is foreign in this one', () => {
  const closed: Segment[] = [
    { ...(segments[0] as Segment), toAt: s(25) },
    openSegment({ ...every10s, anchorAt: 5_000 }, s(25), null),
  ];
  const right = [fired(s(10)), fired(s(20)), fired(s(25)), fired(s(35))];
  assert.ok(audit(right, T, s(40), closed).ok);
  const wrong = [fired(s(10)), fired(s(20)), fired(s(30)), fired(s(40) - 5_000)];
  assert.deepEqual(
    audit(wrong, T, s(40), closed).unaccounted,
    2,
    'one without a verdict, one verdict too many',
  );
});

test('paused stretches and the gap behind an end plan nothing', () => {
  const life: Segment[] = [
    { ...(segments[0] as Segment), toAt: s(15) },
    { ...openSegment(null, s(15), null), toAt: s(35) },
    { ...openSegment(every10s, s(35), null), toAt: s(45) },
    openSegment(every10s, s(75), null),
  ];
  const verdicts = [fired(s(10)), fired(s(40)), fired(s(80))];
  assert.deepEqual([audit(verdicts, T, s(85), life).planned, audit(verdicts, T, s(85), life).ok], [3, true]);
});

test('a range that crosses a border of the interval is judged by the part inside', () => {
  const left = audit(full.slice(1), s(30), s(61));
  assert.deepEqual([left.planned, left.skipped, left.ok], [4, { paused: 2 }, true]);
  const right = audit(full.slice(0, 2), T, s(40));
  assert.deepEqual([right.planned, right.skipped, right.ok], [3, { paused: 2 }, true], 'half-open at 40');
  const inner = audit([full[1]!], s(25), s(35));
  assert.deepEqual([inner.planned, inner.skipped, inner.ok], [1, { paused: 1 }, true]);
});

test('maxSlots counts from the start of the segment, also when the interval begins later', () => {
  const bounded = [openSegment(every10s, T + 1, 4)];
  const verdicts = [fired(s(30)), fired(s(40))];
  assert.deepEqual(
    [audit(verdicts, s(25), s(100), bounded).planned, audit(verdicts, s(25), s(100), bounded).ok],
    [2, true],
  );
  assert.equal(countPlanned(bounded, s(25), s(100), 1_000), 2);
  assert.equal(countPlanned(bounded, s(41), s(100), 1_000), 0);
  assert.equal(
    audit([...verdicts, fired(s(50))], s(25), s(100), bounded).unaccounted,
    1,
    'a fifth slot does not exist',
  );
});

test('counting stops at its limit', () => {
  assert.equal(countPlanned(segments, T, s(1_000), 1_000), 99);
  assert.equal(countPlanned(segments, T, s(1_000), 7), 7);
  const two = [{ ...(segments[0] as Segment), toAt: s(55) }, openSegment(every10s, s(55), null)];
  assert.equal(countPlanned(two, T, s(1_000), 7), 7);
  assert.equal(countPlanned(two, T, s(1_000), 1_000), 99);
});

const day = (name: string, more: Partial<DayRecord>): DayRecord => ({
  day: name,
  fired: 0,
  caughtUp: 0,
  skipped: {},
  onTime: [],
  late: [],
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  ...more,
});

test('folded days: counters against the slots that the segments plan, and it says so', () => {
  const days = [
    day('20261101', { fired: 3, skipped: { overlap: 2 } }),
    day('20261102', { caughtUp: 1, skipped: { overlap: 1, ended: 4 } }),
  ];
  const input = { segments: [openSegment(every10s, T + 1, 11)], days, fromAt: T, toAt: s(86_400) };
  assert.deepEqual(auditDays(input), {
    fromAt: T,
    toAt: s(86_400),
    planned: 11,
    fired: 3,
    caughtUp: 1,
    skipped: { overlap: 3, ended: 4 },
    unaccounted: 0,
    ok: true,
    folded: true,
  });
  const missing = auditDays({ ...input, days: days.slice(1) });
  assert.deepEqual([missing.unaccounted, missing.ok], [5, false], 'a day that lost its counters is noticed');
});

test('counters by the days of several zones cannot be laid beside planned days: taken as they are', () => {
  const berlin = { kind: 'cron' as const, cron: '0 * * * *', timezone: 'Europe/Berlin' };
  const segments = [
    { ...openSegment(every10s, T + 1, null), toAt: s(3_600) },
    openSegment(berlin, s(3_600), null),
  ];
  const audit = auditDays({ segments, days: [day('20261101', { fired: 5 })], fromAt: T, toAt: s(86_400) });
  assert.deepEqual([audit.planned, audit.unaccounted], [5, 0]);
});

test('two neighbouring audits make one; a fault in either is kept', () => {
  const older = auditDays({
    segments: [openSegment(every10s, 100, 5)],
    days: [day('20261101', { fired: 3, skipped: { paused: 2 } })],
    fromAt: 100,
    toAt: T,
  });
  const joined = joinAudits(older, audit(full));
  assert.deepEqual(
    [joined.fromAt, joined.toAt, joined.planned, joined.fired, joined.caughtUp],
    [100, s(61), 11, 5, 1],
  );
  assert.deepEqual([joined.skipped, joined.ok, joined.folded], [{ paused: 5 }, true, true]);
  const broken = joinAudits(older, audit(full.slice(1)));
  assert.deepEqual([broken.unaccounted, broken.ok], [1, false]);
  assert.equal(joinAudits(audit(full), audit(full)).folded, false);
  assert.equal(joinAudits(audit(full), older).folded, true);
});

test('what other data had planned is unproven where it does not fit, not unaccounted', () => {
  const cron = { kind: 'cron', cron: '*/10 * * * * *', timezone: 'Europe/Berlin' } as const;
  const old = { ...openSegment(cron, T + 1, null), zoneData: '1999a', toAt: s(35) };
  const now = openSegment(cron, s(35), null);
  // 10 is missing and 25 was never planned; 40 is missing where the data is our own.
  const verdicts = [fired(s(20)), fired(s(25)), fired(s(30)), fired(s(50))];
  const said = audit(verdicts, T, s(55), [old, now]);
  assert.deepEqual([said.planned, said.unproven, said.unaccounted, said.ok], [5, 2, 1, false]);
  const fits = audit(
    [10, 20, 30, 40, 50].map((at) => fired(s(at))),
    T,
    s(55),
    [old, now],
  );
  assert.deepEqual([fits.unproven, fits.unaccounted, fits.ok], [undefined, 0, true]);
  const both = joinAudits(audit(verdicts.slice(0, 3), T, s(35), [old]), audit([], s(35), s(55), [now]));
  assert.deepEqual([both.unproven, both.unaccounted, both.ok], [2, 2, false]);
  const plain = { ...openSegment(every10s, T + 1, null), zoneData: '1999a' };
  assert.equal(
    audit([], T, s(15), [plain]).unaccounted,
    1,
    'intervals know no zone: they are recounted exactly',
  );
  const days = auditDays({ segments: [old], days: [], fromAt: T, toAt: s(35) });
  assert.deepEqual([days.unproven, days.unaccounted, days.ok], [3, 0, true]);
});
