/** Which of a user's tasks a list is about, and how many there are of each kind. Pure. */
import type { TaskCounts } from '../../shared/api.ts';
import type { Health, TaskState } from '../../shared/task.ts';
import type { TaskRecord } from '../store/records.ts';
import { healthOf } from './task-view.ts';

/** What a task must meet, all of it; nothing asked: every task does. */
export interface TaskConditions {
  state?: TaskState;
  health?: Health;
  /** Only tasks with an unended slot run. */
  live?: true;
  /** Only tasks whose health is failing or late. */
  troubled?: true;
  /** Part of the name, case-insensitive. */
  q?: string;
}

export function fitsFilter(task: TaskRecord, { state, health, live, troubled, q }: TaskConditions): boolean {
  return (
    (state === undefined || task.state === state) &&
    (health === undefined || healthOf(task) === health) &&
    (live === undefined || isLive(task)) &&
    (troubled === undefined || isTroubled(task)) &&
    (q === undefined || task.definition.name.toLowerCase().includes(q.toLowerCase()))
  );
}

export const countTasks = (tasks: readonly TaskRecord[]): TaskCounts => ({
  all: tasks.length,
  running: tasks.filter(isLive).length,
  troubled: tasks.filter(isTroubled).length,
  paused: tasks.filter(({ state }) => state === 'paused').length,
});

/** Held runs need no look: they wait behind a live one. */
const isLive = ({ live, waiting }: TaskRecord) => live + waiting > 0;

const isTroubled = (task: TaskRecord) => ['failing', 'late'].includes(healthOf(task));
