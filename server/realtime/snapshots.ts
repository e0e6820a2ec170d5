/** May this user see a topic, and how does it stand? Rejects with the AppError that the same question gets over HTTP. */
import type { Snapshot } from '../../shared/realtime.ts';
import { createTurns } from '../lib/turns.ts';
import type { Store } from '../store/store.ts';
import { ownRun, ownTask } from '../tasks/own-task.ts';
import type { RunService, TaskService } from '../tasks/services.ts';
import type { TopicName } from './topics.ts';

/** Bars of a card. */
const RECENT = 30;
/** Tasks in the snapshot of a list; more are read over HTTP with its cursor. */
const LISTED = 100;

/** Read at the same time. A storm of phones that come back must not stand before the firing steps in the store. */
const AT_ONCE = 8;

export interface Snapshots {
  check(userId: string, topic: TopicName): Promise<void>;
  /** `atTurn` is called before anything is read, which may be long after the question; what it throws is the answer. */
  read(userId: string, topic: TopicName, atTurn: () => void): Promise<Snapshot>;
}

export function createSnapshots(deps: {
  store: Store;
  services: { tasks: TaskService; runs: RunService };
}): Snapshots {
  const { store, services } = deps;
  const turns = createTurns(AT_ONCE);

  async function read(userId: string, { kind, id }: TopicName): Promise<Snapshot> {
    if (kind === 'task') return services.tasks.get(userId, id, { recent: RECENT });
    if (kind === 'tasks') {
      const { items, nextCursor } = await services.tasks.list(userId, { limit: LISTED, recent: RECENT });
      return { items, nextCursor };
    }
    const [run, log] = await Promise.all([services.runs.get(userId, id), services.runs.logs(userId, id)]);
    return { ...run, log: log.items };
  }

  return {
    async check(userId, { kind, id }) {
      if (kind === 'task') await ownTask(store, userId, id);
      if (kind === 'run') await ownRun(store, userId, id);
    },
    read: (userId, topic, atTurn) =>
      turns(async () => {
        atTurn();
        return read(userId, topic);
      }),
  };
}
