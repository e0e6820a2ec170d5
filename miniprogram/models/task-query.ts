import type { TaskListQuery } from '../api/endpoints';
import { RECENT_SLOTS } from './live-task';
import type { TaskList } from './task-list';

const PAGE_SIZE = 20;

/** What the server is asked for to fill a view. */
export function taskQuery({ segment, q }: TaskList): TaskListQuery {
  const query: TaskListQuery = { recent: RECENT_SLOTS, limit: PAGE_SIZE };
  if (q !== '') query.q = q;
  if (segment === 'running') query.live = true;
  if (segment === 'troubled') query.troubled = true;
  if (segment === 'paused') query.state = 'paused';
  return query;
}
