/**
 * The proof: recompute from the segments alone which slots were planned, and lay the verdicts kept beside them. Pure; big
 * intervals run in a thread (audit-thread.ts).
 */
import type { Audit } from '../../shared/run.ts';
import type { DayRecord, Segment, VerdictRecord } from '../store/records.ts';
import { canRecount } from './open-segment.ts';
import { createSegmentSource } from './segment-source.ts';
import { scheduleZone } from './zone-day.ts';

export interface AuditInput {
  /** Oldest first. */
  segments: Segment[];
  /** Touching [fromAt, toAt), oldest first, disjoint. */
  verdicts: VerdictRecord[];
  fromAt: number;
  toAt: number;
}

/** Whole local days: `[fromAt, toAt)` begins and ends with one. */
export interface DaysAuditInput {
  segments: Segment[];
  days: DayRecord[];
  fromAt: number;
  toAt: number;
}

/** Verdicts are kept one by one this long, days; day counters, the segments they are audited against, and runs as long. */
export const KEPT_DAYS = 90;

/** One audit call looks at this many slots. */
export const MOST_AUDITED = 100_000;

/** Planned slots in [fromAt, toAt), at most `limit` of them are counted; by arithmetic where the schedule allows it. */
export function countPlanned(
  segments: readonly Segment[],
  fromAt: number,
  toAt: number,
  limit: number,
): number {
  let counted = 0;
  for (const { source, startAt, left } of stretches(segments, fromAt, toAt))
    counted += source.count(startAt, toAt, Math.min(left, limit - counted)).count;
  return counted;
}

/**
 * Every planned slot in [fromAt, toAt) is looked up among the verdicts, one by one, and the other way round. Where a segment was
 * planned with other zone or calendar data than this process has, what does not fit is `unproven`, not `unaccounted`.
 */
export function auditSlots({ segments, verdicts, fromAt, toAt }: AuditInput): Audit {
  const audit: Audit = {
    fromAt,
    toAt,
    planned: 0,
    fired: 0,
    caughtUp: 0,
    skipped: {},
    unaccounted: 0,
    ok: false,
    folded: false,
  };
  const others = segments.filter((segment) => !canRecount(segment));
  const isOther = (instant: number) =>
    others.some((segment) => segment.fromAt <= instant && instant < (segment.toAt ?? toAt));
  let unproven = 0;
  const miss = (instant: number, count: number) => {
    if (count > 0 && isOther(instant)) unproven += count;
    else audit.unaccounted += count;
  };
  let at = 0;
  let inRange = 0;
  /** A record must cover exactly as many planned slots as it counts. A range that crosses the border of the interval is
   * judged only by the part inside. */
  const leave = (record: VerdictRecord, covered: number) => {
    const whole = record.plannedAt >= fromAt && record.toAt <= toAt;
    const claimed = whole ? record.count : covered;
    miss(record.plannedAt, Math.abs(claimed - covered));
    if (record.verdict === 'fired') audit.fired += claimed;
    else if (record.verdict === 'caught_up') audit.caughtUp += claimed;
    else if (record.reason !== null)
      audit.skipped[record.reason] = (audit.skipped[record.reason] ?? 0) + claimed;
  };
  for (const slot of plannedSlots(segments, fromAt, toAt)) {
    audit.planned += 1;
    while (at < verdicts.length && (verdicts[at] as VerdictRecord).toAt <= slot) {
      leave(verdicts[at] as VerdictRecord, inRange);
      at += 1;
      inRange = 0;
    }
    const record = verdicts[at];
    if (record !== undefined && record.plannedAt <= slot && slot < record.toAt) inRange += 1;
    else miss(slot, 1);
  }
  for (; at < verdicts.length; at += 1) {
    leave(verdicts[at] as VerdictRecord, inRange);
    inRange = 0;
  }
  return settled(audit, unproven);
}

function settled(audit: Audit, unproven: number): Audit {
  return { ...audit, ...(unproven > 0 && { unproven }), ok: audit.unaccounted === 0 };
}

/**
 * The audit of whole folded days: slots planned by the segments against the counters that are left of their verdicts. Where
 * the time zone changed in the interval, days of two zones overlap and the counters are taken as they are.
 */
export function auditDays({ segments, days, fromAt, toAt }: DaysAuditInput): Audit {
  const audit: Audit = {
    fromAt,
    toAt,
    planned: 0,
    fired: 0,
    caughtUp: 0,
    skipped: {},
    unaccounted: 0,
    ok: false,
    folded: true,
  };
  for (const day of days) {
    audit.fired += day.fired;
    audit.caughtUp += day.caughtUp;
    for (const [reason, count] of Object.entries(day.skipped)) {
      const key = reason as keyof Audit['skipped'];
      audit.skipped[key] = (audit.skipped[key] ?? 0) + count;
    }
  }
  const counted = audit.fired + audit.caughtUp + Object.values(audit.skipped).reduce((sum, n) => sum + n, 0);
  audit.planned =
    zonesIn(segments, fromAt, toAt) > 1
      ? counted
      : countPlanned(segments, fromAt, toAt, Number.MAX_SAFE_INTEGER);
  const missing = Math.abs(audit.planned - counted);
  const isOther = segmentsIn(segments, fromAt, toAt).some((segment) => !canRecount(segment));
  audit.unaccounted = isOther ? 0 : missing;
  return settled(audit, isOther ? missing : 0);
}

const segmentsIn = (segments: readonly Segment[], fromAt: number, toAt: number) =>
  segments.filter((segment) => segment.fromAt < toAt && (segment.toAt ?? toAt) > fromAt);

function zonesIn(segments: readonly Segment[], fromAt: number, toAt: number): number {
  const inside = segmentsIn(segments, fromAt, toAt);
  return new Set(inside.flatMap(({ schedule }) => (schedule === null ? [] : [scheduleZone(schedule)]))).size;
}

/** Two audits of neighbouring intervals as one. */
export function joinAudits(older: Audit, newer: Audit): Audit {
  const skipped = { ...older.skipped };
  for (const [reason, count] of Object.entries(newer.skipped)) {
    const key = reason as keyof Audit['skipped'];
    skipped[key] = (skipped[key] ?? 0) + count;
  }
  const unaccounted = older.unaccounted + newer.unaccounted;
  const joined: Audit = {
    fromAt: older.fromAt,
    toAt: newer.toAt,
    planned: older.planned + newer.planned,
    fired: older.fired + newer.fired,
    caughtUp: older.caughtUp + newer.caughtUp,
    skipped,
    unaccounted,
    ok: unaccounted === 0,
    folded: older.folded || newer.folded,
  };
  return settled(joined, (older.unproven ?? 0) + (newer.unproven ?? 0));
}

/** In order, one by one. */
function* plannedSlots(segments: readonly Segment[], fromAt: number, toAt: number): Generator<number> {
  for (const { source, startAt, left } of stretches(segments, fromAt, toAt)) {
    let slots = 0;
    for (
      let slot = source.next(startAt - 1);
      slot !== null && slot < toAt && slots < left;
      slot = source.next(slot)
    ) {
      yield slot;
      slots += 1;
    }
  }
}

/** Segments that reach into [fromAt, toAt). `maxSlots` counts from a segment's start: its slots before fromAt are off. */
function* stretches(segments: readonly Segment[], fromAt: number, toAt: number) {
  for (const segment of segments) {
    if (segment.toAt !== null && segment.toAt <= fromAt) continue;
    if (segment.fromAt >= toAt || segment.schedule === null) continue;
    const source = createSegmentSource(segment);
    const startAt = Math.max(segment.fromAt, fromAt);
    let left = segment.maxSlots ?? Number.MAX_SAFE_INTEGER;
    if (segment.maxSlots !== null) left -= source.count(segment.fromAt, startAt, left).count;
    yield { source, startAt, left };
  }
}
