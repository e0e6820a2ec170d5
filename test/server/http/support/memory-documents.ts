/** The documents of a store, in memory, with the store's rules; can be taken away. */

import type { Documents } from '../../../../server/auth/documents.ts';
import type { Clock } from '../../../../server/lib/clock.ts';
import type { DocumentRecord } from '../../../../server/store/records.ts';
import { StoreUnavailableError } from '../../../../server/store/status.ts';
import type { JsonValue } from '../../../../shared/task.ts';

export interface MemoryDocuments extends Documents {
  /** While true, every operation is refused. */
  away: boolean;
  /** The next put is carried out and its answer lost. */
  losePutAnswer: boolean;
  /** Operations so far. */
  calls: number;
  /** Everything kept, as text, for searching. */
  dump(): string;
}

export function memoryDocuments(clock: Clock): MemoryDocuments {
  const kept = new Map<string, DocumentRecord>();
  const keyOf = (ownerId: string, kind: string, id: string) => `${ownerId}\0${kind}\0${id}`;
  const read = (key: string): DocumentRecord | null => {
    const record = kept.get(key);
    if (record === undefined) return null;
    return record.expiresAt !== null && record.expiresAt <= clock.now() ? null : structuredClone(record);
  };
  const reach = async () => {
    store.calls++;
    await Promise.resolve();
    if (store.away) throw new StoreUnavailableError('taken away by the test');
  };

  const store: MemoryDocuments = {
    away: false,
    losePutAnswer: false,
    calls: 0,
    dump: () => JSON.stringify([...kept]),
    async getDocument(ownerId, kind, id) {
      await reach();
      return read(keyOf(ownerId, kind, id));
    },
    async putDocument(ownerId, kind, id, value: JsonValue, { ifVersion, expiresAt = null }) {
      await reach();
      const key = keyOf(ownerId, kind, id);
      const version = read(key)?.version ?? 0;
      if (version !== ifVersion) return null;
      const record = { id, version: version + 1, value: structuredClone(value), expiresAt };
      kept.set(key, record);
      if (store.losePutAnswer) {
        store.losePutAnswer = false;
        throw new StoreUnavailableError('the answer was lost');
      }
      return structuredClone(record);
    },
    async deleteDocument(ownerId, kind, id, ifVersion) {
      await reach();
      const key = keyOf(ownerId, kind, id);
      const record = read(key);
      if (record === null || (ifVersion !== undefined && record.version !== ifVersion)) return false;
      return kept.delete(key);
    },
    async listDocuments(ownerId, kind, { after = '', limit }) {
      await reach();
      const prefix = keyOf(ownerId, kind, '');
      return [...kept.keys()]
        .filter((key) => key.startsWith(prefix))
        .flatMap((key) => read(key) ?? [])
        .filter(({ id }) => id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit);
    },
  };
  return store;
}
