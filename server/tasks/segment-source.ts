/** The slots of one segment as planned instants: the schedule's nominal slots, moved by the segment's offset. Pure. */
import type { Schedule } from '../../shared/task.ts';
import type { Segment, TaskRecord } from '../store/records.ts';
import { createSlotSource, type SlotSource } from './schedule.ts';
import { dayBounds, dayOf, scheduleZone } from './zone-day.ts';

export interface SegmentSource {
  /** The first planned slot after this instant, whatever maxSlots says; null when there is none. */
  next(afterAt: number): number | null;
  /** Planned slots in [fromAt, toAt), counting at most `limit`; lastAt is the last one counted. */
  count(fromAt: number, toAt: number, limit: number): { count: number; lastAt: number | null };
  /** The n-th newest planned slot in [fromAt, toAt); null when there are fewer. */
  nthNewest(fromAt: number, toAt: number, n: number): number | null;
  /** Local day of an instant in the task's zone, `YYYYMMDD`, and where it ends. */
  day(at: number): string;
  dayEnd(day: string): number;
  /** Counting costs the same however many slots there are. */
  countsFreely: boolean;
}

const NO_SLOTS: SlotSource = {
  next: () => null,
  countBetween: () => ({ count: 0, lastAt: null }),
  nthNewest: () => null,
};

/** `zone` overrides the schedule's own (a paused segment has no schedule but days all the same). */
export function createSegmentSource(
  segment: Pick<Segment, 'schedule' | 'spreadMs' | 'toAt'>,
  zone?: string,
): SegmentSource {
  const { schedule, spreadMs } = segment;
  const endAt = segment.toAt ?? Number.MAX_SAFE_INTEGER;
  const source = schedule === null ? NO_SLOTS : createSlotSource(schedule);
  const timezone = zone ?? zoneOf(schedule);
  const shift = (at: number | null) => (at === null ? null : at + spreadMs);
  return {
    next(afterAt) {
      const at = shift(source.next(afterAt - spreadMs));
      return at === null || at >= endAt ? null : at;
    },
    count(fromAt, toAt, limit) {
      const counted = source.countBetween(fromAt - spreadMs, Math.min(toAt, endAt) - spreadMs, limit);
      return { count: counted.count, lastAt: shift(counted.lastAt) };
    },
    nthNewest: (fromAt, toAt, n) =>
      shift(source.nthNewest(fromAt - spreadMs, Math.min(toAt, endAt) - spreadMs, n)),
    day: (at) => dayOf(at, timezone),
    dayEnd: (day) => dayBounds(day, timezone).toAt,
    countsFreely: schedule === null || schedule.kind !== 'cron',
  };
}

const zoneOf = (schedule: Schedule | null) => scheduleZone(schedule ?? { kind: 'at', at: 0 });

/** How many planned slots the open segment may still have. */
export function slotsLeft(task: Pick<TaskRecord, 'segment' | 'segmentSlots'>): number {
  return task.segment.maxSlots === null ? Number.MAX_SAFE_INTEGER : task.segment.maxSlots - task.segmentSlots;
}
