/**
 * The connection that hears: wakes of all partitions, and what is new in those that are listened to. It makes every
 * subscription itself, so that after each new connection the listeners are told to look: what was published meanwhile is
 * lost. A cluster has shard-subscriber.ts instead.
 */
import type { Redis } from 'ioredis';
import type { StoreListener } from '../requests.ts';
import { createEar } from './ear.ts';
import { createFollower } from './follower.ts';
import type { Keys } from './keys.ts';

export interface Subscriber {
  /** Connects and hears wakes from now on; rejects with what kept it from doing so. */
  open(listener: StoreListener): Promise<void>;
  /** See Store.listen; also before `open` and while Redis is away. */
  listen(partitions: readonly number[]): void;
  /** Subscribes anew, which also asks a connection that hears nothing whether it is alive: a dead one is made again. */
  check(): void;
  /** Idempotent. */
  close(): Promise<void>;
}

export function createSubscriber({ client, keys }: { client: Redis; keys: Keys }): Subscriber {
  const ear = createEar(keys);
  const names = (channels: { name: string }[]) => channels.map(({ name }) => name);
  const follower = createFollower({
    wanted: ear.wanted,
    subscribe: (channels) => client.subscribe(...names(channels)),
    unsubscribe: (channels) => client.unsubscribe(...names(channels)),
    onJoined: ear.joined,
  });
  let isOpen = false;
  let lastError: Error | null = null;
  client.on('error', (error: Error) => {
    lastError = error;
  });

  // Away, or too slow: the next connection or the next check makes up for it.
  const followSoon = () => void (isOpen && follower.follow(false).catch(() => {}));

  return {
    async open(listener) {
      ear.open(listener);
      client.on('message', ear.hear);
      await client.connect().catch((error: unknown) => {
        throw lastError ?? error;
      });
      await follower.follow(false);
      isOpen = true;
      client.on('close', follower.lost);
      client.on('ready', followSoon);
    },
    listen(partitions) {
      ear.listen(partitions);
      followSoon();
    },
    check() {
      if (client.status !== 'ready') return;
      follower.follow(true).catch(() => client.status === 'ready' && client.disconnect(true));
    },
    async close() {
      if (client.status === 'ready') await client.quit().catch(() => {});
      client.disconnect();
    },
  };
}
