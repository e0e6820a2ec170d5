/** Trimming, folding and pruning, and the background deletion of what is no longer visible. */
import { RUNS_KEPT_PER_TASK } from '../../limits.ts';
import type { PruneOptions } from '../../requests.ts';
import type { State } from '../state.ts';
import { ALL, DUE, type TaskEntry } from '../task-row.ts';
import { countRecords, recordRun } from '../verdicts.ts';

const RUNS_A_CALL = 500;
/** Ended runs over the number kept go this many at a time, so that most fires delete nothing. */
const TRIM_STEP = 50;
/** Rows deleted in one transaction, in a step or in the background: about 5 ms. */
const CHUNK = 1_000;
/** A deleted task's seq is remembered this long: far longer than its events are. */
const GONE_KEPT_MS = 30 * 86_400_000;

export function pruneTask(
  s: State,
  _now: number,
  taskId: string,
  { foldAt, keepDay, segmentsBeforeAt, runsBeforeAt }: PruneOptions,
): { verdicts: number; runs: number } {
  const task = s.task(taskId);
  if (task === null) return { verdicts: 0, runs: 0 };
  s.flushRows();
  const verdicts = countRecords(s, task, foldAt).records;
  if (verdicts > CHUNK) {
    s.db.prepare('INSERT INTO purge (task_n, before_at) VALUES (?, ?)').run(task.n, foldAt);
    s.purging = true;
  } else {
    s.db.prepare('DELETE FROM verdict WHERE task_n = ? AND planned_at < ?').run(task.n, foldAt);
  }
  s.db.prepare('DELETE FROM segment WHERE task_n = ? AND to_at <= ?').run(task.n, segmentsBeforeAt);
  s.db.prepare('DELETE FROM day WHERE task_n = ? AND day < ?').run(task.n, keepDay);
  if (task.today !== null && task.today.day < keepDay) task.today = null;
  if (task.lastSkip !== null && task.lastSkip.plannedAt < foldAt) task.lastSkip = null;
  task.foldedThroughAt = Math.max(task.foldedThroughAt, foldAt);
  const old = runsInOrder(
    s,
    task,
    (run) => run.ended_at !== null && run.ended_at < runsBeforeAt,
    RUNS_A_CALL,
  );
  deleteRuns(s, task, old);
  s.touchTask(task, ALL);
  return { verdicts, runs: old.length };
}

/** Deletes the oldest ended runs beyond the number kept. */
export function trimRuns(s: State, task: TaskEntry): void {
  const ended = task.kept - task.live - task.held - task.lateLive - task.waiting - task.freeLive;
  const over = Math.min(task.kept - RUNS_KEPT_PER_TASK, ended);
  if (over < TRIM_STEP) return;
  s.flushRows();
  deleteRuns(
    s,
    task,
    runsInOrder(s, task, (run) => run.ended_at !== null, over),
  );
}

interface OldRun {
  n: number;
  key: number | string;
  line: string;
  logged: number;
  ended_at: number | null;
}

/** The oldest created runs of a task that fit; the order is sorted from the index, only those looked at are read. */
function runsInOrder(s: State, task: TaskEntry, fits: (run: OldRun) => boolean, limit: number): OldRun[] {
  const found: OldRun[] = [];
  const read = s.db.prepare('SELECT n, key, line, logged, ended_at FROM run WHERE n = ?');
  for (const { n } of s.db.prepare('SELECT n FROM run WHERE task_n = ? ORDER BY n').all(task.n)) {
    if (found.length === limit) break;
    const run = read.get(n!) as unknown as OldRun;
    if (fits(run)) found.push(run);
  }
  return found;
}

/** Deletes ended runs with their logs; the verdicts they stood for stay. */
function deleteRuns(s: State, task: TaskEntry, runs: OldRun[]): void {
  const deleteRun = s.db.prepare('DELETE FROM run WHERE n = ?');
  const deleteLog = s.db.prepare('DELETE FROM run_log WHERE run_n = ?');
  for (const { n, key, line, logged } of runs) {
    if (typeof key === 'number' && key >= task.foldedThroughAt) recordRun(s, task, key, line);
    deleteRun.run(n);
    if (logged === 1) deleteLog.run(n);
  }
  task.kept -= runs.length;
  s.touchTask(task, DUE);
}

/** One small piece of background deletion, in a transaction of its own. False when nothing is left. */
export function purgeSome(s: State): boolean {
  const job = s.db.prepare('SELECT n, task_n, before_at FROM purge ORDER BY n LIMIT 1').get();
  if (job === undefined) return false;
  const { n, task_n: taskN, before_at: beforeAt } = job;
  const some = (sql: string, ...values: (number | null)[]) =>
    Number(s.db.prepare(sql).run(...(values as number[])).changes);
  const ofTask = (table: string, key: string) =>
    some(
      `DELETE FROM ${table} WHERE task_n = ?1 AND ${key} IN
       (SELECT ${key} FROM ${table} WHERE task_n = ?1 LIMIT ${CHUNK})`,
      taskN as number,
    );
  const deleted =
    beforeAt !== null
      ? some(
          `DELETE FROM verdict WHERE task_n = ?1 AND planned_at IN
           (SELECT planned_at FROM verdict WHERE task_n = ?1 AND planned_at < ?2 LIMIT ${CHUNK})`,
          taskN as number,
          beforeAt as number,
        )
      : some(
          `DELETE FROM run_log WHERE (run_n, n) IN (SELECT run_n, run_log.n FROM run JOIN run_log ON run_n = run.n
           WHERE task_n = ?1 AND logged = 1 LIMIT ${CHUNK})`,
          taskN as number,
        ) ||
        ofTask('run', 'n') ||
        ofTask('verdict', 'planned_at') ||
        ofTask('day', 'day') ||
        ofTask('segment', 'n');
  if (deleted === 0) s.db.prepare('DELETE FROM purge WHERE n = ?').run(n as number);
  return true;
}

/** Documents past their time, and what is remembered of tasks deleted long ago. */
export function purgeExpired(s: State, now: number): void {
  s.db
    .prepare(
      `DELETE FROM document WHERE rowid IN (SELECT rowid FROM document WHERE expires_at <= ? LIMIT ${CHUNK})`,
    )
    .run(now);
  s.db.prepare('DELETE FROM gone_task WHERE at < ?').run(now - GONE_KEPT_MS);
}
