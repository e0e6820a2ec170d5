/**
 * croner's day rule in arithmetic, a month at a time: days of month with L, LW and nW, months, days of week with #n and L, years.
 * Both day fields given are OR, or AND where the week field begins with `+`. Proved equal to croner by property tests.
 */
import type { CronPattern } from 'croner';
import type { ParsedCron } from './cron-pattern.ts';
import { DAY_MS } from './zone-offsets.ts';

/** Days are numbers: whole days since 1970-01-01 of the local calendar. */
export interface DayRule {
  /** The first matching day at or after a day; null where the next 41 years that the pattern names have none. */
  nextDay(number: number): number | null;
}

/** 29 February falls on a given weekday at least every 40 years; no other condition is rarer. */
const SEARCH_MONTHS = 41 * 12 + 1;

interface Month {
  /** Day number of its first day, and of the next month's. */
  first: number;
  end: number;
  /** Matching days; index 0 is the first of the month. */
  marks: boolean[];
  /** Whether any day matches. */
  any: boolean;
}

/** The rule of a parsed pattern. Remembers one month. */
export function createDayRule({ pattern, years }: ParsedCron): DayRule {
  let known: Month = { first: 0, end: 0, marks: [], any: false };

  function monthOf(number: number): Month {
    if (number >= known.first && number < known.end) return known;
    const date = new Date(number * DAY_MS);
    known = readMonth(pattern, date.getUTCFullYear(), date.getUTCMonth());
    return known;
  }

  /** The day itself, or the first day of the next year that the pattern names; null when there is none. */
  function inNamedYear(day: number): number | null {
    if (years === null || (day >= known.first && day < known.end)) return day;
    const year = new Date(day * DAY_MS).getUTCFullYear();
    const named = years.find((candidate) => candidate >= year);
    if (named === undefined) return null;
    return named === year ? day : Date.UTC(named, 0, 1) / DAY_MS;
  }

  return {
    nextDay(number) {
      let day = number;
      for (let searched = 0; searched < SEARCH_MONTHS; searched += 1) {
        const named = inNamedYear(day);
        if (named === null) return null;
        day = named;
        const { first, end, marks, any } = monthOf(day);
        if (any) for (; day < end; day += 1) if (marks[day - first]) return day;
        day = end;
      }
      return null;
    },
  };
}

function readMonth(pattern: CronPattern, year: number, month: number): Month {
  const first = Date.UTC(year, month, 1) / DAY_MS;
  const end = Date.UTC(year, month + 1, 1) / DAY_MS;
  if (!pattern.month[month]) return { first, end, marks: [], any: false };
  const length = end - first;
  const marks = pattern.day.slice(0, length).map(Boolean);
  pattern.nearestWeekdays.forEach((mark, index) => {
    if (mark && index < length) marks[nearestWeekday(first, index, length)] = true;
  });
  if (pattern.lastWeekday) marks[nearestWeekday(first, length - 1, length)] = true;
  if (pattern.lastDayOfMonth) marks[length - 1] = true;
  if (!pattern.starDOW) {
    const both = pattern.useAndLogic || pattern.starDOM;
    marks.forEach((byDay, index) => {
      const byWeek = matchesWeek(pattern.dayOfWeek[weekday(first + index)]!, index, length);
      marks[index] = both ? byDay && byWeek : byDay || byWeek;
    });
  }
  return { first, end, marks, any: marks.includes(true) };
}

/** Bits of croner's mark: the first to the fifth such weekday of the month are 1 to 16, the last is 32. */
function matchesWeek(mark: number, index: number, length: number): boolean {
  return (mark & (1 << Math.floor(index / 7))) !== 0 || ((mark & 32) !== 0 && index + 7 >= length);
}

/** Sunday is 0; 1970-01-01 was a Thursday. */
function weekday(number: number): number {
  return (((number + 4) % 7) + 7) % 7;
}

/** The weekday (Monday to Friday) nearest to a day, within the month. Indexes from 0. */
function nearestWeekday(first: number, index: number, length: number): number {
  const day = weekday(first + index);
  if (day === 0) return index === length - 1 ? index - 2 : index + 1;
  if (day === 6) return index === 0 ? index + 2 : index - 1;
  return index;
}
