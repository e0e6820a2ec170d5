/** Hands ready runs to a worker. */
import { PARTITIONS } from '../../ids.ts';
import { ATTEMPTS_KEPT } from '../../limits.ts';
import type { ClaimedRun } from '../../records.ts';
import type { ClaimRequest } from '../../requests.ts';
import { refuse } from '../refused.ts';
import type { RunEntry } from '../run-row.ts';
import type { State } from '../state.ts';
import type { TaskEntry } from '../task-row.ts';

/** A claimed run as it crosses to the main thread: the definition stays text. */
export type WireClaim = Omit<ClaimedRun, 'definition'> & { definition: string };

/** Beyond the run's own timeout, for the worker to abort and tell. */
const DEADLINE_GRACE_MS = 15_000;

export function checkPartition(partition: number): void {
  if (!Number.isInteger(partition) || partition < 0 || partition >= PARTITIONS) refuse('no such partition');
}

export function claimRuns(s: State, now: number, partition: number, claim: ClaimRequest): WireClaim[] {
  const repeated = s.claims.get(claim.requestId, now);
  if (repeated !== undefined) return repeatClaim(s, claim.requestId, repeated);
  const { ready } = s.partitions[partition]!;
  const claimed: WireClaim[] = [];
  while (claimed.length < claim.limit) {
    const runId = ready.take();
    if (runId === undefined) break;
    const run = s.run(runId);
    // Cancelled or deleted since it was queued.
    if (run?.state !== 'queued') continue;
    const task = s.task(run.taskId);
    if (task !== null) claimed.push(claimRun(s, now, task, run, claim));
  }
  s.claims.put(
    claim.requestId,
    claimed.map((run) => run.runId),
    now,
  );
  return claimed;
}

function claimRun(s: State, now: number, task: TaskEntry, run: RunEntry, claim: ClaimRequest): WireClaim {
  run.state = 'running';
  run.attemptNo += 1;
  // Of the clock too: a file put back to an earlier state must not hand out a fence twice.
  run.fence = Math.max(run.fence + 1, now * 1024);
  run.token = claim.requestId;
  run.boot = s.boot;
  run.startedAt ??= now;
  run.lateByMs ??= now - run.plannedAt;
  run.attempts.push([run.attemptNo, run.fence, claim.worker, now, null, null, null]);
  if (run.attempts.length > ATTEMPTS_KEPT) run.attempts.shift();
  s.leased.set(run.id, run);
  s.touchRun(run);
  const { attemptNo: attempt, lateByMs } = run;
  s.emit(
    task,
    'run.started',
    { taskId: task.id, runId: run.id, state: 'running', at: now, attempt, lateByMs },
    run,
  );
  run.taskSeq = task.seq;
  task.seqAhead = true;
  return wireClaim(task, run, now);
}

function wireClaim(task: TaskEntry, run: RunEntry, startedAt: number): WireClaim {
  return {
    runId: run.id,
    taskId: run.taskId,
    ownerId: run.ownerId,
    trigger: run.trigger,
    plannedAt: run.plannedAt,
    nominalAt: run.nominalAt,
    attempt: run.attemptNo,
    failures: run.failures,
    fence: run.fence,
    token: run.token!,
    startedAt,
    lateByMs: run.lateByMs!,
    timeoutMs: run.timeoutMs,
    deadlineAt: startedAt + run.timeoutMs + DEADLINE_GRACE_MS,
    definition: task.definition,
  };
}

/** The same runs again, as far as they are still this claim's. */
function repeatClaim(s: State, requestId: string, runIds: string[]): WireClaim[] {
  const again: WireClaim[] = [];
  for (const runId of runIds) {
    const run = s.leased.get(runId);
    if (run?.token !== requestId) continue;
    const task = s.task(run.taskId);
    if (task !== null) again.push(wireClaim(task, run, run.attempts.at(-1)![3]));
  }
  return again;
}
