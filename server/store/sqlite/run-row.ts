/** A run in memory, in its table, and as the contract's record. */
import type { Attempt, AttemptOutcome, RunError, RunState, RunTrigger } from '../../../shared/run.ts';
import type { RunLine, RunRecord } from '../records.ts';
import type { SqlDb, SqlRow } from './driver.ts';

/** An attempt packed: n, fence, worker, startedAt, endedAt, outcome, error. */
export type PackedAttempt = [
  n: number,
  fence: number,
  worker: string,
  startedAt: number,
  endedAt: number | null,
  outcome: AttemptOutcome | null,
  error: RunError | null,
];

export interface RunEntry {
  n: number;
  /** What follows `<taskId>:` in the id; a number for slots. */
  key: number | string;
  id: string;
  taskN: number;
  taskId: string;
  ownerN: number;
  ownerId: string;
  trigger: RunTrigger;
  line: RunLine;
  state: RunState;
  retryOf: string | null;
  plannedAt: number;
  nominalAt: number;
  verdict: 'fired' | 'caught_up' | null;
  /** Local day of the slot; null when no slot asked for the run. */
  day: string | null;
  createdAt: number;
  priority: number;
  timeoutMs: number;
  lateAfterMs: number;
  waitedMs: number;
  queuedAt: number | null;
  retryAt: number | null;
  startedAt: number | null;
  endedAt: number | null;
  lateByMs: number | null;
  progress: number | null;
  /** JSON text. */
  result: string | null;
  error: RunError | null;
  attempts: PackedAttempt[];
  attemptNo: number;
  fence: number;
  failures: number;
  losses: number;
  /** Of the last claim; null once its lease was lost. */
  token: string | null;
  boot: number;
  /** Last seq of the topic run:<id>. */
  seq: number;
  taskSeq: number;
  logged: boolean;
  dirty: boolean;
  inserted: boolean;
}

/** As it crosses to the main thread. */
export type WireRun = Omit<RunRecord, 'result'> & { result: string | null };

export function wireRun(run: RunEntry): WireRun {
  return {
    id: run.id,
    taskId: run.taskId,
    ownerId: run.ownerId,
    trigger: run.trigger,
    line: run.line,
    state: run.state,
    retryOf: run.retryOf,
    plannedAt: run.plannedAt,
    nominalAt: run.nominalAt,
    verdict: run.verdict,
    createdAt: run.createdAt,
    lateByMs: run.lateByMs,
    waitedMs: run.waitedMs,
    queuedAt: run.queuedAt,
    retryAt: run.retryAt,
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    progress: run.progress,
    result: run.result,
    error: run.error,
    attempts: run.attempts.map(attemptOf),
    timeoutMs: run.timeoutMs,
    lateAfterMs: run.lateAfterMs,
    priority: run.priority,
  };
}

function attemptOf([n, fence, worker, startedAt, endedAt, outcome, error]: PackedAttempt): Attempt {
  return { n, fence, worker, startedAt, endedAt, outcome, error };
}

/** The key of a run id, as it is stored. */
export function keyOfRunId(runId: string): number | string {
  const key = runId.slice(runId.indexOf(':') + 1);
  return /^(0|[1-9]\d{0,15})$/.test(key) ? Number(key) : key;
}

const triggerOfKey = (key: number | string): RunTrigger =>
  typeof key === 'number' ? 'slot' : key.startsWith('backfill:') ? 'backfill' : 'manual';

export interface RunOwner {
  id: string;
  ownerId: string;
}

export function runOfRow(row: SqlRow, task: RunOwner): RunEntry {
  const key = row.key as number | string;
  return {
    n: row.n as number,
    key,
    id: `${task.id}:${key}`,
    taskN: row.task_n as number,
    taskId: task.id,
    ownerN: row.owner_n as number,
    ownerId: task.ownerId,
    trigger: triggerOfKey(key),
    line: row.line as RunLine,
    state: row.state as RunState,
    retryOf: row.retry_of as string | null,
    plannedAt: row.planned_at as number,
    nominalAt: row.nominal_at as number,
    verdict: row.verdict as RunEntry['verdict'],
    day: row.day as string | null,
    createdAt: row.created_at as number,
    priority: row.priority as number,
    timeoutMs: row.timeout_ms as number,
    lateAfterMs: row.late_after_ms as number,
    waitedMs: row.waited_ms as number,
    queuedAt: row.queued_at as number | null,
    retryAt: row.retry_at as number | null,
    startedAt: row.started_at as number | null,
    endedAt: row.ended_at as number | null,
    lateByMs: row.late_by_ms as number | null,
    progress: row.progress as number | null,
    result: row.result as string | null,
    error: row.error === null ? null : (JSON.parse(row.error as string) as RunError),
    attempts: row.attempts === null ? [] : (JSON.parse(row.attempts as string) as PackedAttempt[]),
    attemptNo: row.attempt_no as number,
    fence: row.fence as number,
    failures: row.failures as number,
    losses: row.losses as number,
    token: row.token as string | null,
    boot: row.boot as number,
    seq: row.seq as number,
    taskSeq: row.task_seq as number,
    logged: row.logged === 1,
    dirty: false,
    inserted: true,
  };
}

const FIXED = [
  'n',
  'task_n',
  'owner_n',
  'key',
  'line',
  'retry_of',
  'planned_at',
  'nominal_at',
  'verdict',
  'day',
  'created_at',
  'priority',
  'timeout_ms',
  'late_after_ms',
] as const;

const CHANGING = [
  'state',
  'waited_ms',
  'queued_at',
  'retry_at',
  'started_at',
  'ended_at',
  'late_by_ms',
  'progress',
  'result',
  'error',
  'attempts',
  'attempt_no',
  'fence',
  'failures',
  'losses',
  'token',
  'boot',
  'seq',
  'task_seq',
  'logged',
] as const;

/** Writes what has changed: one statement a run, however many steps of the transaction touched it. */
export function runWriter(db: SqlDb): (run: RunEntry) => void {
  const columns = [...CHANGING, ...FIXED];
  const insert = db.prepare(
    `INSERT INTO run (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  const update = db.prepare(`UPDATE run SET ${CHANGING.map((name) => `${name} = ?`).join(', ')} WHERE n = ?`);

  return (run) => {
    const changing = [
      run.state,
      run.waitedMs,
      run.queuedAt,
      run.retryAt,
      run.startedAt,
      run.endedAt,
      run.lateByMs,
      run.progress,
      run.result,
      run.error === null ? null : JSON.stringify(run.error),
      run.attempts.length === 0 ? null : JSON.stringify(run.attempts),
      run.attemptNo,
      run.fence,
      run.failures,
      run.losses,
      run.token,
      run.boot,
      run.seq,
      run.taskSeq,
      run.logged ? 1 : 0,
    ];
    if (run.inserted) {
      update.run(...changing, run.n);
    } else {
      insert.run(
        ...changing,
        run.n,
        run.taskN,
        run.ownerN,
        run.key,
        run.line,
        run.retryOf,
        run.plannedAt,
        run.nominalAt,
        run.verdict,
        run.day,
        run.createdAt,
        run.priority,
        run.timeoutMs,
        run.lateAfterMs,
      );
      run.inserted = true;
    }
    run.dirty = false;
  };
}
