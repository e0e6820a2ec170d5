/**
 * Local calendar days of a time zone. The days of a zone cover time without gap or overlap: a day begins at the first
 * instant whose local date is that day or a later one. So a day may begin at 01:00, last 23 or 25 hours, or be empty
 * (Pacific/Apia 2011-12-30), and where clocks fall back across midnight a day that has begun is not left again.
 */
import type { Schedule } from '../../shared/task.ts';
import { bounded } from './bounded-map.ts';
import { DAY_MS, offsetAt, piecesBetween } from './zone-offsets.ts';

export { offsetAt } from './zone-offsets.ts';

const DEFAULT_ZONE = 'Asia/Shanghai';

interface ZoneDay {
  fromAt: number;
  toAt: number;
  day: string;
}

interface ZoneDays {
  last: ZoneDay;
  starts: Map<number, number>;
  texts: Map<number, ZoneDay>;
}

const NO_DAY: ZoneDay = { fromAt: 0, toAt: 0, day: '' };
/** No zone is further than this from UTC (UTC-12 to UTC+14). */
const FURTHEST_MS = 16 * 3_600_000;
const zones = bounded<string, ZoneDays>(1_000);

function daysOf(timezone: string): ZoneDays {
  let days = zones.get(timezone);
  if (days === undefined) {
    days = { last: NO_DAY, starts: bounded(256), texts: bounded(128) };
    zones.set(timezone, days);
  }
  return days;
}

/** The instant at which local day number `number` (days since 1970-01-01) begins. */
function startOf(days: ZoneDays, number: number, timezone: string): number {
  let startAt = days.starts.get(number);
  if (startAt === undefined) {
    const localAt = number * DAY_MS;
    for (const piece of piecesBetween(localAt - FURTHEST_MS, localAt + FURTHEST_MS, timezone)) {
      startAt = Math.max(piece.fromAt, localAt - piece.offsetMs);
      if (startAt < piece.toAt) break;
    }
    days.starts.set(number, startAt!);
  }
  return startAt!;
}

/** The schedule's zone: what it names, `Asia/Shanghai` where it names none and for `every` and `at`. */
export function scheduleZone(schedule: Schedule): string {
  return (schedule.kind === 'cron' ? schedule.timezone : undefined) ?? DEFAULT_ZONE;
}

/** The local calendar day of an instant as `YYYYMMDD`. Throws RangeError where Intl does not know the zone. */
export function dayOf(at: number, timezone: string): string {
  const days = daysOf(timezone);
  if (at >= days.last.fromAt && at < days.last.toAt) return days.last.day;
  let number = Math.floor((at + offsetAt(at, timezone)) / DAY_MS);
  while (at >= startOf(days, number + 1, timezone)) number += 1;
  let known = days.texts.get(number);
  if (known === undefined) {
    const day = new Date(number * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
    known = { fromAt: startOf(days, number, timezone), toAt: startOf(days, number + 1, timezone), day };
    days.texts.set(number, known);
  }
  days.last = known;
  return known.day;
}

/**
 * The instants `[fromAt, toAt)` of a local calendar day `YYYYMMDD`; empty for a day the zone skipped. Throws RangeError
 * where the text is no date or Intl does not know the zone.
 */
export function dayBounds(day: string, timezone: string): { fromAt: number; toAt: number } {
  const text = /^(\d{4})(\d{2})(\d{2})$/.exec(day);
  const localAt = text === null ? Number.NaN : Date.parse(`${text[1]}-${text[2]}-${text[3]}T00:00:00Z`);
  if (
    Number.isNaN(localAt) ||
    !new Date(localAt).toISOString().startsWith(`${text![1]}-${text![2]}-${text![3]}`)
  ) {
    throw new RangeError('a day is eight digits, YYYYMMDD, and exists in the calendar');
  }
  const days = daysOf(timezone);
  const number = localAt / DAY_MS;
  return { fromAt: startOf(days, number, timezone), toAt: startOf(days, number + 1, timezone) };
}

/** An instant as `YYYY-MM-DD HH:mm:ss` in the zone. Throws RangeError where Intl does not know the zone. */
export function localText(at: number, timezone: string): string {
  return new Date(at + offsetAt(at, timezone)).toISOString().slice(0, 19).replace('T', ' ');
}

/** A zone's offset in ms as `+08:00`, or `-00:44:30` where it has seconds. */
export function offsetText(offsetMs: number): string {
  const text = new Date(Math.abs(offsetMs)).toISOString().slice(11, 19).replace(/:00$/, '');
  return (offsetMs < 0 ? '-' : '+') + text;
}
