/** Keeps the subscriptions of one connection in step with what is wanted on it. */
import { COMMAND_TIMEOUT_MS } from './client.ts';
import type { Channel } from './ear.ts';

export interface Follower {
  /** Subscribes and unsubscribes until both agree; `anew` makes all subscriptions again. Rejects when Redis refuses or
   * does not answer; nothing when it is at it already. */
  follow(anew: boolean): Promise<void>;
  /** The connection has gone, and every subscription with it. */
  lost(): void;
}

export function createFollower(deps: {
  wanted: () => Channel[];
  subscribe: (channels: Channel[]) => Promise<unknown>;
  unsubscribe: (channels: Channel[]) => Promise<unknown>;
  onJoined: (name: string) => void;
}): Follower {
  /** Channels subscribed to on this connection. */
  let present = new Map<string, Channel>();
  let following = false;

  return {
    async follow(anew) {
      if (following) return;
      following = true;
      try {
        for (let all = anew; ; all = false) {
          const wanted = deps.wanted();
          const names = new Set(wanted.map(({ name }) => name));
          const add = wanted.filter(({ name }) => all || !present.has(name));
          const drop = [...present.values()].filter(({ name }) => !names.has(name));
          if (add.length > 0) await answered(deps.subscribe(add));
          for (const channel of add) present.set(channel.name, channel);
          for (const channel of add) deps.onJoined(channel.name);
          if (drop.length > 0) await answered(deps.unsubscribe(drop));
          for (const { name } of drop) present.delete(name);
          if (add.length + drop.length === 0) return;
        }
      } finally {
        following = false;
      }
    },
    lost() {
      present = new Map();
    },
  };
}

/** Without an answer within a command's time the connection counts as dead. */
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
