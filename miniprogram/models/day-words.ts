/** A day's bar in words. Pure. */
import { countText } from '../lib/format';
import { dateText } from '../lib/format-time';
import { type Language, translate } from '../lib/i18n';
import type { DayBar } from './days';

/** `11 月 24 日`. */
export function dayDate(day: string, nowAt: number, language: Language): string {
  // A calendar day is the same in words whatever the zone: noon of it in UTC.
  return dateText(Date.parse(`${day}T12:00:00Z`), nowAt, language, 'UTC');
}

/** What a screen reader says of a bar, and what is shown under the bars once it is tapped. */
export function dayWords({ day, stats }: DayBar, nowAt: number, language: Language): string {
  const date = dayDate(day, nowAt, language);
  if (stats === null) return translate(language, 'task.dayNone', { date });
  const { planned, onTime, late, caughtUp, skipped, failed } = stats;
  const counts = { planned, onTime, late, caughtUp, skipped, failed };
  const texts = Object.fromEntries(Object.entries(counts).map(([key, n]) => [key, countText(n)]));
  return translate(language, 'task.dayWords', { date, ...texts });
}
