/** Reading runs, verdicts and counters. */
import type { RunState } from '../../../../shared/run.ts';
import { OWNER_RUNS_SCANNED } from '../../limits.ts';
import type { DayRecord, VerdictRecord } from '../../records.ts';
import { dayRecord, unpackCounts } from '../days.ts';
import type { SqlRow } from '../driver.ts';
import { runOfRow, type WireRun, wireRun } from '../run-row.ts';
import type { State } from '../state.ts';
import { countRecords, readRecords } from '../verdicts.ts';

export function getRun(s: State, _now: number, runId: string): WireRun | null {
  const run = s.run(runId);
  return run === null ? null : wireRun(run);
}

export function listRuns(
  s: State,
  _now: number,
  of: { taskId: string } | { ownerId: string },
  options: { states?: RunState[]; limit: number; before?: string },
): { items: WireRun[]; more: boolean } {
  const none = { items: [], more: false };
  s.flushRows();
  const before = options.before === undefined ? Number.MAX_SAFE_INTEGER : s.run(options.before)?.n;
  const task = 'taskId' in of ? s.task(of.taskId) : null;
  if (before === undefined || ('taskId' in of && task === null)) return none;
  const ownerId = 'ownerId' in of ? of.ownerId : task!.ownerId;
  const rows = task === null ? runsOfOwner(s, s.owner(ownerId).n, before) : runsOfTask(s, task.n, before);
  const items: WireRun[] = [];
  let scanned = 0;
  for (const row of rows) {
    if (items.length === options.limit || scanned === OWNER_RUNS_SCANNED) return { items, more: true };
    scanned += 1;
    if (options.states !== undefined && !options.states.includes(row.state as RunState)) continue;
    items.push(wireRun(runOfRow(row, { id: task?.id ?? (row.task_id as string), ownerId })));
  }
  return { items, more: false };
}

/** The join leaves out runs of deleted tasks whose rows are still there; CROSS keeps the order of the loops. */
const runsOfOwner = (s: State, ownerN: number, before: number) =>
  s.db
    .prepare(
      `SELECT run.*, task.id task_id FROM run CROSS JOIN task ON task.n = run.task_n
       WHERE run.owner_n = ? AND run.n < ? ORDER BY run.n DESC`,
    )
    .iterate(ownerN, before);

/** Sorted from the index alone (a few hundred entries); only the rows asked for are read. */
function* runsOfTask(s: State, taskN: number, before: number): Generator<SqlRow> {
  const read = s.db.prepare('SELECT * FROM run WHERE n = ?');
  const sorted = s.db
    .prepare('SELECT n FROM run WHERE task_n = ? AND n < ? ORDER BY n DESC')
    .all(taskN, before);
  for (const { n } of sorted) yield read.get(n!)!;
}

export function listVerdicts(
  s: State,
  _now: number,
  taskId: string,
  fromAt: number,
  toAt: number,
  options: { limit: number; oldestFirst?: boolean },
): VerdictRecord[] {
  const task = s.task(taskId);
  if (task === null || toAt <= fromAt) return [];
  return readRecords(s, task, fromAt, toAt, options.limit, options.oldestFirst ?? false);
}

export function countVerdicts(
  s: State,
  _now: number,
  taskId: string,
): { records: number; oldestAt: number | null } {
  const task = s.task(taskId);
  return task === null ? { records: 0, oldestAt: null } : countRecords(s, task, Number.MAX_SAFE_INTEGER);
}

export function listDays(s: State, _now: number, taskId: string, fromDay: string): DayRecord[] {
  const task = s.task(taskId);
  if (task === null) return [];
  s.flushRows();
  const days = s.db
    .prepare('SELECT day, counts FROM day WHERE task_n = ? AND day >= ? ORDER BY day')
    .all(task.n, fromDay)
    .map(({ day, counts }) => dayRecord(unpackCounts(day as string, counts as string)));
  if (task.today !== null && task.today.day >= fromDay) days.push(dayRecord(task.today));
  return days;
}
