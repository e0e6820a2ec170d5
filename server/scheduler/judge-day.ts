/** Do the counters of a day agree with the verdicts kept of it? Pure. */
import type { SkipReason } from '../../shared/run.ts';
import type { DayCount } from '../store/inspection.ts';
import type { TaskRecord, VerdictRecord } from '../store/records.ts';
import { dayBounds, dayOf, scheduleZone } from '../tasks/zone-day.ts';

/** Counters are kept for so many days. */
const DAYS_BACK = 90;

export const NO_COUNT: DayCount = { fired: 0, caughtUp: 0, skipped: {} };

/**
 * The day to look at on the n-th visit (from 0): the newest first that can be counted, then one further back each time. Such
 * a day is wholly behind the cursor, not folded, and within the open segment, so that its verdicts stand and belong to the
 * zone of today. Null when there is none.
 */
export function dayToCount(
  task: Pick<TaskRecord, 'cursorAt' | 'foldedThroughAt' | 'segment' | 'definition'>,
  visit: number,
): { day: string; fromAt: number; toAt: number } | null {
  const zone = scheduleZone(task.definition.schedule);
  const oldestAt = Math.max(task.segment.fromAt, task.foldedThroughAt);
  const days: { day: string; fromAt: number; toAt: number }[] = [];
  let day = dayOf(task.cursorAt + 1, zone);
  for (let back = 0; back <= visit % DAYS_BACK; back += 1) {
    day = dayOf(dayBounds(day, zone).fromAt - 1, zone);
    const bounds = dayBounds(day, zone);
    if (bounds.fromAt < oldestAt) break;
    days.push({ day, ...bounds });
  }
  return days.length === 0 ? null : (days[visit % days.length] ?? null);
}

/** Adds records up. */
export function countVerdicts(records: readonly VerdictRecord[], before: DayCount = NO_COUNT): DayCount {
  const total = { ...before, skipped: { ...before.skipped } };
  for (const { verdict, reason, count } of records) {
    if (verdict === 'fired') total.fired += count;
    else if (verdict === 'caught_up') total.caughtUp += count;
    else if (reason !== null) total.skipped[reason] = (total.skipped[reason] ?? 0) + count;
  }
  return total;
}

export const slotsIn = ({ fired, caughtUp, skipped }: DayCount): number =>
  fired + caughtUp + Object.values(skipped).reduce((sum, n) => sum + n, 0);

export function sameCount(a: DayCount, b: DayCount): boolean {
  const reasons = new Set([...Object.keys(a.skipped), ...Object.keys(b.skipped)]) as Set<SkipReason>;
  return (
    a.fired === b.fired &&
    a.caughtUp === b.caughtUp &&
    [...reasons].every((reason) => (a.skipped[reason] ?? 0) === (b.skipped[reason] ?? 0))
  );
}
