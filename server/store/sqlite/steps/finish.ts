/** Ends attempts, and renews the leases of those that go on. */
import type { AttemptOutcome, RunError } from '../../../../shared/run.ts';
import type { FinishAnswer, FinishRequest, RenewAnswer, RenewItem } from '../../requests.ts';
import type { RunEntry } from '../run-row.ts';
import type { State } from '../state.ts';
import { NOW } from '../task-row.ts';
import { endRun, leaveClosing, makeReady } from './end-run.ts';

/** As it crosses to the thread: the result as JSON text. */
export type WireFinish = Omit<FinishRequest, 'result'> & { result: string | null };

export function finishRun(s: State, now: number, item: WireFinish): FinishAnswer {
  const { runId } = item;
  const leased = s.leased.get(runId);
  const run = leased ?? s.run(runId);
  const task = run === null ? null : s.task(run.taskId);
  if (run === null || task === null) return { code: 'gone', runId };
  if (run.token !== item.token || run.fence !== item.fence) return { code: 'refused', runId };
  // The token stays on a run until the next claim or loss: whoever ended the attempt is told so again.
  if (leased === undefined) {
    const stale = run.state === 'running' || run.state === 'cancelling';
    return stale ? { code: 'refused', runId } : { code: 'already_done', runId, state: run.state };
  }

  endAttempt(run, item.attemptOutcome, item.error, now);
  // First: what waits behind this run must not go on, and be claimed by this very call.
  if (item.endTask) leaveClosing(s, task, 'ended', now);
  const cancelling = run.state === 'cancelling';
  const { outcome } = item;
  if (outcome === 'cancelled' || (cancelling && (outcome === 'retry' || outcome === 'released'))) {
    endRun(s, task, run, 'cancelled', item.error, now);
  } else if (outcome === 'retry' || outcome === 'released') {
    s.leased.delete(runId);
    s.touchTask(task, NOW);
    if (outcome === 'retry') retryLater(run, item, now);
    else makeReady(s, task, run, now);
    s.touchRun(run);
    const { state, attemptNo: attempt } = run;
    const said = { taskId: task.id, runId, state, at: now, attempt };
    if (run.retryAt === null) {
      s.emit(task, 'run.released', said, run);
    } else {
      s.partitions[task.partition]!.retries.push({ at: run.retryAt, runId });
      s.emit(task, 'run.retry_scheduled', { ...said, retryAt: run.retryAt }, run);
    }
  } else {
    run.result = item.result;
    endRun(s, task, run, outcome, item.error, now);
  }
  return { code: 'finished', runId, state: run.state };
}

function retryLater(run: RunEntry, item: WireFinish, now: number): void {
  run.state = 'retry_wait';
  run.retryAt = now + Math.max(0, item.retryInMs);
  run.failures += 1;
  run.error = item.error;
  run.progress = null;
}

/** Completes the running attempt's record. */
export function endAttempt(
  run: RunEntry,
  outcome: AttemptOutcome,
  error: RunError | null,
  now: number,
): void {
  const attempt = run.attempts.at(-1);
  if (attempt === undefined) return;
  attempt[4] = now;
  attempt[5] = outcome;
  attempt[6] = error;
}

/** Leases of this boot do not run out: the process that holds them is this one. */
export function renewRun(s: State, { runId, token, fence }: RenewItem): RenewAnswer {
  const run = s.leased.get(runId);
  if (run === undefined || run.token !== token || run.fence !== fence) return { runId, code: 'lost' };
  return { runId, code: run.state === 'cancelling' ? 'cancelling' : 'renewed' };
}
