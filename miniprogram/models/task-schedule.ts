/** The schedule's card of the status page: its full words, what is ahead and what may surprise. Pure. */
import type { PreviewAnswer } from '../../shared/api';
import type { Task, TaskState } from '../../shared/task';
import { capitalised, durationText } from '../lib/format';
import { zoneText } from '../lib/format-time';
import { type Language, translate } from '../lib/i18n';
import { scheduleWords } from '../lib/schedule-words';
import { zoneOf } from './days';
import { type Fire, type FireRow, fireRows } from './fire-rows';

export interface TaskSchedule {
  /** The server's words; until they were read, the short ones. */
  words: string;
  /** What the calendar and the spread mean. */
  about: string[];
  /** Above the rows; empty without any. */
  title: string;
  /** Names the zone of the rows where the phone's clock shows another. */
  zone: string;
  rows: FireRow[];
  /** The server's warnings, in its words. */
  notes: { key: string; text: string }[];
  /** `failed`: what is shown is what was known before, and a tap reads again. */
  reading: 'done' | 'loading' | 'failed';
  readingText: string;
}

/** What was read of a schedule, and why no more. */
export interface PreviewRead {
  preview: PreviewAnswer | null;
  /** For people; empty: the last reading came. */
  previewFailed: string;
}

const MOST_ROWS = 5;

/** `state`: as it is shown, which a tap may be ahead of. */
export function taskSchedule(
  task: Task,
  state: TaskState,
  { preview, previewFailed }: PreviewRead,
  nowAt: number,
  language: Language,
): TaskSchedule {
  const { schedule } = task;
  const fires = firesAhead(task, state, preview, nowAt).slice(0, MOST_ROWS);
  const { rows, elsewhere } = fireRows(fires, nowAt, language);
  const title = translate(language, state === 'paused' ? 'schedule.ifResumed' : 'schedule.ahead');
  const zone = zoneText(zoneOf(schedule), language);
  return {
    words: preview?.words || capitalised(scheduleWords(schedule, nowAt, language)),
    about: [...calendarText(task, language), ...spreadText(task, preview, language)],
    title: rows.length === 0 ? '' : title,
    zone: elsewhere ? translate(language, 'schedule.inZone', { zone }) : '',
    rows,
    notes: state === 'ended' ? [] : notesOf(preview),
    ...readingOf(preview, previewFailed, language),
  };
}

/**
 * The previewed slots that this task still has ahead. How many of `maxSlots` are used the preview does not know: then only
 * the one that the task itself names is certain.
 */
function firesAhead(task: Task, state: TaskState, preview: PreviewAnswer | null, nowAt: number): Fire[] {
  if (preview === null || state === 'ended') return [];
  const ahead = preview.fires.filter(
    ({ plannedAt }) => plannedAt > nowAt && plannedAt > task.decidedThroughAt,
  );
  const bounded = typeof task.schedule.maxSlots === 'number';
  return bounded ? ahead.filter(({ plannedAt }) => plannedAt === task.nextFireAt) : ahead;
}

function calendarText({ schedule: { calendar } }: Task, language: Language): string[] {
  if (calendar === 'cn_workdays') return [translate(language, 'schedule.workdays')];
  if (calendar === 'cn_holidays') return [translate(language, 'schedule.holidays')];
  return [];
}

function spreadText(task: Task, preview: PreviewAnswer | null, language: Language): string[] {
  const withinMs = task.schedule.spreadMs ?? 0;
  if (withinMs === 0) return [];
  const offsetMs = preview?.spread?.offsetMs ?? offsetOf(task);
  const within = durationText(withinMs, language);
  if (offsetMs === null) return [translate(language, 'schedule.spreadWithin', { within })];
  if (offsetMs === 0) return [translate(language, 'schedule.spreadNone', { within })];
  return [translate(language, 'schedule.spread', { length: durationText(offsetMs, language) })];
}

function offsetOf({ nextFireAt, nominalAt }: Task): number | null {
  return nextFireAt === null || nominalAt === null ? null : nextFireAt - nominalAt;
}

function notesOf(preview: PreviewAnswer | null): TaskSchedule['notes'] {
  return (preview?.warnings ?? []).map(({ code, at, message }) => ({ key: `${code}.${at}`, text: message }));
}

function readingOf(
  preview: PreviewAnswer | null,
  previewFailed: string,
  language: Language,
): Pick<TaskSchedule, 'reading' | 'readingText'> {
  if (previewFailed !== '') {
    const readingText = translate(language, 'schedule.failed', { reason: previewFailed });
    return { reading: 'failed', readingText };
  }
  if (preview === null) return { reading: 'loading', readingText: translate(language, 'common.loading') };
  return { reading: 'done', readingText: '' };
}
