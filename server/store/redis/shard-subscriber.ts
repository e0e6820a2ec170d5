/**
 * Hears a cluster: by sharded pub/sub, where a message stays with the master of its channel's slot instead of going to
 * every node. One connection to each master that holds a wanted channel. ioredis' own (`shardedSubscribers`) subscribes
 * again after a move without telling of it, and knows no timeout; here the listeners are told to look.
 */
import type { Cluster, Redis } from 'ioredis';
import { PARTITIONS } from '../ids.ts';
import { createNodeClient, retryDelayMs, type Target } from './client.ts';
import { type Channel, createEar } from './ear.ts';
import { createFollower, type Follower } from './follower.ts';
import type { Keys } from './keys.ts';
import { type NodeAddress, readSlots } from './slots.ts';
import type { Subscriber } from './subscriber.ts';

/** A connection to one master, and what it follows there. */
interface Post {
  client: Redis;
  follower: Follower;
  wanted: Channel[];
}

export function createShardSubscriber(deps: {
  target: Target;
  keys: Keys;
  /** The connection for commands; it says where slots are. */
  commands: Cluster;
}): Subscriber {
  const { target, keys, commands } = deps;
  const ear = createEar(keys);
  const posts = new Map<string, Post>();
  let slots: number[] = [];
  let nodes: (NodeAddress | null)[] = [];
  let isOpen = false;
  let closed = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let again: { lookUp: boolean; anew: boolean } | null = null;

  /** Where each partition is now. */
  async function lookUp(): Promise<void> {
    if (slots.length === 0) {
      const all = Array.from({ length: PARTITIONS }, (_, p) =>
        commands.cluster('KEYSLOT', keys.partition(p)),
      );
      slots = (await Promise.all(all)).map(Number);
    }
    const owner = readSlots(await commands.cluster('SLOTS'));
    nodes = slots.map(owner);
  }

  function post({ host, port }: NodeAddress): Post {
    const name = `${host}:${port}`;
    const found = posts.get(name);
    if (found !== undefined) return found;
    const client = createNodeClient(target, { host, port }, 'zhundian-wakes');
    const made: Post = {
      client,
      wanted: [],
      follower: createFollower({
        wanted: () => made.wanted,
        subscribe: (channels) => bySlot(channels, (names) => client.ssubscribe(...names)),
        unsubscribe: (channels) => bySlot(channels, (names) => client.sunsubscribe(...names)),
        onJoined: ear.joined,
      }),
    };
    const gone = () => {
      if (posts.get(name) !== made) return;
      posts.delete(name);
      retry();
    };
    // 'end' follows, and says enough.
    client.on('error', () => {});
    client.on('end', gone);
    client.on('smessage', ear.hear);
    // A slot has left this master, and took its subscriptions along.
    client.on('moved', () => {
      made.follower.lost();
      retry();
    });
    posts.set(name, made);
    return made;
  }

  async function followOnce(what: { lookUp: boolean; anew: boolean }): Promise<void> {
    if (what.lookUp || nodes.length === 0) await lookUp();
    const wanted = ear.wanted();
    if (wanted.some(({ partition }) => !nodes[partition]))
      throw new Error('a slot of the cluster has no master');
    for (const one of posts.values()) one.wanted = [];
    for (const channel of wanted) post(nodes[channel.partition] as NodeAddress).wanted.push(channel);
    await Promise.all(
      [...posts].map(async ([name, { client, follower, wanted }]) => {
        if (wanted.length === 0) {
          posts.delete(name);
          client.disconnect();
          return;
        }
        try {
          if (client.status === 'wait') await client.connect();
          await follower.follow(what.anew);
        } catch (error) {
          posts.delete(name);
          client.disconnect();
          throw error;
        }
      }),
    );
  }

  /** One at a time; what is asked for meanwhile follows at once. Rejects with what the last round failed of. */
  function follow(what: { lookUp: boolean; anew: boolean }): Promise<void> {
    if (closed) return Promise.resolve();
    again = { lookUp: what.lookUp || again?.lookUp === true, anew: what.anew || again?.anew === true };
    running ??= (async () => {
      try {
        while (again !== null && !closed) {
          const next = again;
          again = null;
          await followOnce(next);
        }
        failures = 0;
      } finally {
        running = null;
      }
    })();
    return running;
  }

  /** With the map of slots read again; until it works. */
  function retry(): void {
    if (closed || !isOpen || timer !== undefined) return;
    timer = setTimeout(
      () => {
        timer = undefined;
        follow({ lookUp: true, anew: false }).catch(retry);
      },
      failures++ === 0 ? 0 : retryDelayMs(failures),
    );
  }

  return {
    async open(listener) {
      ear.open(listener);
      await follow({ lookUp: true, anew: false });
      isOpen = true;
    },
    listen(partitions) {
      ear.listen(partitions);
      if (isOpen) follow({ lookUp: false, anew: false }).catch(retry);
    },
    check() {
      if (isOpen) follow({ lookUp: true, anew: true }).catch(retry);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      for (const { client } of posts.values()) client.disconnect();
      posts.clear();
    },
  };
}

/** One command may name channels of one slot only. */
async function bySlot(channels: Channel[], send: (names: string[]) => Promise<unknown>): Promise<void> {
  const groups = new Map<number, string[]>();
  for (const { name, partition } of channels) groups.set(partition, [...(groups.get(partition) ?? []), name]);
  await Promise.all([...groups.values()].map(send));
}
