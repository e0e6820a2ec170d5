/** The bars of a task's card: its last runs and skipped slots in one line. Pure. */
import type { RecentSlot } from '../../shared/run.ts';
import { slotRunId } from '../store/ids.ts';
import type { RunRecord, VerdictRecord } from '../store/records.ts';

/** Bars that a card can be asked for. */
export const MOST_RECENT = 30;

/**
 * Runs and skipped records as one list, newest first by plannedAt, of one instant the later created first; at most
 * `most`. A run given twice counts once. Verdicts of slots that got a run are passed over: the run speaks for them.
 */
export function recentSlots(
  runs: readonly RunRecord[],
  verdicts: readonly VerdictRecord[],
  most: number,
): RecentSlot[] {
  const runsById = new Map(runs.map((run) => [run.id, run]));
  const bars = [
    ...[...runsById.values()].map((run) => ({ slot: ofRun(run), createdAt: run.createdAt })),
    // Only a backfill run can share the instant of a skipped slot, and it is asked for after the verdict.
    ...verdicts.filter(isSkipped).map((record) => ({ slot: ofSkipped(record), createdAt: 0 })),
  ];
  bars.sort((a, b) => b.slot.plannedAt - a.slot.plannedAt || b.createdAt - a.createdAt);
  return bars.slice(0, most).map(({ slot }) => slot);
}

/**
 * Ids of slot runs that belong among `recent` but are not there. A page of runs goes by creation: backfill runs of old
 * slots, created since, push runs of newer slots out of it.
 */
export function leftOutRuns(
  taskId: string,
  recent: readonly RecentSlot[],
  verdicts: readonly VerdictRecord[],
): string[] {
  const oldestAt = recent.at(-1)?.plannedAt ?? 0;
  const shown = new Set(recent.map(({ runId }) => runId));
  return verdicts
    .filter((record) => !isSkipped(record) && record.plannedAt > oldestAt)
    .map(({ plannedAt }) => slotRunId(taskId, plannedAt))
    .filter((runId) => !shown.has(runId));
}

const isSkipped = ({ verdict }: VerdictRecord) => verdict === 'skipped';

function ofRun(run: RunRecord): RecentSlot {
  const { id, state, verdict, plannedAt, lateByMs, lateAfterMs, progress } = run;
  const isAtWork = state === 'running' || state === 'cancelling';
  return {
    plannedAt,
    count: 1,
    verdict,
    reason: null,
    runId: id,
    state,
    lateByMs,
    late: lateByMs !== null && lateByMs > lateAfterMs,
    progress: isAtWork ? progress : null,
  };
}

const ofSkipped = ({ plannedAt, count, verdict, reason }: VerdictRecord): RecentSlot => ({
  plannedAt,
  count,
  verdict,
  reason,
  runId: null,
  state: null,
  lateByMs: null,
  late: false,
  progress: null,
});
