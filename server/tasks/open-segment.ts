/** A new stretch of a task's life: what it plans, from when, with which offset and by which data. Pure. */
import type { Schedule } from '../../shared/task.ts';
import type { Segment, TaskRecord } from '../store/records.ts';
import { calendarData } from './calendar.ts';
import { samePattern, sameSchedule } from './definition.ts';
import { createSegmentSource } from './segment-source.ts';
import { spreadOffset } from './spread.ts';
import { DAY_MS } from './zone-offsets.ts';

/** Version of the time zone data that this process plans with, such as `2025b`. */
const ZONE_DATA = process.versions.tz ?? '';

/** A segment from an instant on. `maxSlots` null: no limit. `offsetMs`: how far its slots come after their nominal instants. */
export function openSegment(
  schedule: Schedule | null,
  fromAt: number,
  maxSlots: number | null,
  offsetMs = 0,
): Segment {
  const data = { zoneData: ZONE_DATA, calendarData: calendarData(schedule?.calendar ?? 'all') };
  return { fromAt, toAt: null, schedule, maxSlots, spreadMs: offsetMs, ...data };
}

/** Whether this process would plan the segment by the very data that the segment names. A paused one plans nothing. */
export function hasOwnData({ schedule, zoneData, calendarData: data }: Segment): boolean {
  return schedule === null || (zoneData === ZONE_DATA && data === calendarData(schedule.calendar ?? 'all'));
}

/**
 * Whether this process recounts exactly what was planned: by the segment's own data, or where no data plays a part. Intervals
 * and single instants know no zone.
 */
export function canRecount(segment: Segment): boolean {
  const { schedule } = segment;
  const usesData = schedule?.kind === 'cron' || (schedule?.calendar ?? 'all') !== 'all';
  return !usesData || hasOwnData(segment);
}

/**
 * The paused stretch after `closeAt`. It remembers in its offset how far nominal instants had come, so that a spread which
 * changes meanwhile brings none of them back. `isSame`: the pattern is the one before; of another none has had its turn.
 */
export function pausedSegment(
  task: Pick<TaskRecord, 'segment'>,
  closeAt: number,
  maxSlots: number | null,
  isSame: boolean,
): Segment {
  const behindMs = isSame ? Math.min(closeAt - nominalFront(task.segment, closeAt), DAY_MS) : DAY_MS;
  return openSegment(null, closeAt + 1, maxSlots, behindMs);
}

/**
 * How a task goes on under a schedule from `now` on: where its segment closes, and the one that opens there. Each nominal slot
 * is planned once whatever becomes of the spread: one that has had its turn is left out, and where nothing but the spread
 * changes, the stretch closes behind its last slot, not at `now`: a slot between its nominal instant and its own is still
 * to come, or owed at once by a shorter offset.
 */
export function nextStretch(
  task: Pick<TaskRecord, 'id' | 'cursorAt' | 'segment' | 'state' | 'definition'>,
  schedule: Schedule,
  now: number,
  maxSlots: number | null,
): { closeAt: number; segment: Segment } {
  const offsetMs = spreadOffset(task.id, schedule.spreadMs ?? 0);
  const closeAt = Math.max(task.cursorAt, closingAt(task, schedule, offsetMs, now));
  const goesOn = samePattern(schedule, task.definition.schedule);
  const frontAt = goesOn ? nominalFront(task.segment, closeAt) : Number.NEGATIVE_INFINITY;
  const isBehind = closeAt - offsetMs >= frontAt || (schedule.startAt ?? 0) > frontAt;
  const bounded = isBehind ? schedule : { ...schedule, startAt: frontAt + 1 };
  return { closeAt, segment: openSegment(bounded, closeAt + 1, maxSlots, offsetMs) };
}

function closingAt(
  { cursorAt, segment, state, definition }: Pick<TaskRecord, 'cursorAt' | 'segment' | 'state' | 'definition'>,
  schedule: Schedule,
  offsetMs: number,
  now: number,
): number {
  if (state === 'paused') return now;
  const isMoved = sameSchedule({ ...schedule, spreadMs: 0 }, { ...definition.schedule, spreadMs: 0 });
  if (state === 'active' && isMoved) {
    return createSegmentSource(segment).nthNewest(cursorAt + 1, now + 1, 1) ?? cursorAt;
  }
  // An `at` up to a minute past still gets its slot, unless the cursor has passed it.
  const isPast = schedule.kind === 'at' && schedule.at + offsetMs <= now && schedule.at + offsetMs > cursorAt;
  return isPast ? schedule.at + offsetMs - 1 : now;
}

/** Up to where (inclusive) nominal instants have had their turn when a segment closes at `closeAt`. */
function nominalFront({ fromAt, toAt, schedule, spreadMs }: Segment, closeAt: number): number {
  if (schedule === null) return fromAt - 1 - spreadMs;
  const endAt = toAt === null ? closeAt : Math.min(closeAt, toAt - 1);
  // A startAt that has passed may be the mark that an earlier change of the spread has left.
  const markAt = (schedule.startAt ?? 0) - 1;
  return Math.max(endAt - spreadMs, markAt <= closeAt ? markAt : 0);
}
