/** What a schedule will do, before it is saved: its next slots, its rhythm in words, and what may surprise. Pure. */
import type { PreviewAnswer, PreviewWarning } from '../../shared/api.ts';
import type { Schedule } from '../../shared/task.ts';
import { dstWarnings } from './dst-warnings.ts';
import { createSlotSource } from './schedule.ts';
import { type Locale, lengthWords, scheduleWords } from './schedule-words.ts';
import { localText, offsetAt, offsetText, scheduleZone } from './zone-day.ts';

/**
 * The next `count` slots after `now` (ms) and what to say about them. The schedule has passed `checkSchedule`, but for
 * one that never fires, which is warned of. A task created now has at most `maxSlots` slots, so no more are shown.
 */
export function previewSchedule(
  schedule: Schedule,
  now: number,
  count: number,
  locale: Locale,
): PreviewAnswer {
  const timezone = scheduleZone(schedule);
  const source = createSlotSource(schedule);
  const wanted = Math.min(count, schedule.maxSlots ?? count);
  const fires: PreviewAnswer['fires'] = [];
  let at = source.next(schedule.kind === 'at' ? Math.min(now, schedule.at - 1) : now);
  while (at !== null && fires.length < wanted) {
    const local = `${localText(at, timezone)} ${offsetText(offsetAt(at, timezone))}`;
    fires.push({ plannedAt: at, nominalAt: at, local });
    at = source.next(at);
  }
  const warnings: PreviewWarning[] = [];
  if (fires.length === 0) warnings.push(neverFiresWarning(locale));
  else if (schedule.kind === 'cron') warnings.push(...dstWarnings(schedule, now, locale));
  return { fires, words: scheduleWords(schedule, locale), warnings };
}

/** The warning for a schedule without a single slot ahead. */
export function neverFiresWarning(locale: Locale): PreviewWarning {
  const message = locale === 'zh-CN' ? '这个计划不会再触发。' : 'This schedule will never fire.';
  return { code: 'NEVER_FIRES', message, at: null };
}

/**
 * The warning for slots closer together than a run takes; the caller knows both lengths (ms). `at` is the first slot that
 * would come too early, or null.
 */
export function closerThanRunWarning(
  intervalMs: number,
  runMs: number,
  at: number | null,
  locale: Locale,
): PreviewWarning {
  const [interval, run] = [lengthWords(intervalMs, locale), lengthWords(runMs, locale)];
  const message =
    locale === 'zh-CN'
      ? `两次触发最近只隔 ${interval}，而一次运行约需 ${run}：上一次还没结束，下一次就到了。`
      : `Slots come as close as ${interval}, but a run takes about ${run}: the next one is due before the last has ended.`;
  return { code: 'CLOSER_THAN_RUN', message, at };
}
