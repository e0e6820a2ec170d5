/** A line of slots of which only those on a calendar's days are left. Pure. */
import type { Calendar } from '../../shared/task.ts';
import { dayCounts } from './calendar.ts';
import type { CronDays } from './cron-days.ts';
import { DAY_MS, pieceAt } from './zone-offsets.ts';

/** A stretch of one local date, and whether its slots count. */
interface Stretch {
  fromAt: number;
  toAt: number;
  counts: boolean;
}

/**
 * So many slots in a row may be left out before a line counts as one that never meets its calendar. Beyond the published years
 * only weekdays decide, and any cron pattern that meets a set of them does so within 336 slots (the first of a month, 28 years).
 * Some 30 ms at worst. An interval of a week and less than 8 minutes would take longer to drift from one set to the other.
 */
const MOST_LEFT_OUT = 400;

/** The line's slots on days of the calendar; the day is the one that clocks in the zone show at the slot. */
export function createCalendarLine(
  line: CronDays,
  calendar: Exclude<Calendar, 'all'>,
  timezone: string,
): CronDays {
  let known: Stretch = { fromAt: 0, toAt: 0, counts: false };

  function stretchAt(at: number): Stretch {
    if (at >= known.fromAt && at < known.toAt) return known;
    const { fromAt, toAt, offsetMs } = pieceAt(at, timezone);
    const day = Math.floor((at + offsetMs) / DAY_MS);
    const startAt = day * DAY_MS - offsetMs;
    known = {
      fromAt: Math.max(startAt, fromAt),
      toAt: Math.min(startAt + DAY_MS, toAt),
      counts: dayCounts(calendar, day),
    };
    return known;
  }

  /** The instant itself, or the beginning of the next day that counts; `endAt` or later when there is none before it. */
  function countingFrom(at: number, endAt: number): number {
    let from = at;
    while (from < endAt && !stretchAt(from).counts) from = known.toAt;
    return from;
  }

  return {
    nextFrom(fromAt) {
      let slotAt = line.nextFrom(fromAt);
      for (let leftOut = 0; slotAt !== null && leftOut < MOST_LEFT_OUT; leftOut += 1) {
        if (stretchAt(slotAt).counts) return slotAt;
        slotAt = line.nextFrom(countingFrom(slotAt, Number.POSITIVE_INFINITY));
      }
      return null;
    },

    count(fromAt, toAt, limit) {
      let count = 0;
      let lastAt: number | null = null;
      for (let at = countingFrom(fromAt, toAt); at < toAt && count < limit; at = countingFrom(at, toAt)) {
        const endAt = Math.min(stretchAt(at).toAt, toAt);
        const part = line.count(at, endAt, limit - count);
        count += part.count;
        lastAt = part.lastAt ?? lastAt;
        at = endAt;
      }
      return { count, lastAt };
    },
  };
}
