/**
 * The slots of a schedule: which instants it plans, and nothing else. Pure; instants are integer ms since the epoch,
 * intervals half-open. Slots are nominal: spread, `maxSlots` and pauses belong to the caller. The schedule has passed `checkSchedule`.
 */
import type { EverySchedule, Schedule } from '../../shared/task.ts';
import { createCalendarLine } from './calendar-line.ts';
import { type CronDays, createCronDays, type SlotCount } from './cron-days.ts';
import { scheduleZone } from './zone-day.ts';

export interface SlotSource {
  /** The first slot strictly after `afterAt` within `[startAt, endAt)`; null when none. */
  next(afterAt: number): number | null;
  /** Slots in `[fromAt, toAt)`, stopping after the oldest `limit`; `lastAt` is the newest counted. */
  countBetween(fromAt: number, toAt: number, limit: number): SlotCount;
  /** The n-th newest slot in `[fromAt, toAt)` (n = 1 the newest); null where there are fewer than n. */
  nthNewest(fromAt: number, toAt: number, n: number): number | null;
}

/** Slots as a line of instants without bounds. */
type Line = CronDays;

const NONE: SlotCount = { count: 0, lastAt: null };
const FIRST_SPAN_MS = 3_600_000;

/**
 * The slots of one schedule. Keeps parsed pattern and a bounded memory of days, so keep the source, not the slots.
 * Slots of a cron schedule begin at the epoch and end with the year 2999. Throws croner's errors for a pattern or a zone
 * that `checkSchedule` refuses.
 */
export function createSlotSource(schedule: Schedule): SlotSource {
  const startAt = schedule.startAt ?? Number.NEGATIVE_INFINITY;
  const endAt = schedule.endAt ?? Number.POSITIVE_INFINITY;
  const line = lineOf(schedule);

  return {
    next(afterAt) {
      const at = line.nextFrom(Math.max(Math.floor(afterAt) + 1, startAt));
      if (at !== null && at <= afterAt) throw new Error(`a schedule went back: ${at} after ${afterAt}`);
      return at === null || at >= endAt ? null : at;
    },
    countBetween(fromAt, toAt, limit) {
      const [lowAt, highAt] = [Math.max(fromAt, startAt), Math.min(toAt, endAt)];
      return lowAt < highAt && limit > 0 ? line.count(lowAt, highAt, limit) : { ...NONE };
    },
    nthNewest(fromAt, toAt, n) {
      return nthNewest(line, Math.max(fromAt, startAt), Math.min(toAt, endAt), n);
    },
  };
}

function lineOf(schedule: Schedule): Line {
  const { calendar = 'all' } = schedule;
  const line = everyDayLine(schedule);
  return calendar === 'all' ? line : createCalendarLine(line, calendar, scheduleZone(schedule));
}

function everyDayLine(schedule: Schedule): Line {
  if (schedule.kind === 'every') return everyLine(schedule);
  if (schedule.kind === 'cron') return createCronDays(schedule.cron, scheduleZone(schedule));
  const { at } = schedule;
  return {
    nextFrom: (fromAt) => (fromAt <= at ? at : null),
    count: (fromAt, toAt) => (fromAt <= at && at < toAt ? { count: 1, lastAt: at } : { ...NONE }),
  };
}

function everyLine({ everyMs, anchorAt = 0 }: EverySchedule): Line {
  /** The smallest k whose slot is at or after an instant. */
  const indexFrom = (at: number) => Math.ceil((at - anchorAt) / everyMs);
  return {
    nextFrom: (at) => anchorAt + indexFrom(at) * everyMs,
    count(fromAt, toAt, limit) {
      const first = indexFrom(fromAt);
      const count = Math.min(indexFrom(toAt) - first, limit);
      return count > 0 ? { count, lastAt: anchorAt + (first + count - 1) * everyMs } : { ...NONE };
    },
  };
}

/** Searches backwards in spans that double, so that the cost follows n and not the distance to `fromAt`. */
function nthNewest(line: Line, fromAt: number, toAt: number, n: number): number | null {
  let wanted = n;
  let highAt = toAt;
  for (let spanMs = FIRST_SPAN_MS; highAt > fromAt && wanted > 0; spanMs *= 2) {
    const lowAt = Math.max(highAt - spanMs, fromAt);
    const { count } = line.count(lowAt, highAt, Number.POSITIVE_INFINITY);
    if (count >= wanted) return line.count(lowAt, highAt, count - wanted + 1).lastAt;
    wanted -= count;
    highAt = lowAt;
  }
  return null;
}
