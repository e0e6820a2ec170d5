import type { Calendar, Schedule } from '../../shared/task';
import { countText, twoDigits } from './format';
import { dateText, shortClockText, weekdayName } from './format-time';
import { type Language, translate } from './i18n';

const UNITS = [
  { ms: 86_400_000, key: 'format.everyD', one: 'format.eachD' },
  { ms: 3_600_000, key: 'format.everyH', one: 'format.eachH' },
  { ms: 60_000, key: 'format.everyMin', one: 'format.eachMin' },
  { ms: 1000, key: 'format.everyS', one: 'format.eachS' },
  { ms: 1, key: 'format.everyMs', one: 'format.everyMs' },
] as const;

/**
 * A schedule in a few words: `每 30 秒`, `每天 08:30`. A cron pattern beyond the usual ones is shown as it is; the server
 * has the full words (`POST /api/schedules/preview`).
 */
export function scheduleWords(schedule: Schedule, nowAt: number, language: Language): string {
  const { calendar = 'all' } = schedule;
  if (schedule.kind === 'cron') return cronWords(schedule.cron, calendar, language);
  if (schedule.kind === 'every') return onDays(everyWords(schedule.everyMs, language), calendar, language);
  const date = dateText(schedule.at, nowAt, language);
  const once = translate(language, 'format.once', { date, time: shortClockText(schedule.at) });
  return onDays(once, calendar, language);
}

/** With the days that count, where not all do. */
function onDays(words: string, calendar: Calendar, language: Language): string {
  if (calendar === 'cn_workdays') return translate(language, 'schedule.onWorkdays', { words });
  return calendar === 'cn_holidays' ? translate(language, 'schedule.onHolidays', { words }) : words;
}

/** In the largest unit that says it exactly: 90 s stay `每 90 秒`. */
function everyWords(everyMs: number, language: Language): string {
  const unit = UNITS.find(({ ms }) => everyMs % ms === 0) ?? UNITS[4];
  const n = everyMs / unit.ms;
  return translate(language, n === 1 ? unit.one : unit.key, { n: countText(n) });
}

function cronWords(cron: string, calendar: Calendar, language: Language): string {
  const fields = cron.trim().replace(/\?/g, '*').split(/\s+/);
  const [year = '*'] = fields.length === 7 ? fields.splice(6) : [];
  const years = yearsText(year);
  const daily = dailyWords(fields, calendar, language);
  const words = daily ?? patternWords(fields, language);
  // Shown as it is, the pattern holds its years.
  if (words === null || years === null) return onDays(cron.trim(), calendar, language);
  const counted = daily ?? onDays(words, calendar, language);
  return years === '' ? counted : translate(language, 'schedule.inYear', { words: counted, year: years });
}

/** `2026`, `2026–2028`, `2026, 2028`; empty: every year; null: a pattern that is better shown as it is. */
function yearsText(year: string): string | null {
  if (year === '*') return '';
  return /^\d{4}([-,]\d{4})*$/.test(year) ? year.replace(/-/g, '–').replace(/,/g, ', ') : null;
}

/** `工作日 08:50`: every day that counts, at one time; null: not that. */
function dailyWords(fields: readonly string[], calendar: Calendar, language: Language): string | null {
  const [second, minute, hour, ...days] = fields.length === 6 ? fields : ['0', ...fields];
  const time = timeOf(second, minute, hour);
  if (time === null || days.join(' ') !== '* * *') return null;
  if (calendar === 'cn_workdays') return translate(language, 'schedule.workdaysAt', { time });
  return calendar === 'cn_holidays' ? translate(language, 'schedule.holidaysAt', { time }) : null;
}

/** Null: no usual pattern. */
function patternWords(fields: readonly string[], language: Language): string | null {
  const [second, minute, hour, day, month, weekday] = fields.length === 6 ? fields : ['0', ...fields];
  if (month !== '*') return null;
  if (day === '*' && weekday === '*') {
    const steps = stepWords(second, minute, hour, language);
    if (steps !== null) return steps;
  }
  const time = timeOf(second, minute, hour);
  if (time === null) return null;
  if (day === '*' && weekday === '*') return translate(language, 'format.daily', { time });
  if (day === '*' && weekday === '1-5') return translate(language, 'format.weekdaysAt', { time });
  if (day === '*' && /^[0-7]$/.test(weekday ?? '')) {
    const vars = { weekday: weekdayName(Number(weekday), language), time };
    return translate(language, 'format.weeklyAt', vars);
  }
  if (weekday === '*' && /^\d{1,2}$/.test(day ?? '')) {
    return translate(language, 'format.monthlyAt', { day: Number(day), time });
  }
  return null;
}

// Patterns that repeat evenly all day: `*/30 * * * * *`, `0 */5 * * * *`. A step that does not divide its unit is uneven.
function stepWords(second = '', minute = '', hour = '', language: Language): string | null {
  const rest = `${minute} ${hour}`;
  const s = stepOf(second, 60);
  if (s !== null && rest === '* *') return everyWords(s * 1000, language);
  const m = stepOf(minute, 60);
  if (second === '0' && m !== null && hour === '*') return everyWords(m * 60_000, language);
  const h = stepOf(hour, 24);
  if (second === '0' && minute === '0' && h !== null) return everyWords(h * 3_600_000, language);
  return null;
}

function stepOf(field: string, of: number): number | null {
  if (field === '*') return 1;
  const step = Number(/^\*\/(\d{1,2})$/.exec(field)?.[1] ?? 0);
  return step > 0 && of % step === 0 ? step : null;
}

function timeOf(second = '', minute = '', hour = ''): string | null {
  if (![second, minute, hour].every((field) => /^\d{1,2}$/.test(field))) return null;
  const time = `${twoDigits(Number(hour))}:${twoDigits(Number(minute))}`;
  return Number(second) === 0 ? time : `${time}:${twoDigits(Number(second))}`;
}
