/** The narrow ports that handlers get, over the store. */

import type { JsonValue } from '../../shared/task.ts';
import type { HistoryPort, SyncPort, SyncRecord } from '../handlers/ports.ts';
import type { Clock } from '../lib/clock.ts';
import type { Store } from '../store/store.ts';

const DAY_MS = 86_400_000;
/** What one pruning call of the store removes at most. */
const PRUNED_A_CALL = 500;

/** One document per task holds record and items, so that a save is one compare-and-swap. */
export function createSyncPort(store: Store): SyncPort {
  const read = async (userId: string, taskId: string) => {
    const document = await store.getDocument(userId, 'sync', taskId);
    const kept = document?.value as { record: SyncRecord } | undefined;
    return { version: document?.version ?? 0, record: kept?.record ?? null };
  };
  return {
    load: async (userId, taskId) => (await read(userId, taskId)).record,
    async save(userId, taskId, expectedRevision, next, items) {
      const { version, record } = await read(userId, taskId);
      const sameRun = record !== null && record.runId === next.runId;
      if (sameRun && record.fence > next.fence) return false;
      // The answer to this very save was lost.
      if (sameRun && record.fence === next.fence && record.revision === next.revision) return true;
      if ((record?.revision ?? 0) !== expectedRevision) return false;
      const value = { record: next, items } as unknown as JsonValue;
      if ((await store.getTask(taskId)) === null) return false;
      if ((await store.putDocument(userId, 'sync', taskId, value, { ifVersion: version })) === null)
        return false;
      if ((await store.getTask(taskId)) !== null) return true;
      // Deleted while this was written: whoever deleted it may have looked for the document before it was there.
      await removeSync(store, userId, taskId);
      return false;
    },
  };
}

/** What a deleted task leaves behind. */
export async function removeSync(store: Store, userId: string, taskId: string): Promise<void> {
  await store.deleteDocument(userId, 'sync', taskId);
}

export function createHistoryPort(store: Store, clock: Clock): HistoryPort {
  return {
    async prune(userId, days, signal) {
      const runsBeforeAt = clock.now() - days * DAY_MS;
      let runs = 0;
      for (const task of await store.listTasks(userId)) {
        for (;;) {
          if (signal.aborted) return { runs };
          const pruned = await store.pruneTask(task.id, {
            foldAt: 0,
            keepDay: '',
            segmentsBeforeAt: 0,
            runsBeforeAt,
          });
          runs += pruned.runs;
          if (pruned.runs < PRUNED_A_CALL) break;
        }
      }
      return { runs };
    },
  };
}
