/** Finds the runs that have not ended and are not held, at the start and after a rollback. */
import type { SqlDb } from './driver.ts';
import { type RunEntry, runOfRow } from './run-row.ts';
import { TASK_COLUMNS, type TaskEntry, taskOfRow } from './task-row.ts';

/**
 * From the tasks that say they have some: an index of unended runs would cost every run two entries. One object per
 * task, for all of its runs.
 */
export function* readOpenRuns(db: SqlDb): Generator<{ task: TaskEntry; run: RunEntry }> {
  // Asked-for runs first, then slots from the newest: what has not ended is found soon.
  const runs = db.prepare('SELECT * FROM run WHERE task_n = ? ORDER BY key DESC');
  for (const taskRow of db.prepare(`SELECT ${TASK_COLUMNS} WHERE open > 0`).all()) {
    const task = taskOfRow(taskRow);
    let left = task.live + task.lateLive + task.freeLive;
    for (const row of runs.iterate(task.n)) {
      if (row.ended_at !== null || row.state === 'held') continue;
      yield { task, run: runOfRow(row, task) };
      left -= 1;
      if (left === 0) break;
    }
  }
}
