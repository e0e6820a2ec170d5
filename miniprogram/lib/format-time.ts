/** Instants as people read them: in the phone's zone, or in a schedule's own. */
import { twoDigits } from './format';
import { type Language, translate } from './i18n';

interface Fields {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** Zones that are read without Intl, which WeChat on some Android phones does not have: [name, minutes from UTC]. */
const FIXED_ZONES: Record<string, number> = { UTC: 0, 'Asia/Shanghai': 480 };

/** `15:04:30`. */
export function clockText(at: number, timezone?: string): string {
  const { hour, minute, second } = fieldsOf(at, timezone);
  return `${twoDigits(hour)}:${twoDigits(minute)}:${twoDigits(second)}`;
}

/** `15:04`, with seconds only when there are some. */
export function shortClockText(at: number, timezone?: string): string {
  const text = clockText(at, timezone);
  return text.endsWith(':00') ? text.slice(0, 5) : text;
}

/** `11 月 24 日`, `Nov 24`; with the year when it is not this one. */
export function dateText(at: number, nowAt: number, language: Language, timezone?: string): string {
  const { year, month, day } = fieldsOf(at, timezone);
  const vars = { year, day, month: monthName(month, language) };
  const sameYear = year === fieldsOf(nowAt, timezone).year;
  return translate(language, sameYear ? 'format.monthDay' : 'format.yearMonthDay', vars);
}

/** `15:04:30` today, else `11 月 24 日 15:04:30`. */
export function dateTimeText(at: number, nowAt: number, language: Language, timezone?: string): string {
  if (dayOf(at, timezone) === dayOf(nowAt, timezone)) return clockText(at, timezone);
  return `${dateText(at, nowAt, language, timezone)} ${clockText(at, timezone)}`;
}

/** The same to the millisecond: `15:04:30.003`. */
export function exactTimeText(at: number, nowAt: number, language: Language): string {
  const ms = String(new Date(at).getMilliseconds()).padStart(3, '0');
  return `${dateTimeText(at, nowAt, language)}.${ms}`;
}

/** The name of a weekday; 0 and 7 are Sunday. */
export function weekdayName(weekday: number, language: Language): string {
  return translate(language, 'format.weekdays').split(',')[weekday % 7] ?? '';
}

/** The calendar day, `YYYY-MM-DD`. */
export function dayOf(at: number, timezone?: string): string {
  const { year, month, day } = fieldsOf(at, timezone);
  return `${year}-${twoDigits(month)}-${twoDigits(day)}`;
}

/** `亚洲/上海` for the usual one, else its IANA name. */
export function zoneText(timezone: string, language: Language): string {
  return timezone === 'Asia/Shanghai' ? translate(language, 'format.zoneShanghai') : timezone;
}

function monthName(month: number, language: Language): string {
  return language === 'zh-CN'
    ? String(month)
    : (translate(language, 'format.months').split(',')[month - 1] ?? '');
}

/** Without Intl, or for a zone it does not know, the phone's own zone. */
function fieldsOf(at: number, timezone?: string): Fields {
  if (timezone === undefined) return localFields(new Date(at));
  const fixed = FIXED_ZONES[timezone];
  if (fixed !== undefined) return utcFields(new Date(at + fixed * 60_000));
  return intlFields(at, timezone) ?? localFields(new Date(at));
}

function localFields(date: Date): Fields {
  return {
    year: date.getFullYear(),
    month: date.getMonth() + 1,
    day: date.getDate(),
    hour: date.getHours(),
    minute: date.getMinutes(),
    second: date.getSeconds(),
  };
}

function utcFields(date: Date): Fields {
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

/** Making one costs about a millisecond on a phone, and a list asks for many. */
const formatters = new Map<string, Intl.DateTimeFormat | null>();

function intlFields(at: number, timezone: string): Fields | null {
  let formatter = formatters.get(timezone);
  if (formatter === undefined) {
    formatter = createFormatter(timezone);
    formatters.set(timezone, formatter);
  }
  if (formatter === null) return null;
  const parts: Record<string, number> = {};
  for (const { type, value } of formatter.formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return utcFields(new Date(Date.UTC(year, month - 1, day, hour, minute, second)));
}

function createFormatter(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
}
