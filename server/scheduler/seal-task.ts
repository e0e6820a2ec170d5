/** Brings a task's open segment to the zone and calendar data of this process. */
import type { TaskRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { seal } from '../tasks/task-changes.ts';

/** A task that fires every second moves on under the change; what does not fit in is left to the next round. */
const TRIES = 5;

/** Whether the segment was sealed. Rejects when the store is away. */
export async function sealTask(store: Store, task: TaskRecord): Promise<boolean> {
  let current: TaskRecord | null = task;
  for (let tries = 0; tries < TRIES && current !== null; tries += 1) {
    const change = seal(current);
    if (change === null) return false;
    const answer = await store.changeTask(change);
    if (answer.code === 'changed') return true;
    if (answer.code === 'gone') return false;
    current = await store.getTask(task.id);
  }
  return false;
}
