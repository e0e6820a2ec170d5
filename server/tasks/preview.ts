/** What a schedule will do, before it is saved: its next slots, its rhythm in words, and what may surprise. Pure. */
import type { PreviewAnswer, PreviewWarning } from '../../shared/api.ts';
import type { Schedule } from '../../shared/task.ts';
import type { Segment } from '../store/records.ts';
import { calendarWarning } from './calendar-warning.ts';
import { dstWarnings } from './dst-warnings.ts';
import { type Locale, lengthWords } from './length-words.ts';
import { createSlotSource } from './schedule.ts';
import { scheduleWords } from './schedule-words.ts';
import { createSegmentSource } from './segment-source.ts';
import { localText, offsetAt, offsetText, scheduleZone } from './zone-day.ts';

/** The stretch in which a task would follow the schedule, and from where on its slots are still to come. */
export interface PreviewStretch {
  segment: Segment;
  afterAt: number;
  /** Slots that it may still have. */
  left: number;
}

export interface Preview {
  answer: PreviewAnswer;
  /** The shortest distance between slots soon to come, ms, and the slot that ends it; null where fewer than two were asked for. */
  closest: { intervalMs: number; at: number } | null;
}

/** Slots looked at for the closest two. */
const LOOKED_AT = 50;

/**
 * The next `count` slots after `now` (ms) and what to say about them. The schedule has passed `checkSchedule`, but for one
 * that never fires, which is warned of. Without a task (`of` null) slots are nominal, and one created now is thought of: it has
 * at most `maxSlots` slots.
 */
export function previewSchedule(
  schedule: Schedule,
  now: number,
  count: number,
  locale: Locale,
  of: PreviewStretch | null = null,
): Preview {
  const timezone = scheduleZone(schedule);
  const { left, afterAt } = of ?? {
    left: schedule.maxSlots ?? Number.MAX_SAFE_INTEGER,
    afterAt: schedule.kind === 'at' ? Math.min(now, schedule.at - 1) : now,
  };
  const offsetMs = of?.segment.spreadMs ?? 0;
  const nominal = of?.segment.schedule ?? schedule;
  const next = of === null ? createSlotSource(schedule).next : createSegmentSource(of.segment).next;
  const slots: number[] = [];
  for (let at = next(afterAt); at !== null && slots.length < Math.min(LOOKED_AT, left); at = next(at)) {
    slots.push(at);
  }
  const fires = slots.slice(0, count).map((plannedAt) => ({
    plannedAt,
    nominalAt: plannedAt - offsetMs,
    local: `${localText(plannedAt, timezone)} ${offsetText(offsetAt(plannedAt, timezone))}`,
  }));
  const warnings: PreviewWarning[] = [];
  if (slots.length === 0) warnings.push(neverFiresWarning(locale));
  else {
    if (nominal.kind === 'cron') warnings.push(...dstWarnings({ ...nominal, maxSlots: left }, now, locale));
    const uncovered = calendarWarning(nominal, offsetMs, afterAt, left, locale);
    if (uncovered !== null) warnings.push(uncovered);
  }
  const { spreadMs: withinMs = 0 } = schedule;
  const answer: PreviewAnswer = { fires, words: scheduleWords(schedule, locale), warnings };
  if (withinMs > 0) answer.spread = { withinMs, offsetMs: of === null ? null : offsetMs };
  return { answer, closest: count < 2 ? null : closest(slots) };
}

function closest(slots: readonly number[]): Preview['closest'] {
  let best: Preview['closest'] = null;
  for (const [index, at] of slots.entries()) {
    const intervalMs = at - (slots[index - 1] ?? Number.NEGATIVE_INFINITY);
    if (intervalMs < (best?.intervalMs ?? Number.POSITIVE_INFINITY)) best = { intervalMs, at };
  }
  return best;
}

/** The warning for a schedule without a single slot ahead. */
function neverFiresWarning(locale: Locale): PreviewWarning {
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
