/** Rows and entries that point at nothing. */
import type { IndexInspection, StrayEntry } from '../../inspection.ts';
import type { State } from '../state.ts';
import { checkPartition } from './claim.ts';

/** A row of task_now without a task is never fired and never deleted; so are run rows that nobody has marked for deletion. */
export function inspectIndexes(
  s: State,
  _now: number,
  partition: number,
  after: string | null,
  limit: number,
): IndexInspection {
  checkPartition(partition);
  s.flushRows();
  const strays: StrayEntry[] = [];
  const add = (index: StrayEntry['index'], id: unknown) => strays.push({ index, id: String(id), owner: '' });
  const [stage = 'due', position = '0'] = after?.split('|') ?? [];
  if (stage === 'due') {
    const rows = s.db
      .prepare(
        `SELECT now.n n FROM task_now now WHERE partition = ? AND now.n > ? AND due_at IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM task WHERE task.n = now.n) ORDER BY now.n LIMIT ?`,
      )
      .all(partition, Number(position), limit);
    for (const { n } of rows) add('due', n);
    for (const [id, run] of s.leased) {
      if (run.state !== 'running' && run.state !== 'cancelling') add('lease', id);
    }
    const next = rows.length === limit ? `due|${rows.at(-1)?.n}` : partition === 0 ? 'runs|-1' : null;
    return { strays, unlisted: [], next };
  }
  // Run rows have no partition without their task: they are looked at with the first one.
  const nextTask = s.db.prepare('SELECT min(task_n) n FROM run WHERE task_n > ?');
  let at: number | null = Number(position);
  for (let looked = 0; looked < limit && at !== null; looked += 1) {
    at = nextTask.get(at)?.n as number | null;
    if (at !== null && isOrphaned(s, at)) add('runs', at);
  }
  return { strays, unlisted: [], next: at === null ? null : `runs|${at}` };
}

const isOrphaned = (s: State, taskN: number): boolean =>
  s.db.prepare('SELECT 1 n FROM task WHERE n = ?').get(taskN) === undefined &&
  s.db.prepare('SELECT 1 n FROM purge WHERE task_n = ?').get(taskN) === undefined;

export function repairIndexes(s: State, _now: number, partition: number, strays: StrayEntry[]): number {
  checkPartition(partition);
  s.flushRows();
  let removed = 0;
  for (const { index, id } of strays) if (removeOne(s, index, id)) removed += 1;
  return removed;
}

function removeOne(s: State, index: StrayEntry['index'], id: string): boolean {
  if (index === 'lease') {
    const { state } = s.leased.get(id) ?? { state: 'running' };
    return state !== 'running' && state !== 'cancelling' && s.leased.delete(id);
  }
  const n = Number(id);
  if (index === 'due') {
    if (s.db.prepare('SELECT 1 n FROM task WHERE n = ?').get(n) !== undefined) return false;
    return Number(s.db.prepare('DELETE FROM task_now WHERE n = ?').run(n).changes) > 0;
  }
  if (index !== 'runs' || !isOrphaned(s, n)) return false;
  s.db.prepare('INSERT INTO purge (task_n, before_at) VALUES (?, NULL)').run(n);
  s.purging = true;
  return true;
}
