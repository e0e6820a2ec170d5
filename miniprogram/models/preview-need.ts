/** When the preview of a task's schedule has to be read again. Pure. */
import type { PreviewAnswer } from '../../shared/api';
import type { Task } from '../../shared/task';

/** `anew`: what was read is another schedule's; `again`: it holds, and there may be more or newer to say. */
export type PreviewNeed = 'none' | 'again' | 'anew';

/** Slots asked for: more than are shown, so that a task of every second costs one request in 15 seconds. */
export const PREVIEWED = 20;
/** With fewer known slots ahead the next ones are asked for. */
const FEWEST_AHEAD = 5;

/** After the task was read as `task`; `before` is how it was known, null: not at all. */
export function previewNeed(before: Task | null, task: Task): PreviewNeed {
  if (before === null || !sameSchedule(before, task)) return 'anew';
  // Another action has another usual run, which a warning is about.
  return before.version !== task.version || before.state !== task.state ? 'again' : 'none';
}

/** Whether two readings of a task have one schedule, so that a preview of the one holds for the other. */
export function sameSchedule(one: Task, other: Task): boolean {
  return JSON.stringify(one.schedule) === JSON.stringify(other.schedule);
}

/** Whether a preview runs short while there is more to come: one with fewer slots than asked for has told all. */
export function runsShort(preview: PreviewAnswer | null, nowAt: number): boolean {
  if (preview === null || preview.fires.length < PREVIEWED) return false;
  return preview.fires.filter(({ plannedAt }) => plannedAt > nowAt).length < FEWEST_AHEAD;
}
