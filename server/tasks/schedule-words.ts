/** A schedule in words, in the phone's two languages: rhythm, days, zone, bounds and spread. Pure. */
import type { Schedule } from '../../shared/task.ts';
import { calendarWords, cronWords } from './cron-words.ts';
import { everyWords, type Locale, lengthWords } from './length-words.ts';
import { localText, scheduleZone } from './zone-day.ts';

/** Such as `每 30 秒`, `每个工作日 08:30（Asia/Shanghai）`; patterns that have no short reading are quoted. */
export function scheduleWords(schedule: Schedule, locale: Locale): string {
  const zh = locale === 'zh-CN';
  const { text, saysCalendar, saysZone } = rhythm(schedule, zh);
  const { calendar = 'all' } = schedule;
  const days =
    calendar === 'all' || saysCalendar
      ? ''
      : zh
        ? `，仅${calendarWords(calendar, zh)}`
        : `, only on ${calendarWords(calendar, zh)}`;
  const parts = boundWords(schedule, zh);
  // `every` needs no zone unless days or bounds have to be read in one.
  const zone =
    saysZone || days !== '' || parts.some(({ isInstant }) => isInstant) ? scheduleZone(schedule) : '';
  const named = zone === '' ? '' : zh ? `（${zone}）` : ` (${zone})`;
  return text + days + named + parts.map((part) => (zh ? '，' : ', ') + part.text).join('');
}

function rhythm(schedule: Schedule, zh: boolean): { text: string; saysCalendar: boolean; saysZone: boolean } {
  const locale = zh ? 'zh-CN' : 'en';
  if (schedule.kind === 'every') {
    return { text: everyWords(schedule.everyMs, locale), saysCalendar: false, saysZone: false };
  }
  if (schedule.kind === 'at') {
    const at = localText(schedule.at, scheduleZone(schedule));
    return { text: zh ? `一次：${at}` : `Once, ${at}`, saysCalendar: false, saysZone: true };
  }
  const words = cronWords(schedule.cron, schedule.calendar ?? 'all', zh);
  if (words !== null) return { ...words, saysZone: true };
  const text = zh ? `按 cron「${schedule.cron}」` : `By cron "${schedule.cron}"`;
  return { text, saysCalendar: false, saysZone: true };
}

/** What limits and moves the slots. */
function boundWords(schedule: Schedule, zh: boolean): { text: string; isInstant: boolean }[] {
  const { startAt, endAt, maxSlots, spreadMs = 0 } = schedule;
  const zone = scheduleZone(schedule);
  const parts: { text: string; isInstant: boolean }[] = [];
  const say = (zhText: string, enText: string, isInstant: boolean) =>
    parts.push({ text: zh ? zhText : enText, isInstant });
  if (startAt != null) say(`自 ${localText(startAt, zone)} 起`, `from ${localText(startAt, zone)}`, true);
  if (endAt != null) say(`${localText(endAt, zone)} 之前`, `before ${localText(endAt, zone)}`, true);
  if (maxSlots != null)
    say(`最多 ${maxSlots} 次`, `at most ${maxSlots} ${maxSlots === 1 ? 'time' : 'times'}`, false);
  if (spreadMs > 0) {
    const length = lengthWords(spreadMs, zh ? 'zh-CN' : 'en');
    say(`错峰推后不到 ${length}`, `moved later by less than ${length}`, false);
  }
  return parts;
}
