/**
 * The connection that hears: wakes of all partitions, and what is new in those that are listened to. It makes every
 * subscription itself, so that after each new connection the listeners are told to look: what was published meanwhile is
 * lost.
 */
import { PARTITIONS } from '../ids.ts';
import type { StoreListener } from '../requests.ts';
import { COMMAND_TIMEOUT_MS, type RedisClient } from './client.ts';
import type { Keys } from './keys.ts';
import { parseLiveNews } from './live-news.ts';
import { parseWake } from './wakes.ts';

export interface Subscriber {
  /** Connects and hears wakes from now on; rejects with what kept it from doing so. */
  open(listener: StoreListener): Promise<void>;
  /** See Store.listen; also before `open` and while Redis is away. */
  listen(partitions: readonly number[]): void;
  /** Subscribes anew, which also asks a connection that hears nothing whether it is alive: a dead one is made again. */
  check(): void;
}

export function createSubscriber({ client, keys }: { client: RedisClient; keys: Keys }): Subscriber {
  const partitions = new Map(Array.from({ length: PARTITIONS }, (_, k) => [keys.live(k), k]));
  let wanted = new Set([keys.wakes]);
  /** Channels subscribed to on this connection. */
  let present = new Set<string>();
  let listener: StoreListener | null = null;
  let following = false;

  /** Brings the subscriptions in step with what is wanted; `anew` makes them all again. */
  async function follow(anew: boolean): Promise<void> {
    if (following || listener === null) return;
    following = true;
    try {
      for (let all = anew; ; all = false) {
        const add = [...wanted].filter((channel) => all || !present.has(channel));
        const drop = [...present].filter((channel) => !wanted.has(channel));
        if (add.length > 0) await answered(client.subscribe(...add));
        for (const channel of add) joined(channel);
        if (drop.length > 0) await answered(client.unsubscribe(...drop));
        for (const channel of drop) present.delete(channel);
        if (add.length + drop.length === 0) return;
      }
    } finally {
      following = false;
    }
  }

  function joined(channel: string): void {
    present.add(channel);
    const partition = partitions.get(channel);
    if (partition !== undefined && wanted.has(channel)) listener?.onEvents?.(partition);
  }

  function hear(channel: string, text: string): void {
    if (channel === keys.wakes) {
      const wake = parseWake(text);
      if (wake !== null) listener?.onWake(wake);
      return;
    }
    const partition = partitions.get(channel);
    if (partition === undefined || !wanted.has(channel)) return;
    const news = parseLiveNews(partition, text);
    if (news?.kind === 'events') listener?.onEvents?.(partition);
    else if (news?.kind === 'run_log') listener?.onRunLog?.(news.news);
  }

  // Away, or too slow: the next connection or the next check makes up for it.
  const followSoon = () => void follow(false).catch(() => {});

  return {
    async open(newListener) {
      await client.connect();
      listener = newListener;
      client.on('message', hear);
      await follow(false);
      client.on('close', () => {
        present = new Set();
      });
      client.on('ready', followSoon);
    },
    listen(listened) {
      wanted = new Set([keys.wakes, ...listened.map((partition) => keys.live(partition))]);
      followSoon();
    },
    check() {
      if (client.status !== 'ready') return;
      follow(true).catch(() => client.status === 'ready' && client.disconnect(true));
    },
  };
}

/** A cluster's own connection for subscriptions knows no timeout of commands. */
async function answered(command: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer to a subscription')), COMMAND_TIMEOUT_MS);
  });
  try {
    await Promise.race([command, late]);
  } finally {
    clearTimeout(timer);
  }
}
