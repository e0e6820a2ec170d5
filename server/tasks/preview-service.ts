/** What a schedule would do, before it is kept. */
import type { PreviewAnswer } from '../../shared/api.ts';
import type { Clock } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import { ownTask } from './own-task.ts';
import { closerThanRunWarning, previewSchedule } from './preview.ts';
import type { PreviewService } from './services.ts';
import { checkSchedule } from './validate-schedule.ts';

/** Ended runs that say how long a task usually runs. */
const RUNS_LOOKED_AT = 20;

export function createPreviewService(deps: { store: Store; clock: Clock }): PreviewService {
  const { store, clock } = deps;

  /** Median length of the last runs, ms; null when there are none. */
  async function usualLength(userId: string, taskId: string): Promise<number | null> {
    await ownTask(store, userId, taskId);
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
      const problems = checkSchedule(schedule, now);
      // A schedule that never fires is shown as such; what cannot be read is refused.
      const refused = problems.find((problem) => problem.code !== 'SCHEDULE_NEVER_FIRES');
      if (refused !== undefined) throw new AppError(refused.code, refused.message, { details: problems });
      const answer: PreviewAnswer = previewSchedule(schedule, now, count, locale);
      const usualMs = taskId === undefined ? null : await usualLength(userId, taskId);
      const tight = usualMs === null ? null : closest(answer.fires);
      if (tight !== null && usualMs !== null && tight.intervalMs < usualMs) {
        answer.warnings.push(closerThanRunWarning(tight.intervalMs, usualMs, tight.at, locale));
      }
      return answer;
    },
  };
}

/** The shortest distance between neighbouring slots, and the slot that ends it. */
function closest(fires: PreviewAnswer['fires']): { intervalMs: number; at: number } | null {
  let best: { intervalMs: number; at: number } | null = null;
  for (const [index, { plannedAt }] of fires.entries()) {
    const before = fires[index - 1];
    if (before === undefined) continue;
    const intervalMs = plannedAt - before.plannedAt;
    if (best === null || intervalMs < best.intervalMs) best = { intervalMs, at: plannedAt };
  }
  return best;
}
