/** Tasks, runs and lists to begin with. */
import { emptyTaskList, type TaskList, takePage } from '../../../miniprogram/models/task-list.ts';
import type { RecentSlot } from '../../../shared/run.ts';
import type { Task } from '../../../shared/task.ts';
import { bare, MiniTask } from './task-list-server.ts';

export const AT = 1_000_000;

export function task(id: string, some: Partial<Task> = {}): Task {
  return { ...new MiniTask(id, AT).read(), health: 'healthy', ...some };
}

export function listOf(tasks: Task[], nextCursor: string | null = null): TaskList {
  const counts = { all: 12, running: 1, troubled: 1, paused: 2 };
  return takePage(emptyTaskList(), { items: tasks, nextCursor, counts }, 'first');
}

export const ran = (plannedAt: number, some: Partial<RecentSlot> = {}): RecentSlot => ({
  ...bare(plannedAt),
  verdict: 'fired',
  runId: `a:${plannedAt}`,
  state: 'succeeded',
  lateByMs: 3,
  ...some,
});
