/** What concerns everything that one user owns. */
import type { Page, RunSummary, Task } from '../../shared/api.ts';
import type { Auth } from '../auth/login.ts';
import { AppError } from '../lib/errors.ts';
import type { TaskService } from '../tasks/services.ts';
import type { RouteDeps } from './route.ts';

const PAGE = 100;
const RUNS_EXPORTED = 500;
const TASKS_EXPORTED = 100_000;
const REMOVED_TOGETHER = 10;

/**
 * Tasks first, so that whoever is cut off half-way can ask again with the same token; then the sessions; then tasks
 * that another of the user's phones made meanwhile; then the profile. Repeating it is harmless.
 */
export async function removeAccount(userId: string, auth: Auth, tasks: TaskService): Promise<void> {
  await removeTasks(userId, tasks);
  await auth.endSessions(userId);
  await removeTasks(userId, tasks);
  await auth.removeUser(userId);
}

async function removeTasks(userId: string, tasks: TaskService): Promise<void> {
  for (;;) {
    const { items } = await tasks.list(userId, { limit: PAGE, scope: 'own' });
    if (items.length === 0) return;
    for (let i = 0; i < items.length; i += REMOVED_TOGETHER) {
      const some = items.slice(i, i + REMOVED_TOGETHER);
      await Promise.all(some.map(({ id }) => tasks.remove(userId, id).catch(unlessGone)));
    }
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'TASK_NOT_FOUND')) throw error;
}

/** Profile, all tasks, and the newest 500 runs. Headers and bodies of requests are masked as everywhere. */
export async function exportAccount(userId: string, deps: RouteDeps) {
  const { auth, clock, services } = deps;
  const user = await auth.getUser(userId);
  const tasks = await collect<Task>(TASKS_EXPORTED, (page) =>
    services.tasks.list(userId, { ...page, scope: 'own' }),
  );
  const runs = await collect<RunSummary>(RUNS_EXPORTED, (page) => services.runs.list(userId, page));
  return { exportedAt: clock.now(), user, tasks, runs };
}

async function collect<T>(
  most: number,
  read: (page: { limit: number; cursor?: string }) => Promise<Page<T>>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null && all.length < most) {
    const { items, nextCursor }: Page<T> = await read({
      limit: PAGE,
      ...(cursor !== undefined && { cursor }),
    });
    all.push(...items);
    cursor = nextCursor;
  }
  return all.slice(0, most);
}
