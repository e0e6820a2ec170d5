/** The short reading of a cron pattern, where it has one: a pattern that is too odd is quoted, never guessed at. Pure. */
import type { Calendar } from '../../shared/task.ts';
import { everyWords } from './length-words.ts';

const ZH_DAYS = ['周日', '周一', '周二', '周三', '周四', '周五', '周六'];
const EN_DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const EN_MONTHS =
  'January February March April May June July August September October November December'.split(' ');

export interface CronWords {
  text: string;
  /** The calendar's days are named by `text` itself (`每个工作日 08:30`). */
  saysCalendar: boolean;
}

/** The reading, with the days of the calendar in place of "every day"; null: it has no short one. */
export function cronWords(cron: string, calendar: Calendar, zh: boolean): CronWords | null {
  const fields = cron.trim().toUpperCase().replaceAll('?', '*').split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  const [second, minute, hour, day, month, week, year = '*'] = fields as [string, ...string[]] as string[];
  const years = yearWords(year, zh);
  if (years === null) return null;
  const anyDay = day === '*' && month === '*' && week === '*';

  const beat = anyDay ? beatWords(second!, minute!, hour!, zh) : null;
  if (beat !== null) return { text: beat + years, saysCalendar: false };
  const times = timeWords(second!, minute!, hour!, zh);
  if (times === null) return null;
  if (anyDay && calendar !== 'all')
    return { text: `${everyOf(calendar, zh)} ${times}${years}`, saysCalendar: true };
  const days = month === '*' ? dayWords(day!, week!, zh) : week === '*' ? dateWords(day!, month!, zh) : null;
  return days === null ? null : { text: `${days} ${times}${years}`, saysCalendar: false };
}

/** `法定工作日`, `Chinese days off`. */
export function calendarWords(calendar: Exclude<Calendar, 'all'>, zh: boolean): string {
  if (calendar === 'cn_workdays') return zh ? '法定工作日' : 'Chinese work days';
  return zh ? '法定休息日' : 'Chinese days off';
}

function everyOf(calendar: Exclude<Calendar, 'all'>, zh: boolean): string {
  if (zh) return calendar === 'cn_workdays' ? '每个工作日' : '每个休息日';
  return calendar === 'cn_workdays' ? 'Every Chinese work day' : 'Every Chinese day off';
}

/** Patterns that run through the whole day. */
function beatWords(second: string, minute: string, hour: string, zh: boolean): string | null {
  const locale = zh ? 'zh-CN' : 'en';
  if (hour !== '*') {
    const hours = second === '0' && minute === '0' ? stepOf(hour, 24) : null;
    if (hours === null || hours === 1) return null;
    return zh ? `每天 0 点起每 ${hours} 小时` : `Every ${hours} hours from midnight each day`;
  }
  const seconds = minute === '*' ? stepOf(second, 60) : null;
  if (seconds !== null) return everyWords(seconds * 1_000, locale);
  const minutes = second === '0' ? stepOf(minute, 60) : null;
  if (minutes !== null) return everyWords(minutes * 60_000, locale);
  if (second !== '0' || !/^\d+$/.test(minute)) return null;
  if (Number(minute) === 0) return everyWords(3_600_000, locale);
  return zh ? `每小时第 ${Number(minute)} 分` : `Every hour at minute ${Number(minute)}`;
}

/** n of `*` (1) or of a step that divides the field evenly. */
function stepOf(field: string, size: number): number | null {
  if (field === '*') return 1;
  const step = Number(/^\*\/(\d{1,2})$/.exec(field)?.[1] ?? 0);
  return step > 0 && step < size && size % step === 0 ? step : null;
}

/** Up to four hours with one minute and second: `09:00、18:00`. */
function timeWords(second: string, minute: string, hour: string, zh: boolean): string | null {
  if (!/^\d{1,2}$/.test(second) || !/^\d{1,2}$/.test(minute) || !/^\d{1,2}(,\d{1,2}){0,3}$/.test(hour))
    return null;
  const two = (value: string) => value.padStart(2, '0');
  const tail = `:${two(minute)}${Number(second) === 0 ? '' : `:${two(second)}`}`;
  const times = [...new Set(hour.split(',').map((value) => two(value) + tail))].sort();
  return zh ? times.join('、') : `at ${times.join(', ')}`;
}

function dayWords(day: string, week: string, zh: boolean): string | null {
  if (week === '*') {
    if (day === '*') return zh ? '每天' : 'Every day';
    if (day === 'L') return zh ? '每月最后一天' : 'Last day of every month';
    if (!/^\d{1,2}$/.test(day)) return null;
    // Not every month has one.
    if (Number(day) > 28) return zh ? `每逢 ${Number(day)} 日` : `Day ${Number(day)} of months that have one`;
    return zh ? `每月 ${Number(day)} 日` : `Day ${Number(day)} of every month`;
  }
  if (day !== '*') return null;
  if (week === '1-5' || week === 'MON-FRI') return zh ? '周一至周五' : 'Monday to Friday';
  const numbers = week
    .split(',')
    .map((text) =>
      NAMES.includes(text) ? NAMES.indexOf(text) : /^[0-7]$/.test(text) ? Number(text) % 7 : -1,
    );
  if (numbers.includes(-1)) return null;
  const names = [...new Set(numbers)].map((number) => (zh ? ZH_DAYS[number] : EN_DAYS[number]));
  return zh ? `每${names.join('、')}` : `Every ${names.join(', ')}`;
}

/** One day of one month. */
function dateWords(day: string, month: string, zh: boolean): string | null {
  if (!/^\d{1,2}$/.test(day) || !/^\d{1,2}$/.test(month)) return null;
  const [date, number] = [Number(day), Number(month)];
  if (number === 2 && date > 28)
    return zh ? `每逢 ${number} 月 ${date} 日` : `On every ${EN_MONTHS[1]} ${date}`;
  return zh ? `每年 ${number} 月 ${date} 日` : `Every year on ${EN_MONTHS[number - 1]} ${date}`;
}

/** `，仅 2026 年`; empty for every year, null for a field without a short reading. */
function yearWords(field: string, zh: boolean): string | null {
  if (field === '*') return '';
  if (!/^\d{4}((,\d{4}){0,3}|-\d{4})$/.test(field)) return null;
  if (zh) return `，仅 ${field.replaceAll(',', '、').replace('-', ' 至 ')} 年`;
  return `, only in ${field.replaceAll(',', ', ').replace('-', ' to ')}`;
}
