import type { TaskCreate } from '../../../shared/api.ts';
import type { Action, EverySchedule, TaskPolicy } from '../../../shared/task.ts';

/** Fires every second (or so) a number of times, then ends; no slot is skipped because an earlier run is still at it. */
export function ticking(
  name: string,
  action: Action,
  schedule: Omit<EverySchedule, 'kind' | 'everyMs'> & { maxSlots: number; everyMs?: number },
  policy: TaskPolicy = {},
): TaskCreate {
  return {
    name,
    schedule: { kind: 'every', everyMs: 1_000, ...schedule },
    action,
    policy: { overlap: 'allow_all', ...policy },
  };
}

export const calling = (url: string): Action => ({ kind: 'http', method: 'POST', url });

export const noop = (waitMs = 0): Action => ({ kind: 'handler', name: 'noop', input: { waitMs } });
