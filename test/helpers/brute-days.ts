/** Local dates and Chinese work days, day by day, without anything of the product: Intl, and the data package's own files. */
import { existsSync, readFileSync } from 'node:fs';
import type { Calendar } from '../../shared/task.ts';

const formats = new Map<string, Intl.DateTimeFormat>();

/** `YYYY-MM-DD` on the clocks of a zone. */
export function localDate(at: number, timezone: string): string {
  let format = formats.get(timezone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short' });
    formats.set(timezone, format);
  }
  return format.format(at);
}

interface YearFile {
  holidays: Record<string, string>;
  workdays: Record<string, string>;
}
const years = new Map<string, YearFile>();

function yearFile(year: string): YearFile {
  let file = years.get(year);
  if (file === undefined) {
    const path = `node_modules/chinese-days/dist/years/${year}.json`;
    file = existsSync(path)
      ? (JSON.parse(readFileSync(path, 'utf8')) as YearFile)
      : { holidays: {}, workdays: {} };
    years.set(year, file);
  }
  return file;
}

/** Whether slots on a local date count. */
export function dateCounts(calendar: Calendar, date: string): boolean {
  if (calendar === 'all') return true;
  const { holidays, workdays } = yearFile(date.slice(0, 4));
  const weekend = [0, 6].includes(new Date(`${date}T12:00:00Z`).getUTCDay());
  const isWork = date in workdays || (!weekend && !(date in holidays));
  return isWork === (calendar === 'cn_workdays');
}
