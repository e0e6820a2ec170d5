/** Does a task's record agree with its schedule and with the time? Pure. */
import type { TaskRecord } from '../store/records.ts';
import { type SegmentSource, slotsLeft } from '../tasks/segment-source.ts';

export interface TaskFault {
  /**
   * - `next_slot`: nextAt is not what the segment plans behind the cursor;
   * - `overdue`: a slot is owed for long and nobody fires it;
   * - `closing`: an end or a pause was asked for and nobody carries it out.
   */
  kind: 'next_slot' | 'overdue' | 'closing';
  /** The same words as long as nothing has moved. */
  what: string;
  /** For `next_slot`: what nextAt should be. An active task without a slot left is looked at now, to end. */
  nextAt: number | null;
}

/** A slot or a closing this long past should have been dealt with: ten times what another server's is left for. */
export const OVERDUE_MS = 10_000;

export function judgeTask(task: TaskRecord, now: number, source: SegmentSource): TaskFault[] {
  const { closing, version, cursorAt, nextAt } = task;
  const mark = `${version} ${cursorAt}`;
  if (closing !== null) {
    return closing.at <= now - OVERDUE_MS
      ? [{ kind: 'closing', what: `${mark} ${closing.reason} ${closing.at}`, nextAt: null }]
      : [];
  }
  if (task.state !== 'active') return [];
  const planned = slotsLeft(task) > 0 ? source.next(cursorAt) : null;
  // Without a slot left any instant will do: the scheduler finds nothing and ends the task.
  if (planned === null ? nextAt === null : nextAt !== planned) {
    return [{ kind: 'next_slot', what: `${mark} ${nextAt} ${planned}`, nextAt: planned ?? now }];
  }
  return nextAt !== null && nextAt <= now - OVERDUE_MS ? [{ kind: 'overdue', what: mark, nextAt: null }] : [];
}
