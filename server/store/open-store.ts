/** The one place that knows the stores: Redis when a URL is given, the embedded store otherwise. */
import type { Part } from '../lib/lifecycle.ts';
import { createClient, parseRedisUrl } from './redis/client.ts';
import { createRedisStore } from './redis/redis-store.ts';
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
  return createRedisStore(keyPrefix === undefined ? { url: redisUrl } : { url: redisUrl, keyPrefix });
}

/**
 * A connection for what may be lost without harm (rate limits), so that it never stands in the way of the store's own.
 * Its client is ioredis'; an unreachable Redis is no error here.
 */
export function openSideConnection(redisUrl: string): Part & { readonly client: object } {
  const client = createClient(parseRedisUrl(redisUrl), 'zhundian-side');
  client.on('error', () => undefined);
  return {
    client,
    async start() {
      await client.connect().catch(() => undefined);
    },
    async stop() {
      client.disconnect();
    },
  };
}
