/** A run in memory, in its table, and as the contract's record. */
import type { Attempt, AttemptOutcome, RunError, RunState, RunTrigger } from '../../../shared/run.ts';
import type { RunLine, RunRecord } from '../records.ts';
import { flag, type SqlDb, type SqlRow } from './driver.ts';

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

/** run.origin: a JSON array in this order. */
type Origin = [
  plannedAt: number,
  nominalAt: number,
  createdAt: number,
  day: string | null,
  verdict: RunEntry['verdict'],
  retryOf: string | null,
  priority: number,
  timeoutMs: number,
  lateAfterMs: number,
];

/** run.body: a JSON array in this order. */
type Body = [
  startedAt: number | null,
  lateByMs: number | null,
  waitedMs: number,
  progress: number | null,
  attemptNo: number,
  failures: number,
  losses: number,
  error: RunError | null,
  attempts: PackedAttempt[],
];

export function runOfRow(row: SqlRow, task: RunOwner): RunEntry {
  const key = row.key as number | string;
  const origin = JSON.parse(row.origin as string) as Origin;
  const [plannedAt, nominalAt, createdAt, day, verdict, retryOf, priority, timeoutMs, lateAfterMs] = origin;
  const body = JSON.parse(row.body as string) as Body;
  const [startedAt, lateByMs, waitedMs, progress, attemptNo, failures, losses, error, attempts] = body;
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
    retryOf,
    plannedAt,
    nominalAt,
    verdict,
    day,
    createdAt,
    priority,
    timeoutMs,
    lateAfterMs,
    waitedMs,
    queuedAt: row.queued_at as number | null,
    retryAt: row.retry_at as number | null,
    startedAt,
    endedAt: row.ended_at as number | null,
    lateByMs,
    progress,
    result: row.result as string | null,
    error,
    attempts,
    attemptNo,
    fence: row.fence as number,
    failures,
    losses,
    token: row.token as string | null,
    boot: row.boot as number,
    seq: row.seq as number,
    taskSeq: row.task_seq as number,
    logged: row.logged === 1,
    dirty: false,
    inserted: true,
  };
}

const text = (value: unknown) => (value === null ? 'null' : JSON.stringify(value));

function packOrigin(r: RunEntry): string {
  const day = r.day === null ? 'null' : `"${r.day}"`;
  const verdict = r.verdict === null ? 'null' : `"${r.verdict}"`;
  return `[${r.plannedAt},${r.nominalAt},${r.createdAt},${day},${verdict},${text(r.retryOf)},${r.priority},${r.timeoutMs},${r.lateAfterMs}]`;
}

/** By hand, like task_now.body. */
function packBody(r: RunEntry): string {
  let attempts = '';
  for (const [n, fence, worker, startedAt, endedAt, outcome, error] of r.attempts) {
    const ended = outcome === null ? 'null' : `"${outcome}"`;
    if (attempts !== '') attempts += ',';
    attempts += `[${n},${fence},${JSON.stringify(worker)},${startedAt},${endedAt},${ended},${text(error)}]`;
  }
  return `[${r.startedAt},${r.lateByMs},${r.waitedMs},${r.progress},${r.attemptNo},${r.failures},${r.losses},${text(r.error)},[${attempts}]]`;
}

/** Writes what has changed: one statement a run, however many steps of the transaction touched it. */
export function runWriter(db: SqlDb): (run: RunEntry) => void {
  const insert =
    db.prepare(`INSERT INTO run (n, task_n, owner_n, key, line, origin, state, queued_at, retry_at, ended_at,
    fence, token, boot, seq, task_seq, logged, body, result) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const update =
    db.prepare(`UPDATE run SET state = ?, queued_at = ?, retry_at = ?, ended_at = ?, fence = ?, token = ?,
    boot = ?, seq = ?, task_seq = ?, logged = ?, body = ?, result = ? WHERE n = ?`);

  return (run) => {
    run.dirty = false;
    if (run.inserted) {
      update.run(
        run.state,
        run.queuedAt,
        run.retryAt,
        run.endedAt,
        run.fence,
        run.token,
        run.boot,
        run.seq,
        run.taskSeq,
        flag(run.logged),
        packBody(run),
        run.result,
        run.n,
      );
      return;
    }
    insert.run(
      run.n,
      run.taskN,
      run.ownerN,
      run.key,
      run.line,
      packOrigin(run),
      run.state,
      run.queuedAt,
      run.retryAt,
      run.endedAt,
      run.fence,
      run.token,
      run.boot,
      run.seq,
      run.taskSeq,
      flag(run.logged),
      packBody(run),
      run.result,
    );
    run.inserted = true;
  };
}
