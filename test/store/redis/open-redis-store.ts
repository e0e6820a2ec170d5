/** A store under a key prefix of its own on the Redis that `npm test` has started. */
import { randomBytes } from 'node:crypto';
import { Cluster, type Redis } from 'ioredis';
import { createClient, parseRedisUrl } from '../../../server/store/redis/client.ts';
import { createRedisStore } from '../../../server/store/redis/redis-store.ts';
import type { RunLogNews, StoreListener, Wake } from '../../../server/store/requests.ts';
import type { Store } from '../../../server/store/store.ts';
import { poll } from '../contract/bench.ts';
import type { Heard, OpenStore } from '../contract/harness.ts';

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
  let other: ListeningStore | null = null;
  return {
    keyPrefix,
    store,
    wakes,
    async listenTo(partitions) {
      other ??= await openListeningStore(url, keyPrefix);
      await other.listenTo(partitions);
      return other.heard;
    },
    async reopen() {
      await store.stop();
      store = createRedisStore({ url, keyPrefix });
      await store.start(wakeListener(wakes));
      return store;
    },
    async close() {
      await other?.store.stop();
      await store.stop();
      await removeKeys(url, keyPrefix);
    },
  };
}

export interface ListeningStore {
  store: Store;
  heard: Heard;
  /** Waits for the hints that new subscriptions give by themselves, and takes them out. */
  listenTo(partitions: number[]): Promise<void>;
}

/** Another server on the same data, which does nothing but listen. */
export async function openListeningStore(url: string, keyPrefix: string): Promise<ListeningStore> {
  const heard = { events: [] as number[], runLogs: [] as RunLogNews[] };
  const store = createRedisStore({ url, keyPrefix });
  await store.start({
    ...wakeListener([]),
    onEvents: (partition) => heard.events.push(partition),
    onRunLog: (news) => heard.runLogs.push(news),
  });
  let present: number[] = [];
  return {
    store,
    heard,
    async listenTo(partitions) {
      const added = partitions.filter((partition) => !present.includes(partition));
      present = partitions;
      const seen = heard.events.length;
      store.listen(partitions);
      for (const partition of added) {
        await poll('the subscription is made', async () => {
          const at = heard.events.indexOf(partition, seen);
          return at === -1 ? undefined : heard.events.splice(at, 1);
        });
      }
    },
  };
}

/** Removes everything under a prefix, on every master. */
export async function removeKeys(url: string, keyPrefix: string): Promise<void> {
  const client = createClient(parseRedisUrl(url), 'zhundian-test');
  await client.connect();
  try {
    for (const node of client instanceof Cluster ? client.nodes('master') : [client]) {
      for (const pattern of [`{${keyPrefix}:*`, `${keyPrefix}:*`]) await removeMatching(node, pattern);
    }
  } finally {
    await client.quit();
  }
}

async function removeMatching(node: Redis, pattern: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, names] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', 5_000);
    // One by one: those of several slots may not be named in one command of a cluster.
    await Promise.all(names.map((name) => node.unlink(name)));
    cursor = next;
  } while (cursor !== '0');
}
