/**
 * Verdict records. A slot that got a run has its verdict in the run's row, as long as that is kept; skipped slots
 * (neighbouring ones of one reason and local day together), and slots whose run is gone, have a row of their own.
 */
import type { SkipReason } from '../../../shared/run.ts';
import type { SkipDecision, VerdictRecord } from '../records.ts';
import { REASONS, skippedIndex } from './days.ts';
import type { SqlRow } from './driver.ts';
import type { State } from './state.ts';
import type { TaskEntry } from './task-row.ts';

/** In files: 0 fired, 1 caught up, 2 + index in REASONS skipped. */
const FIRED_CODE = 0;
const CAUGHT_UP_CODE = 1;
const codeOfReason = (reason: SkipReason) => 2 + REASONS.indexOf(reason);

const codeOfLine = (line: unknown) => (line === 'slot' ? FIRED_CODE : CAUGHT_UP_CODE);

const PUT = 'INSERT OR REPLACE INTO verdict (task_n, planned_at, to_at, count, code) VALUES (?, ?, ?, ?, ?)';

/** Keeps the verdict of a slot whose run goes. */
export function recordRun(s: State, task: TaskEntry, plannedAt: number, line: string): void {
  s.db.prepare(PUT).run(task.n, plannedAt, plannedAt + 1, 1, codeOfLine(line));
}

/** A record as it is, counted nowhere. */
export function putRecord(s: State, task: TaskEntry, record: VerdictRecord): void {
  const { plannedAt, toAt, count, verdict, reason } = record;
  const code = reason !== null ? codeOfReason(reason) : verdict === 'fired' ? FIRED_CODE : CAUGHT_UP_CODE;
  s.db.prepare(PUT).run(task.n, plannedAt, toAt, count, code);
}

/** Records a skipped slot or range, joined to the record before it where that may be; counts it in its day. */
export function recordSkip(s: State, task: TaskEntry, skip: Omit<SkipDecision, 'kind'>): void {
  const code = codeOfReason(skip.reason);
  const last = task.lastSkip;
  const joins =
    last !== null && last.code === code && last.day === skip.day && last.plannedAt >= task.foldedThroughAt;
  const record = joins
    ? { ...last, toAt: skip.toAt, count: last.count + skip.count }
    : { plannedAt: skip.plannedAt, toAt: skip.toAt, count: skip.count, code, day: skip.day };
  s.db.prepare(PUT).run(task.n, record.plannedAt, record.toAt, record.count, code);
  task.lastSkip = record;
  s.day(task, skip.day).counts[skippedIndex(skip.reason)]! += skip.count;
}

function verdictOfRow(row: SqlRow): VerdictRecord {
  const code = row.code as number;
  return {
    plannedAt: row.planned_at as number,
    toAt: row.to_at as number,
    count: row.count as number,
    verdict: code === FIRED_CODE ? 'fired' : code === CAUGHT_UP_CODE ? 'caught_up' : 'skipped',
    reason: REASONS[code - 2] ?? null,
  };
}

/** Records that touch [fromAt, toAt) and are not folded, in order (or the reverse), at most `limit`. */
export function readRecords(
  s: State,
  task: TaskEntry,
  fromAt: number,
  toAt: number,
  limit: number,
  oldestFirst: boolean,
): VerdictRecord[] {
  s.flushRows();
  const order = oldestFirst ? 'ASC' : 'DESC';
  // Records are disjoint: only the one at or before fromAt can reach into the interval from outside.
  const first = s.db
    .prepare('SELECT max(planned_at) at FROM verdict WHERE task_n = ? AND planned_at <= ?')
    .get(task.n, fromAt)?.at as number | null;
  const rows = s.db
    .prepare(
      `SELECT planned_at, to_at, count, code FROM verdict
       WHERE task_n = ? AND planned_at >= ? AND planned_at < ? AND to_at > ? ORDER BY planned_at ${order} LIMIT ?`,
    )
    .all(task.n, Math.max(first ?? fromAt, task.foldedThroughAt), toAt, fromAt, limit)
    .map(verdictOfRow);
  const runs = s.db
    .prepare(
      `SELECT key, line FROM run WHERE task_n = ? AND key >= ? AND key < ? ORDER BY key ${order} LIMIT ?`,
    )
    .all(task.n, Math.max(fromAt, task.foldedThroughAt), toAt, limit)
    .map(({ key, line }) =>
      verdictOfRow({ planned_at: key!, to_at: (key as number) + 1, count: 1, code: codeOfLine(line) }),
    );
  const sign = oldestFirst ? 1 : -1;
  return [...rows, ...runs].sort((a, b) => sign * (a.plannedAt - b.plannedAt)).slice(0, limit);
}

/** Number of records before an instant that are not folded, and the first one's. */
export function countRecords(
  s: State,
  task: TaskEntry,
  beforeAt: number,
): { records: number; oldestAt: number | null } {
  s.flushRows();
  const row = s.db
    .prepare(
      `SELECT count(*) records, min(at) at FROM (
         SELECT planned_at at FROM verdict WHERE task_n = ?1 AND planned_at >= ?2 AND planned_at < ?3
         UNION ALL SELECT key FROM run WHERE task_n = ?1 AND key >= ?2 AND key < ?3)`,
    )
    .get(task.n, task.foldedThroughAt, beforeAt);
  return { records: row?.records as number, oldestAt: row?.at as number | null };
}
