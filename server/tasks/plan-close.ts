/** Closing a stretch of a task's life (edit, pause, end): the verdicts of the slots that are owed but not decided. Pure. */
import type { SkipReason } from '../../shared/run.ts';
import type { SkipDecision, TaskRecord } from '../store/records.ts';
import { type SegmentSource, slotsLeft } from './segment-source.ts';

/** A user's edit decides at most this many slots; a task further behind is first caught up by its scheduler. */
export const MOST_OWED_AT_CLOSE = 1_000;

export interface ClosePlan {
  skips: SkipDecision[];
  /** Slots decided by it. */
  decided: number;
}

/** Skips for every slot in (cursor, closeAt], by local day; null when more than `most` are owed. */
export function planClose(
  task: Pick<TaskRecord, 'cursorAt' | 'segment' | 'segmentSlots'>,
  closeAt: number,
  reason: SkipReason,
  source: SegmentSource,
  most: number = MOST_OWED_AT_CLOSE,
): ClosePlan | null {
  const skips: SkipDecision[] = [];
  let left = Math.min(slotsLeft(task), most + 1);
  let decided = 0;
  let at = left > 0 ? source.next(task.cursorAt) : null;
  while (at !== null && at <= closeAt && left > 0) {
    const day = source.day(at);
    const { count, lastAt } = source.count(at, Math.min(closeAt + 1, source.dayEnd(day)), left);
    if (lastAt === null) throw new Error('a slot source lost a slot');
    skips.push({ kind: 'skip', plannedAt: at, toAt: lastAt + 1, count, reason, day });
    decided += count;
    left -= count;
    at = left > 0 ? source.next(lastAt) : null;
  }
  return decided > most ? null : { skips, decided };
}
