/** How a run moves on: to ready, to cancelled, to its end, and what its end means for its task and the next run. */
import { RUN_ERROR_CODES } from '../../../../shared/errors.ts';
import type { RunError } from '../../../../shared/run.ts';
import { latenessBucket } from '../../lateness.ts';
import type { Closing } from '../../records.ts';
import { CANCELLED, FAILED, lateIndex, onTimeIndex, SUCCEEDED } from '../days.ts';
import type { RunEntry } from '../run-row.ts';
import type { State } from '../state.ts';
import { DUE, NOW, type TaskEntry } from '../task-row.ts';

export type EndState = 'succeeded' | 'failed' | 'timed_out' | 'cancelled';

export const CANCELLED_ERROR: RunError = { code: 'CANCELLED', message: RUN_ERROR_CODES.CANCELLED };

/** Puts a run in the ready queue. Its task's counters are the caller's matter. */
export function makeReady(s: State, task: TaskEntry, run: RunEntry, now: number): void {
  run.state = 'queued';
  run.queuedAt = now;
  run.retryAt = null;
  s.touchRun(run);
  s.pushReady(run, task.partition);
}

/** A held or waiting run whose turn has come. */
function release(s: State, task: TaskEntry, run: RunEntry, now: number): void {
  if (run.line === 'slot') {
    task.held -= 1;
    task.live += 1;
  } else {
    task.waiting -= 1;
    task.lateLive += 1;
  }
  run.waitedMs = Math.max(0, now - run.createdAt);
  makeReady(s, task, run, now);
  s.touchTask(task, NOW);
  s.emit(task, 'run.queued', { taskId: task.id, runId: run.id, state: 'queued', at: now }, run);
}

/** Held (`slot`) or waiting (`late`) runs of a task, oldest first. */
export function heldRuns(s: State, task: TaskEntry, line: 'slot' | 'late', limit: number): RunEntry[] {
  if ((line === 'slot' ? task.held : task.waiting) === 0) return [];
  s.flushRows();
  return s.db
    .prepare("SELECT n FROM run WHERE task_n = ? AND line = ? AND state = 'held' ORDER BY n LIMIT ?")
    .all(task.n, line, limit)
    .map(({ n }) => s.runByN(n as number, task))
    .filter((run) => run !== null);
}

/** Makes ready what waited behind the runs of a line, if nothing of that line is on its way any more. */
export function releaseNext(s: State, task: TaskEntry, line: RunEntry['line'], now: number): void {
  // Of an ending task (`until`) nothing goes on: it is cancelled when the end is carried out.
  if (task.closing?.reason === 'ended') return;
  if (line === 'free' || (line === 'slot' ? task.live : task.lateLive) > 0) return;
  const [next] = heldRuns(s, task, line, 1);
  if (next !== undefined) release(s, task, next, now);
}

/** All held on-time runs become ready (the policy no longer buffers). */
export function releaseHeld(s: State, task: TaskEntry, now: number): RunEntry[] {
  const runs = heldRuns(s, task, 'slot', task.held);
  for (const run of runs) release(s, task, run, now);
  return runs;
}

/** Ends a run for good: counters of its task and day, failures in a row, the next one in line. */
export function endRun(
  s: State,
  task: TaskEntry,
  run: RunEntry,
  state: EndState,
  error: RunError | null,
  now: number,
): void {
  const { line } = run;
  if (run.state === 'held') {
    if (line === 'slot') task.held -= 1;
    else task.waiting -= 1;
  } else if (line === 'slot') task.live -= 1;
  else if (line === 'late') task.lateLive -= 1;
  else task.freeLive -= 1;
  if (run.trigger !== 'slot') task.asked -= 1;

  run.state = state;
  run.endedAt = now;
  run.retryAt = null;
  run.error = error;
  s.leased.delete(run.id);
  s.touchRun(run);
  s.touchTask(task, NOW);
  if (run.trigger === 'slot') countSlotRun(s, task, run, state, now);
  s.emit(
    task,
    'run.finished',
    {
      taskId: task.id,
      runId: run.id,
      state,
      at: now,
      ...(run.startedAt === null ? null : { attempt: run.attemptNo, lateByMs: run.lateByMs ?? 0 }),
      ...(error === null ? null : { reason: error.code }),
    },
    run,
  );
  releaseNext(s, task, line, now);
}

function countSlotRun(s: State, task: TaskEntry, run: RunEntry, state: EndState, now: number): void {
  const { counts } = s.day(task, run.day!);
  counts[state === 'succeeded' ? SUCCEEDED : state === 'cancelled' ? CANCELLED : FAILED]! += 1;
  if (run.lateByMs !== null) {
    const late = run.lateByMs > run.lateAfterMs;
    const bucket = latenessBucket(run.lateByMs);
    counts[late ? lateIndex(bucket) : onTimeIndex(bucket)]! += 1;
    if (run.verdict === 'fired') task.lastLate = late;
  }
  task.lastEnded = state;
  if (state === 'succeeded') task.failures = 0;
  else if (state !== 'cancelled') {
    task.failures += 1;
    const limit = task.pauseAfterFailures;
    if (limit !== null && task.failures >= limit && task.state === 'active')
      leaveClosing(s, task, 'paused', now);
  }
}

/** Leaves an end or a pause for the scheduler to carry out, unless one is pending or the task has ended. */
export function leaveClosing(s: State, task: TaskEntry, reason: Closing['reason'], now: number): void {
  if (task.closing !== null || task.state === 'ended') return;
  task.closing = { reason, at: now };
  // The due index must show it now; the scheduler computes the next slot anew when it carries it out.
  task.nextAt = task.nextAt === null ? now : Math.min(task.nextAt, now);
  s.touchTask(task, DUE);
  s.wakes.push({ kind: 'due', partition: task.partition, at: task.nextAt });
}

/** Asks a run to stop: what is not running ends at once. */
export function cancelUnended(s: State, task: TaskEntry, run: RunEntry, now: number): void {
  if (run.state === 'cancelling') return;
  if (run.state !== 'running') {
    endRun(s, task, run, 'cancelled', CANCELLED_ERROR, now);
    return;
  }
  run.state = 'cancelling';
  s.touchRun(run);
  s.touchTask(task, NOW);
  s.emit(task, 'run.cancelling', { taskId: task.id, runId: run.id, state: 'cancelling', at: now }, run);
  s.wakes.push({ kind: 'cancel', partition: task.partition, runId: run.id });
}

/** Unended on-time runs that are not held, oldest first. */
export function liveRuns(s: State, task: TaskEntry): RunEntry[] {
  let left = task.live;
  if (left === 0) return [];
  s.flushRows();
  const found: number[] = [];
  const rows = s.db.prepare(
    "SELECT n, line, state, ended_at FROM run WHERE task_n = ? AND key < '' ORDER BY key DESC",
  );
  for (const row of rows.iterate(task.n)) {
    if (row.ended_at !== null || row.line !== 'slot' || row.state === 'held') continue;
    found.push(row.n as number);
    left -= 1;
    if (left === 0) break;
  }
  return found
    .reverse()
    .map((n) => s.runByN(n, task))
    .filter((run) => run !== null);
}
