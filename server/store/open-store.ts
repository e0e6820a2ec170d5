/** The one place that knows the stores: Redis when a URL is given, the embedded store otherwise. */
import { createSqliteStore } from './sqlite/sqlite-store.ts';
import type { Store } from './store.ts';

export interface StoreChoice {
  /** `redis[s]://`, `redis+sentinel://`, `redis+cluster://`; null: embedded. */
  redisUrl: string | null;
  /** Of all keys; default `zd`. */
  keyPrefix?: string | undefined;
  /** Folder of the embedded store. */
  dataDir: string;
}

export function openStore({ redisUrl, keyPrefix, dataDir }: StoreChoice): Store {
  if (redisUrl === null) return createSqliteStore({ dir: dataDir });
  throw new Error(`no ${keyPrefix ?? 'Redis'} yet`);
}
