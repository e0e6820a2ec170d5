/** Makes a run and puts it into its line: ready, or held behind the others of its task. */
import type { RunTrigger } from '../../../../shared/run.ts';
import type { RunLine, StepPolicy } from '../../records.ts';
import type { RunEntry } from '../run-row.ts';
import type { State } from '../state.ts';
import { NOW, type TaskEntry } from '../task-row.ts';
import { makeReady } from './end-run.ts';

export interface RunSeed {
  key: number | string;
  trigger: RunTrigger;
  line: RunLine;
  plannedAt: number;
  nominalAt: number;
  verdict: 'fired' | 'caught_up' | null;
  day: string | null;
  retryOf: string | null;
  policy: StepPolicy;
  /** Behind others of its line. */
  held: boolean;
}

export function newRun(s: State, task: TaskEntry, seed: RunSeed, now: number): RunEntry {
  const { policy } = seed;
  const run: RunEntry = {
    n: 0,
    key: seed.key,
    id: `${task.id}:${seed.key}`,
    taskN: task.n,
    taskId: task.id,
    ownerN: task.ownerN,
    ownerId: task.ownerId,
    trigger: seed.trigger,
    line: seed.line,
    state: 'held',
    retryOf: seed.retryOf,
    plannedAt: seed.plannedAt,
    nominalAt: seed.nominalAt,
    verdict: seed.verdict,
    day: seed.day,
    createdAt: now,
    priority: policy.priority,
    timeoutMs: policy.timeoutMs,
    lateAfterMs: policy.lateAfterMs,
    waitedMs: 0,
    queuedAt: null,
    retryAt: null,
    startedAt: null,
    endedAt: null,
    lateByMs: null,
    progress: null,
    result: null,
    error: null,
    attempts: [],
    attemptNo: 0,
    fence: 0,
    failures: 0,
    losses: 0,
    token: null,
    boot: 0,
    seq: 0,
    taskSeq: 0,
    logged: false,
    dirty: false,
    inserted: false,
  };
  s.addRun(run);
  task.kept += 1;
  if (seed.trigger !== 'slot') task.asked += 1;
  if (seed.held) {
    if (seed.line === 'slot') task.held += 1;
    else task.waiting += 1;
  } else {
    if (seed.line === 'slot') task.live += 1;
    else if (seed.line === 'late') task.lateLive += 1;
    else task.freeLive += 1;
    makeReady(s, task, run, now);
  }
  s.touchTask(task, NOW);
  const { state } = run;
  s.emit(
    task,
    state === 'held' ? 'run.held' : 'run.queued',
    { taskId: task.id, runId: run.id, state, at: now, plannedAt: run.plannedAt },
    run,
  );
  return run;
}
