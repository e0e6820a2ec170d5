/** What a schedule would do, before it is kept. */
import type { Schedule } from '../../shared/task.ts';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { TaskRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { sameSchedule } from './definition.ts';
import { nextStretch } from './open-segment.ts';
import { ownTask } from './own-task.ts';
import { closerThanRunWarning, type PreviewStretch, previewSchedule } from './preview.ts';
import { slotsLeft } from './segment-source.ts';
import type { PreviewService } from './services.ts';
import { checkSchedule } from './validate-schedule.ts';

/** Ended runs that say how long a task usually runs. */
const RUNS_LOOKED_AT = 20;

export function createPreviewService(deps: { store: Store; clock: Clock }): PreviewService {
  const { store, clock } = deps;

  /** Median length of the last runs, ms; null when there are none. */
  async function usualLength(taskId: string): Promise<number | null> {
    const { items } = await store.listRuns(
      { taskId },
      { states: ['succeeded', 'failed', 'timed_out'], limit: RUNS_LOOKED_AT },
    );
    const lengths = items.flatMap(({ startedAt, endedAt }) =>
      startedAt === null || endedAt === null ? [] : [endedAt - startedAt],
    );
    return lengths.sort((a, b) => a - b)[lengths.length >> 1] ?? null;
  }

  return {
    async preview(userId, { schedule, count = 5, taskId }, locale) {
      const now = clock.now();
      const task = taskId === undefined ? null : await ownTask(store, userId, taskId);
      // What a task has already may lie in the past by now.
      const isKept = task !== null && sameSchedule(schedule, task.definition.schedule);
      const problems = isKept ? [] : checkSchedule(schedule, now);
      // A schedule that never fires is shown as such; what cannot be read is refused.
      const refused = problems.find((problem) => problem.code !== 'SCHEDULE_NEVER_FIRES');
      if (refused !== undefined) throw new AppError(refused.code, refused.message, { details: problems });
      const of = task === null ? null : stretchOf(task, schedule, now);
      const { answer, closest } = previewSchedule(schedule, now, count, locale, of);
      const usualMs = task === null ? null : await usualLength(task.id);
      if (closest !== null && usualMs !== null && closest.intervalMs < usualMs) {
        answer.warnings.push(closerThanRunWarning(closest.intervalMs, usualMs, closest.at, locale));
      }
      return answer;
    },
  };
}

/**
 * How a task goes on when the schedule is saved now; one that it has already is only looked at (or resumed): saving that
 * again does not wake a task that has ended.
 */
function stretchOf(task: TaskRecord, schedule: Schedule, now: number): PreviewStretch {
  const isKept = sameSchedule(schedule, task.definition.schedule);
  if (isKept && task.state === 'active') {
    return { segment: task.segment, afterAt: Math.max(now, task.cursorAt), left: slotsLeft(task) };
  }
  if (isKept && task.state === 'ended') return { segment: task.segment, afterAt: now, left: 0 };
  const isResumed = isKept && task.state === 'paused';
  const maxSlots = isResumed ? task.segment.maxSlots : (schedule.maxSlots ?? null);
  const { closeAt, segment } = nextStretch(task, schedule, now, maxSlots);
  return { segment, afterAt: closeAt, left: maxSlots ?? Number.MAX_SAFE_INTEGER };
}
