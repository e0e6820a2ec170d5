/** A schedule's rhythm in words, in the phone's two languages. Bounds are not part of it. Pure. */
import type { Schedule } from '../../shared/task.ts';
import { localText, scheduleZone } from './zone-day.ts';

export type Locale = 'zh-CN' | 'en';

const UNITS = [
  [3_600_000, '小时', 'hour'],
  [60_000, '分钟', 'minute'],
  [1_000, '秒', 'second'],
  [1, '毫秒', 'millisecond'],
] as const;

const ZH_DAYS = ['周日', '周一', '周二', '周三', '周四', '周五', '周六'];
const EN_DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** A length in ms in its largest whole unit: `30 秒`, `90 minutes`. */
export function lengthWords(ms: number, locale: Locale): string {
  const [unitMs, zh, en] = UNITS.find(([size]) => ms >= size && ms % size === 0) ?? UNITS[3];
  const amount = ms / unitMs;
  if (locale === 'zh-CN') return `${amount} ${zh}`;
  return `${amount} ${en}${amount === 1 ? '' : 's'}`;
}

/** Such as `每 30 秒`, `每天 09:00（Asia/Shanghai）`; patterns that have no short reading are quoted. */
export function scheduleWords(schedule: Schedule, locale: Locale): string {
  const zh = locale === 'zh-CN';
  const zone = scheduleZone(schedule);
  if (schedule.kind === 'every') return everyWords(schedule.everyMs, locale);
  if (schedule.kind === 'at') {
    const text = localText(schedule.at, zone);
    return zh ? `一次：${text}（${zone}）` : `Once, ${text} (${zone})`;
  }
  const words = cronWords(schedule.cron, zh);
  if (words === null)
    return zh ? `按 cron「${schedule.cron}」（${zone}）` : `By cron "${schedule.cron}" (${zone})`;
  return zh ? `${words}（${zone}）` : `${words} (${zone})`;
}

function everyWords(ms: number, locale: Locale): string {
  const words = lengthWords(ms, locale).replace(/^1 /, '');
  return locale === 'zh-CN' ? `每${/^\d/.test(words) ? ' ' : ''}${words}` : `Every ${words}`;
}

/** The short reading of a pattern, or null. */
function cronWords(cron: string, zh: boolean): string | null {
  const fields = cron.trim().toUpperCase().replaceAll('?', '*').split(/\s+/);
  if (fields.length === 5) fields.unshift('0');
  const [second, minute, hour, day, month, week] = fields as [string, string, string, string, string, string];
  const anyDay = day === '*' && month === '*' && week === '*';
  const locale = zh ? 'zh-CN' : 'en';

  if (anyDay && hour === '*') {
    const seconds = minute === '*' ? stepOf(second, 60) : null;
    if (seconds !== null) return everyWords(seconds * 1_000, locale);
    const minutes = second === '0' ? stepOf(minute, 60) : null;
    if (minutes !== null) return everyWords(minutes * 60_000, locale);
    if (second === '0' && minute === '0') return everyWords(3_600_000, locale);
    if (second === '0' && /^\d+$/.test(minute)) {
      return zh ? `每小时第 ${Number(minute)} 分` : `Every hour at minute ${Number(minute)}`;
    }
  }
  const times = timeWords(second, minute, hour, zh);
  const days = times === null || month !== '*' ? null : dayWords(day, week, zh);
  return days === null ? null : `${days} ${times}`;
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
  const times = hour.split(',').map((value) => two(value) + tail);
  return zh ? times.join('、') : `at ${times.join(', ')}`;
}

function dayWords(day: string, week: string, zh: boolean): string | null {
  if (week === '*') {
    if (day === '*') return zh ? '每天' : 'Every day';
    if (day === 'L') return zh ? '每月最后一天' : 'Last day of every month';
    if (/^\d{1,2}$/.test(day)) return zh ? `每月 ${Number(day)} 日` : `Day ${Number(day)} of every month`;
    return null;
  }
  if (day !== '*') return null;
  if (week === '1-5' || week === 'MON-FRI') return zh ? '周一至周五' : 'Monday to Friday';
  const numbers = week
    .split(',')
    .map((text) =>
      NAMES.includes(text) ? NAMES.indexOf(text) : /^[0-7]$/.test(text) ? Number(text) % 7 : -1,
    );
  if (numbers.includes(-1)) return null;
  const names = numbers.map((number) => (zh ? ZH_DAYS[number] : EN_DAYS[number]));
  return zh ? `每${names.join('、')}` : `Every ${names.join(', ')}`;
}
