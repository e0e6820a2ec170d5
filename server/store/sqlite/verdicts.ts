/** Verdict records: one row a fired slot, one row for neighbouring skips of one reason and local day. */
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

const PUT = 'INSERT OR REPLACE INTO verdict (task_n, planned_at, to_at, count, code) VALUES (?, ?, ?, ?, ?)';

/** Records a slot that got a run. */
export function recordRun(
  s: State,
  task: TaskEntry,
  plannedAt: number,
  verdict: 'fired' | 'caught_up',
): void {
  const code = verdict === 'fired' ? FIRED_CODE : CAUGHT_UP_CODE;
  s.db.prepare(PUT).run(task.n, plannedAt, plannedAt + 1, 1, code);
  task.lastSkip = null;
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

export function verdictOfRow(row: SqlRow): VerdictRecord {
  const code = row.code as number;
  return {
    plannedAt: row.planned_at as number,
    toAt: row.to_at as number,
    count: row.count as number,
    verdict: code === FIRED_CODE ? 'fired' : code === CAUGHT_UP_CODE ? 'caught_up' : 'skipped',
    reason: REASONS[code - 2] ?? null,
  };
}
