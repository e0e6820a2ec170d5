/** The last task list, kept on the phone. What is read back is not trusted: an older version of the app may have written it. */
import type { TaskCounts } from '../../shared/api';
import type { Wx } from '../lib/wx-port';
import type { LiveTask } from './live-task';
import { emptyTaskList, type TaskList } from './task-list';

const KEY = 'zd.taskList';
/** Grows when LiveTask changes: what another version wrote is dropped. */
const VERSION = 1;
/** The first screens; about 4 KB a task, of the 10 MB that an app may keep. */
const MOST_KEPT = 60;

export interface TaskCache {
  read(): { list: TaskList; at: number } | null;
  write(list: TaskList, at: number): void;
  clear(): void;
}

interface Kept {
  version: number;
  userId: string;
  at: number;
  counts: TaskCounts;
  tasks: LiveTask[];
}

/** `userId` is asked for at each use: nobody is shown the list of whoever was logged in before. */
export function createTaskCache(
  storage: Pick<Wx, 'storageGet' | 'storageSet' | 'storageRemove'>,
  userId: () => string | null,
): TaskCache {
  return {
    read() {
      const kept = storage.storageGet(KEY) as Partial<Kept> | null | undefined;
      if (kept?.version !== VERSION || kept.userId !== userId() || !Array.isArray(kept.tasks)) return null;
      if (kept.counts === undefined || typeof kept.at !== 'number' || kept.tasks.length === 0) return null;
      const tasks = new Map(kept.tasks.map((task) => [task.id, task]));
      const list = { ...emptyTaskList(), tasks, ids: [...tasks.keys()], counts: kept.counts };
      return { list, at: kept.at };
    },
    write(list, at) {
      const owner = userId();
      if (owner === null || list.counts === null || list.segment !== 'all' || list.q !== '') return;
      const tasks = list.ids.slice(0, MOST_KEPT).flatMap((id) => list.tasks.get(id) ?? []);
      const kept: Kept = { version: VERSION, userId: owner, at, counts: list.counts, tasks };
      storage.storageSet(KEY, kept);
    },
    clear: () => storage.storageRemove(KEY),
  };
}
