/**
 * Slots of a cron pattern, day by day. croner needs 25 to 50 µs for one slot; an audit asks for 100,000. Where local time
 * runs evenly, the slots of a matching day are hours × minutes × seconds, counted and found by arithmetic. Within a shift
 * and an hour of a transition croner answers slot by slot: its rule is the promise (see the table in the tests).
 */
import { createDayRule } from './cron-month.ts';
import { cronIn, parseCron } from './cron-pattern.ts';
import { createTimeList } from './time-list.ts';
import { calmSpanAt, DAY_MS, offsetAt } from './zone-offsets.ts';

/** croner looks no further than the year 2999. */
const HORIZON_AT = Date.UTC(2999, 11, 30);
/** No zone is further than this from UTC (UTC-12 to UTC+14). */
const FURTHEST_MS = 16 * 3_600_000;

export interface SlotCount {
  count: number;
  /** The newest slot that was counted; null where none was. */
  lastAt: number | null;
}

export interface CronDays {
  /** The first slot at or after an instant; null when none. */
  nextFrom(at: number): number | null;
  /** Slots in `[fromAt, toAt)`, the oldest `limit` of them. */
  count(fromAt: number, toAt: number, limit: number): SlotCount;
}

/** `[fromAt, toAt)` lies in one matching local day that began at `dayAt`; or, `dayAt` null, near a transition. */
interface Part {
  fromAt: number;
  toAt: number;
  dayAt: number | null;
}

/** Reads a pattern of 5 to 7 fields in a zone. Throws croner's errors for what it does not understand. */
export function createCronDays(text: string, timezone: string): CronDays {
  const parsed = parseCron(text);
  const { hour, minute, second } = parsed.pattern;
  const times = createTimeList(hour, minute, second);
  const days = createDayRule(parsed);

  function byCroner(afterAt: number): number | null {
    const nextAt = cronIn(text, timezone).nextRun(new Date(afterAt))?.getTime() ?? null;
    if (nextAt !== null && nextAt <= afterAt) throw new Error(`cron went back: ${nextAt} after ${afterAt}`);
    return nextAt === null || nextAt >= HORIZON_AT ? null : nextAt;
  }

  let known: Part = { fromAt: 0, toAt: 0, dayAt: null };

  /** The first part that ends after an instant and may have slots; null when none. Remembers it. */
  function partFrom(wantedAt: number): Part | null {
    if (wantedAt >= known.fromAt && wantedAt < known.toAt) return known;
    let at = Math.max(wantedAt, 0);
    while (at < HORIZON_AT) {
      const { fromAt, toAt, offsetMs } = calmSpanAt(at, timezone);
      const number = Math.floor((at + (offsetMs ?? offsetAt(at, timezone))) / DAY_MS);
      const day = days.nextDay(offsetMs === null ? number - 1 : number);
      if (day === null) return null;
      const earliestAt = day * DAY_MS - FURTHEST_MS;
      if (offsetMs === null) {
        if (earliestAt < toAt) {
          known = { fromAt: at, toAt, dayAt: null };
          return known;
        }
        at = earliestAt;
        continue;
      }
      const dayAt = day * DAY_MS - offsetMs;
      if (dayAt < toAt) {
        known = { fromAt: Math.max(dayAt, fromAt), toAt: Math.min(dayAt + DAY_MS, toAt), dayAt };
        return known;
      }
      at = Math.max(earliestAt, toAt);
    }
    return null;
  }

  return {
    nextFrom(wantedAt) {
      let at = wantedAt;
      for (let part = partFrom(at); part !== null; part = partFrom(at)) {
        const { fromAt, toAt, dayAt } = part;
        at = Math.max(at, fromAt);
        if (dayAt === null) return byCroner(at - 1);
        const index = times.rank(at - dayAt);
        const slotAt = index < times.length ? dayAt + times.at(index) : toAt;
        if (slotAt < toAt) return slotAt;
        at = toAt;
      }
      return null;
    },

    count(fromAt, toAt, limit) {
      let at = fromAt;
      let count = 0;
      let lastAt: number | null = null;
      while (count < limit) {
        const part = partFrom(at);
        if (part === null) break;
        at = Math.max(at, part.fromAt);
        if (at >= toAt) break;
        if (part.dayAt === null) {
          const slotAt = byCroner(at - 1);
          if (slotAt === null || slotAt >= toAt) break;
          count += 1;
          lastAt = slotAt;
          at = slotAt + 1;
          continue;
        }
        const index = times.rank(at - part.dayAt);
        const end = times.rank(Math.min(part.toAt, toAt) - part.dayAt);
        const found = Math.min(end - index, limit - count);
        if (found > 0) lastAt = part.dayAt + times.at(index + found - 1);
        count += found;
        at = part.toAt;
      }
      return { count, lastAt };
    },
  };
}
