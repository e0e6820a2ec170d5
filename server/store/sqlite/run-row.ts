/** A run in memory, in its table, and as the contract's record. */
import type { Attempt, AttemptOutcome, RunError, RunState, RunTrigger } from '../../../shared/run.ts';
import type { RunLine, RunRecord } from '../records.ts';
import { flag, type SqlDb, type SqlRow } from './driver.ts';
import { rememberLast } from './remember-last.ts';

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
  /** The table has it. */
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

/** run.body: a JSON array in this order. In files: append, never reorder. */
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
  queuedAt: number | null,
  retryAt: number | null,
  fence: number,
  token: string | null,
  boot: number,
  seq: number,
  taskSeq: number,
];

export function runOfRow(row: SqlRow, task: RunOwner): RunEntry {
  const key = row.key as number | string;
  const origin = JSON.parse(row.origin as string) as Origin;
  const [plannedAt, nominalAt, createdAt, day, verdict, retryOf, priority, timeoutMs, lateAfterMs] = origin;
  const body = JSON.parse(row.body as string) as Body;
  const [startedAt, lateByMs, waitedMs, progress, attemptNo, failures, losses, error, attempts, ...lease] =
    body;
  const [queuedAt, retryAt, fence, token, boot, seq, taskSeq] = lease;
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
    queuedAt,
    retryAt,
    startedAt,
    endedAt: row.ended_at as number | null,
    lateByMs,
    progress,
    result: row.result as string | null,
    error,
    attempts,
    attemptNo,
    fence,
    failures,
    losses,
    token,
    boot,
    seq,
    taskSeq,
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

const workerText = rememberLast<string>(JSON.stringify);
const tokenText = rememberLast<string>(JSON.stringify);
const fenceText = rememberLast<number>(String);

/** By hand, like task_now.body. */
export function packRun(r: RunEntry): string {
  let attempts = '';
  for (const [n, fence, worker, startedAt, endedAt, outcome, error] of r.attempts) {
    const ended = outcome === null ? 'null' : `"${outcome}"`;
    if (attempts !== '') attempts += ',';
    attempts += `[${n},${fenceText(fence)},${workerText(worker)},${startedAt},${endedAt},${ended},${text(error)}]`;
  }
  const counts = `${r.attemptNo},${r.failures},${r.losses},${text(r.error)}`;
  const token = r.token === null ? 'null' : tokenText(r.token);
  const lease = `${r.queuedAt},${r.retryAt},${fenceText(r.fence)},${token},${r.boot},${r.seq},${r.taskSeq}`;
  return `[${r.startedAt},${r.lateByMs},${r.waitedMs},${r.progress},${counts},[${attempts}],${lease}]`;
}

/** A run's newest state as JSON, for the redo log; the last four only while the table does not have the run. */
export type RunImage = [
  n: number,
  state: RunState,
  endedAt: number | null,
  logged: 0 | 1,
  result: string | null,
  body: unknown[],
  taskN?: number,
  ownerN?: number,
  key?: number | string,
  line?: RunLine,
  origin?: unknown[],
];

/** `body` as packRun made it. */
export function imageOfRun(r: RunEntry, body: string): string {
  const changes = `${r.n},"${r.state}",${r.endedAt},${flag(r.logged)},${text(r.result)},${body}`;
  if (r.inserted) return `[${changes}]`;
  return `[${changes},${r.taskN},${r.ownerN},${JSON.stringify(r.key)},"${r.line}",${packOrigin(r)}]`;
}

export interface RunRows {
  /** Inserts or updates the row; `body` as packRun made it. */
  write(run: RunEntry, body: string): void;
  /** Puts an image of the redo log into the table, which may have it already. */
  restore(image: RunImage): void;
}

/** Writes rows of runs: one statement a run, however many steps have changed it since. */
export function runRows(db: SqlDb): RunRows {
  const columns = '(n, task_n, owner_n, key, line, origin, state, ended_at, logged, body, result)';
  const insert = db.prepare(`INSERT INTO run ${columns} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const replace = db.prepare(`REPLACE INTO run ${columns} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const update = db.prepare(
    'UPDATE run SET state = ?, ended_at = ?, logged = ?, body = ?, result = ? WHERE n = ?',
  );

  return {
    write(run, body) {
      const { n, state, endedAt, result } = run;
      const logged = flag(run.logged);
      if (run.inserted) {
        update.run(state, endedAt, logged, body, result, n);
        return;
      }
      const origin = packOrigin(run);
      const { taskN, ownerN, key, line } = run;
      insert.run(n, taskN, ownerN, key, line, origin, state, endedAt, logged, body, result);
      run.inserted = true;
    },
    restore([n, state, endedAt, logged, result, packed, taskN, ownerN, key, line, origin]) {
      const body = JSON.stringify(packed);
      if (taskN === undefined) update.run(state, endedAt, logged, body, result, n);
      else {
        const first = JSON.stringify(origin);
        replace.run(n, taskN, ownerN!, key!, line!, first, state, endedAt, logged, body, result);
      }
    },
  };
}
