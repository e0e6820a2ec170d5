/**
 * The work days of mainland China: public holidays and the make-up days on weekends, as the State Council announces them.
 * The dates come from the data file of chinese-days. Its functions are not used: west of Greenwich they read a date as the
 * day before (2,116 wrong answers for 2004 to 2026 in New York).
 */
import { createRequire } from 'node:module';
import type { Calendar } from '../../shared/task.ts';
import { DAY_MS } from './zone-offsets.ts';

/** Dates `YYYY-MM-DD`; the values are names. */
interface DaysFile {
  holidays: Record<string, string>;
  workdays: Record<string, string>;
}

interface WorkDays {
  /** Days (since 1970-01-01) that are not what their weekday says; true: work. */
  exceptions: Map<number, boolean>;
  /** Years with such a day, ascending. */
  years: Set<number>;
  /** Package, version and years, such as `chinese-days 1.5.7 2004-2026`. */
  name: string;
}

const require = createRequire(import.meta.url);
let known: WorkDays | undefined;

/** Read when a calendar is first asked for: 1 ms. */
function workDays(): WorkDays {
  known ??= readWorkDays(
    require('chinese-days/dist/chinese-days.json') as DaysFile,
    (require('chinese-days/package.json') as { version: string }).version,
  );
  return known;
}

function readWorkDays({ holidays, workdays }: DaysFile, version: string): WorkDays {
  const exceptions = new Map<number, boolean>();
  const years = new Set<number>();
  // A make-up day wins: it is announced as an exception to the holiday around it.
  for (const [dates, isWork] of [
    [holidays, false],
    [workdays, true],
  ] as const) {
    for (const date of Object.keys(dates)) {
      const day = Date.parse(`${date}T00:00:00Z`) / DAY_MS;
      if (!Number.isInteger(day)) throw new Error(`chinese-days ${version} holds a date that is none`);
      if (isWork === isPlainWorkday(day)) exceptions.delete(day);
      else exceptions.set(day, isWork);
    }
  }
  for (const day of exceptions.keys()) years.add(yearOf(day));
  const sorted = [...years].sort((a, b) => a - b);
  return { exceptions, years: new Set(sorted), name: `chinese-days ${version} ${ranges(sorted)}` };
}

/** Whether a local day (days since 1970-01-01) has slots. */
export function dayCounts(calendar: Exclude<Calendar, 'all'>, day: number): boolean {
  const isWork = workDays().exceptions.get(day) ?? isPlainWorkday(day);
  return isWork === (calendar === 'cn_workdays');
}

/** Whether the plan of a day's year is known; in other years only the weekday decides. */
export const isCovered = (day: number): boolean => workDays().years.has(yearOf(day));

/** Version and coverage of the data that a calendar is judged with; empty for `all`, which needs none. */
export const calendarData = (calendar: Calendar): string => (calendar === 'all' ? '' : workDays().name);

/** The last year whose plan is known. */
export const lastCoveredYear = (): number => Math.max(...workDays().years);

/** Monday to Friday. 1970-01-01 was a Thursday. */
function isPlainWorkday(day: number): boolean {
  const weekday = (((day + 4) % 7) + 7) % 7;
  return weekday >= 1 && weekday <= 5;
}

const yearOf = (day: number) => new Date(day * DAY_MS).getUTCFullYear();

/** Years as `2004-2008,2010`. */
function ranges(years: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const year of years) {
    const last = parts.at(-1);
    if (last !== undefined && last[1] === year - 1) last[1] = year;
    else parts.push([year, year]);
  }
  return parts.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
