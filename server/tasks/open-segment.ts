/** A new stretch of a task's life: what it plans, from when, with which offset and by which data. Pure. */
import type { Schedule } from '../../shared/task.ts';
import type { Segment, TaskRecord } from '../store/records.ts';
import { calendarData } from './calendar.ts';
import { samePattern } from './definition.ts';
import { createSlotSource } from './schedule.ts';
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
 * How a task goes on under a schedule from `now` on: where its segment closes, and the one that opens there. Where only the
 * spread changes, each nominal slot is still planned once: one whose old instant has passed is left out, and one that would
 * come before `now` because the offset became shorter is owed at once.
 */
export function nextStretch(
  task: Pick<TaskRecord, 'id' | 'cursorAt' | 'segment' | 'state' | 'definition'>,
  schedule: Schedule,
  now: number,
  maxSlots: number | null,
): { closeAt: number; segment: Segment } {
  const offsetMs = spreadOffset(task.id, schedule.spreadMs ?? 0);
  const owedAt = task.state === 'paused' ? null : owedSlot(task, schedule, offsetMs, now);
  const closeAt = Math.max(task.cursorAt, owedAt === null ? now : owedAt - 1);
  const goesOn = samePattern(schedule, task.definition.schedule);
  const frontAt = goesOn ? nominalFront(task.segment, closeAt) : Number.NEGATIVE_INFINITY;
  const isBehind = closeAt - offsetMs >= frontAt || (schedule.startAt ?? 0) > frontAt;
  const bounded = isBehind ? schedule : { ...schedule, startAt: frontAt + 1 };
  return { closeAt, segment: openSegment(bounded, closeAt + 1, maxSlots, offsetMs) };
}

/** The slot at or before `now` that the new schedule still owes; null when none. */
function owedSlot(
  { cursorAt, segment, definition }: Pick<TaskRecord, 'cursorAt' | 'segment' | 'definition'>,
  schedule: Schedule,
  offsetMs: number,
  now: number,
): number | null {
  const isPast = (at: number) => at > cursorAt && at <= now;
  // An `at` up to a minute past still gets its slot, unless the cursor has passed it.
  if (schedule.kind === 'at') return isPast(schedule.at + offsetMs) ? schedule.at + offsetMs : null;
  if (segment.toAt !== null || offsetMs >= segment.spreadMs) return null;
  if (!samePattern(schedule, definition.schedule)) return null;
  const nominalAt = createSlotSource(schedule).next(nominalFront(segment, now));
  if (nominalAt === null || !isPast(nominalAt + offsetMs)) return null;
  // What the old segment owes from there on would lose its verdict. (Only slots that a change of clocks brought together.)
  const old = createSegmentSource(segment).next(nominalAt + offsetMs - 1);
  return old === null || old > now ? nominalAt + offsetMs : null;
}

/** Up to where (inclusive) nominal instants have had their turn when a segment closes at `closeAt`. */
function nominalFront({ fromAt, toAt, schedule, spreadMs }: Segment, closeAt: number): number {
  if (schedule === null) return fromAt - 1 - spreadMs;
  const endAt = toAt === null ? closeAt : Math.min(closeAt, toAt - 1);
  const startAt = schedule.startAt ?? 0;
  return Math.max(endAt - spreadMs, startAt <= closeAt ? startAt - 1 : 0);
}
