/** What is not the caller's does not exist for the caller. */
import { AppError } from '../lib/errors.ts';
import { taskIdOfRun } from '../store/ids.ts';
import type { RunRecord, TaskRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';

export const taskNotFound = () => new AppError('TASK_NOT_FOUND', { zh: '没有这个任务', en: 'no such task' });

export const runNotFound = () => new AppError('RUN_NOT_FOUND', { zh: '没有这次执行', en: 'no such run' });

export async function ownTask(store: Store, userId: string, taskId: string): Promise<TaskRecord> {
  const task = await store.getTask(taskId);
  if (task === null || task.ownerId !== userId) throw taskNotFound();
  return task;
}

export async function ownRun(
  store: Store,
  userId: string,
  runId: string,
): Promise<{ run: RunRecord; task: TaskRecord }> {
  const [run, task] = await Promise.all([store.getRun(runId), store.getTask(taskIdOfRun(runId))]);
  if (run === null || task === null || task.ownerId !== userId) {
    throw runNotFound();
  }
  return { run, task };
}
