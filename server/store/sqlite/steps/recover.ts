/** Takes back the runs of earlier boots and makes waiting retries ready. */
import { RUN_ERROR_CODES } from '../../../../shared/errors.ts';
import type { RecoverAnswer } from '../../requests.ts';
import type { PartitionState } from '../partition-state.ts';
import type { RunEntry } from '../run-row.ts';
import type { State } from '../state.ts';
import { NOW, type TaskEntry } from '../task-row.ts';
import { CANCELLED_ERROR, endRun, makeReady } from './end-run.ts';
import { endAttempt } from './finish.ts';

/** Workers that may be lost over one run; with the last of them it fails. */
const MAX_LOSSES = 3;
/** Retries made ready in one call; more are due at once, and `nextAt` says so. */
const MAX_PROMOTED = 1_000;

export function recoverRuns(
  s: State,
  now: number,
  partition: number,
  { limit, countLosses }: { limit: number; countLosses: boolean },
): RecoverAnswer {
  const place = s.partitions[partition]!;
  const lost: RecoverAnswer['lost'] = [];
  while (lost.length < limit) {
    const runId = place.lost.pop();
    if (runId === undefined) break;
    const run = s.run(runId);
    const task = run === null ? null : s.task(run.taskId);
    if (run === null || task === null) continue;
    if ((run.state !== 'running' && run.state !== 'cancelling') || run.boot === s.boot) continue;
    takeBack(s, task, run, countLosses, now);
    lost.push({ runId, taskId: task.id, state: run.state });
  }
  const promoted = promoteRetries(s, place, now);
  const retryAt = nextRetry(s, place)?.at ?? null;
  return { lost, promoted, nextAt: place.lost.length > 0 ? now : retryAt };
}

function takeBack(s: State, task: TaskEntry, run: RunEntry, countLosses: boolean, now: number): void {
  const error = { code: 'WORKER_LOST', message: 'the worker of this attempt was lost' };
  endAttempt(run, 'lost', error, now);
  // Its late finish must find a stranger's run.
  run.token = null;
  if (countLosses) run.losses += 1;
  const ends = run.state === 'cancelling' || run.losses >= MAX_LOSSES;
  const cancelling = run.state === 'cancelling';
  s.touchTask(task, NOW);
  if (!ends) {
    run.progress = null;
    makeReady(s, task, run, now);
  }
  const { state, attemptNo: attempt } = run;
  s.emit(task, 'run.lost', { taskId: task.id, runId: run.id, state, at: now, attempt }, run);
  if (cancelling) endRun(s, task, run, 'cancelled', CANCELLED_ERROR, now);
  else if (ends) {
    endRun(s, task, run, 'failed', { code: 'WORKER_LOST', message: RUN_ERROR_CODES.WORKER_LOST }, now);
  }
}

function promoteRetries(s: State, place: PartitionState, now: number): number {
  let promoted = 0;
  while (promoted < MAX_PROMOTED) {
    const next = nextRetry(s, place);
    if (next === undefined || next.at > now) break;
    place.retries.pop();
    const { run, task } = next;
    makeReady(s, task, run, now);
    s.touchTask(task, NOW);
    s.emit(task, 'run.queued', { taskId: task.id, runId: run.id, state: 'queued', at: now }, run);
    promoted += 1;
  }
  return promoted;
}

/** The earliest retry that still waits; entries of runs that were cancelled or deleted are dropped. */
function nextRetry(
  s: State,
  place: PartitionState,
): { at: number; run: RunEntry; task: TaskEntry } | undefined {
  for (;;) {
    const entry = place.retries.peek();
    if (entry === undefined) return undefined;
    const run = s.run(entry.runId);
    const task = run === null ? null : s.task(run.taskId);
    if (run?.state === 'retry_wait' && run.retryAt === entry.at && task !== null) {
      return { at: entry.at, run, task };
    }
    place.retries.pop();
  }
}
