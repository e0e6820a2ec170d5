/** A store under a key prefix of its own on the Redis that `npm test` has started. */
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { createRedisStore } from '../../../server/store/redis/redis-store.ts';
import type { StoreListener, Wake } from '../../../server/store/requests.ts';
import type { OpenStore } from '../contract/harness.ts';

export const newPrefix = (): string => `test-${randomBytes(6).toString('hex')}`;

/** Keeps wakes; hears and ignores the rest. */
export function wakeListener(wakes: Wake[]): StoreListener {
  return { onWake: (wake) => wakes.push(wake), onRollback: () => {}, onHealth: () => {} };
}

export async function openRedisStore(url: string): Promise<OpenStore & { keyPrefix: string }> {
  const keyPrefix = newPrefix();
  const wakes: Wake[] = [];
  let store = createRedisStore({ url, keyPrefix });
  await store.start(wakeListener(wakes));
  return {
    keyPrefix,
    store,
    wakes,
    async reopen() {
      await store.stop();
      store = createRedisStore({ url, keyPrefix });
      await store.start(wakeListener(wakes));
      return store;
    },
    async close() {
      await store.stop();
      await removeKeys(url, keyPrefix);
    },
  };
}

/** Removes everything under a prefix. */
export async function removeKeys(url: string, keyPrefix: string): Promise<void> {
  const redis = new Redis(url);
  try {
    for (const pattern of [`{${keyPrefix}:*`, `${keyPrefix}:*`]) {
      let cursor = '0';
      do {
        const [next, names] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 5_000);
        if (names.length > 0) await redis.unlink(names);
        cursor = next;
      } while (cursor !== '0');
    }
  } finally {
    await redis.quit();
  }
}
