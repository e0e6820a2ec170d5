/** What disagrees about the tasks of a partition. Changes nothing. */
import type { BrokenRecord, Fault } from '../../inspection.ts';
import { INSPECTED_A_CALL } from '../../limits.ts';
import { inspectTask, QueueSights } from '../inspect-task.ts';
import type { State } from '../state.ts';
import { type WireTask, wireTask } from '../task-row.ts';
import { checkPartition } from './claim.ts';

/** As it crosses to the main thread. */
export interface WireInspection {
  tasks: { task: WireTask; faults: Fault[] }[];
  broken: BrokenRecord[];
  next: string | null;
}

export function inspectTasks(
  s: State,
  _now: number,
  partition: number,
  of: { after: string | null; limit: number } | { taskIds: string[] },
): WireInspection {
  checkPartition(partition);
  s.flushRows();
  const ids = 'taskIds' in of ? of.taskIds : idsAfter(s, partition, of.after, of.limit);
  const queues = new QueueSights(s);
  const found: WireInspection = { tasks: [], broken: [], next: null };
  let looked = 0;
  for (const [index, id] of ids.entries()) {
    try {
      const task = s.task(id);
      if (task !== null) {
        const sight = inspectTask(s, task, queues);
        found.tasks.push({ task: wireTask(task), faults: sight.faults });
        looked += sight.looked + 20;
      } else if (s.db.prepare('SELECT 1 n FROM task WHERE id = ?').get(id) !== undefined) {
        found.broken.push({ id, what: 'a part of the record is missing' });
      }
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
      found.broken.push({ id, what: 'the record cannot be read' });
    }
    if (!('taskIds' in of) && looked > INSPECTED_A_CALL && index < ids.length - 1) {
      found.next = id;
      return found;
    }
  }
  if (!('taskIds' in of) && ids.length >= of.limit) found.next = ids.at(-1) ?? null;
  return found;
}

/** Ids of a partition share their first two digits. */
function idsAfter(s: State, partition: number, after: string | null, limit: number): string[] {
  const prefix = partition.toString(16).padStart(2, '0');
  return s.db
    .prepare('SELECT id FROM task WHERE id > ? AND id < ? ORDER BY id LIMIT ?')
    .all(after ?? prefix, `${prefix}~`, limit)
    .map(({ id }) => id as string);
}
