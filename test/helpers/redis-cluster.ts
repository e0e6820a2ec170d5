/** A real Redis Cluster on loopback: masters with a replica each, that can be killed, failed over and resharded. */
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort, type SpawnedRedis, spawnRedis } from './redis.ts';

export interface ClusterNode {
  readonly server: SpawnedRedis;
  /** The node's name within the cluster. */
  readonly id: string;
  /** For commands to this very node. */
  readonly admin: Redis;
}

export interface RedisCluster {
  /** `redis+cluster://` with every node. */
  readonly url: string;
  readonly nodes: readonly ClusterNode[];
  /** The master that serves the key's slot, as the living nodes see it. */
  masterOf(key: string): Promise<ClusterNode>;
  /** Its replica, once that is in step. */
  replicaOf(master: ClusterNode): Promise<ClusterNode>;
  /** All slots are served, by living nodes, and every living replica follows its master. */
  whole(): Promise<void>;
  /** The replica becomes master in agreement with the old one, without loss. */
  failOver(replica: ClusterNode): Promise<void>;
  /**
   * Moves the slot of a key to another master, key by key as redis-cli does; answers how many keys moved. `between` is
   * awaited after every batch of keys.
   */
  moveSlot(key: string, to: ClusterNode, between?: () => Promise<unknown>): Promise<number>;
  stop(): Promise<void>;
}

const MASTERS = 3;
const SLOTS = 16_384;
const GIVE_UP_MS = 30_000;
/** Short, so that a failover takes seconds; long enough for a busy machine. */
const NODE_TIMEOUT_MS = 2_000;
/** Few, so that a slot is on its way for a while. */
const KEYS_A_BATCH = 5;

/** `args`: further options of every redis-server. */
export async function spawnCluster({
  replicas = true,
  args = [],
}: {
  replicas?: boolean;
  args?: string[];
} = {}): Promise<RedisCluster> {
  const nodes: ClusterNode[] = [];
  const stop = async () => {
    for (const { admin } of nodes) admin.disconnect();
    await Promise.all(nodes.map(({ server }) => server.kill9()));
  };
  try {
    for (let n = 0; n < (replicas ? 2 : 1) * MASTERS; n += 1) nodes.push(await spawnNode(args));
    await join(nodes);
    const cluster = operate(nodes, stop);
    await cluster.whole();
    return cluster;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function spawnNode(args: string[]): Promise<ClusterNode> {
  const busPort = await freePort();
  const server = await spawnRedis({
    args: [
      ...['--cluster-enabled', 'yes', '--cluster-port', String(busPort)],
      ...['--cluster-node-timeout', String(NODE_TIMEOUT_MS), '--cluster-allow-replica-migration', 'no'],
      // A replica that was cut off for long may still take over: what it lacks is for the tests to see.
      ...['--cluster-replica-validity-factor', '0', '--repl-diskless-sync-delay', '0'],
      ...args,
    ],
  });
  const admin = new Redis(server.url, { maxRetriesPerRequest: 1, retryStrategy: () => 200 });
  admin.on('error', () => {});
  return { server, admin, id: String(await admin.cluster('MYID')) };
}

async function join(nodes: ClusterNode[]): Promise<void> {
  const [first, ...others] = nodes as [ClusterNode, ...ClusterNode[]];
  for (const [index, { admin }] of nodes.slice(0, MASTERS).entries()) {
    const from = Math.floor((SLOTS * index) / MASTERS);
    await admin.cluster('ADDSLOTSRANGE', from, Math.floor((SLOTS * (index + 1)) / MASTERS) - 1);
  }
  for (const [index, { admin }] of nodes.entries())
    await admin.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  for (const { server } of others) {
    const [, busPort] = String(
      await nodes.find((node) => node.server === server)?.admin.config('GET', 'cluster-port'),
    ).split(',');
    await first.admin.call('CLUSTER', 'MEET', '127.0.0.1', server.port, Number(busPort));
  }
  await all(nodes, 'every node knows every other', async ({ admin }) => {
    const known = await readNodes(admin);
    return nodes.every(({ id }) => known.some((node) => node.id === id && !node.flags.includes('handshake')));
  });
  for (const [index, { admin }] of nodes.slice(MASTERS).entries()) {
    await admin.cluster('REPLICATE', (nodes[index] as ClusterNode).id);
  }
}

function operate(nodes: ClusterNode[], stop: () => Promise<void>): RedisCluster {
  const living = async () => {
    const seen = await Promise.all(nodes.map(({ admin }) => readNodes(admin).catch(() => null)));
    return nodes.filter((_, index) => seen[index] !== null);
  };
  /** As the first living node sees it. */
  const seen = async () => readNodes(((await living())[0] as ClusterNode).admin);
  const nodeOf = (id: string | undefined) => {
    const found = nodes.find((node) => node.id === id);
    if (found === undefined) throw new Error(`no node ${id}`);
    return found;
  };

  async function masterOfSlot(slot: number): Promise<ClusterNode> {
    const owner = (await seen()).find(
      ({ slots, flags }) => !flags.includes('fail') && slots.some(([from, to]) => slot >= from && slot <= to),
    );
    return nodeOf(owner?.id);
  }
  const slotOf = async (key: string) =>
    Number(await ((await living())[0] as ClusterNode).admin.cluster('KEYSLOT', key));

  return {
    url: `redis+cluster://${nodes.map(({ server }) => `127.0.0.1:${server.port}`).join(',')}`,
    nodes,
    stop,
    masterOf: async (key) => masterOfSlot(await slotOf(key)),
    async replicaOf(master) {
      let found: ClusterNode | undefined;
      await until('the replica is in step', async () => {
        const id = (await seen()).find(({ master: of }) => of === master.id)?.id;
        if (id === undefined) return false;
        found = nodeOf(id);
        return isInStep(found, master);
      });
      return found as ClusterNode;
    },
    async whole() {
      await until('the cluster is whole', async () => {
        const alive = await living();
        // Before the others notice a death they still call the cluster ok.
        const owners = (await seen()).filter(({ slots }) => slots.length > 0);
        if (!owners.every(({ id }) => alive.some((node) => node.id === id))) return false;
        for (const { admin } of alive) {
          if (!/cluster_state:ok/.test(String(await admin.cluster('INFO')))) return false;
          const replication = await admin.info('replication');
          if (/role:slave/.test(replication) && !/master_link_status:up/.test(replication)) return false;
        }
        return true;
      });
    },
    async failOver(replica) {
      await replica.admin.cluster('FAILOVER');
      await until('the replica is master', async () =>
        /role:master/.test(await replica.admin.info('replication')),
      );
    },
    async moveSlot(key, to, between = () => Promise.resolve()) {
      const slot = await slotOf(key);
      const from = await masterOfSlot(slot);
      await to.admin.cluster('SETSLOT', slot, 'IMPORTING', from.id);
      await from.admin.cluster('SETSLOT', slot, 'MIGRATING', to.id);
      let moved = 0;
      for (;;) {
        const names = (await from.admin.cluster('GETKEYSINSLOT', slot, KEYS_A_BATCH)) as string[];
        if (names.length === 0) break;
        await from.admin.call('MIGRATE', '127.0.0.1', to.server.port, '', 0, 5_000, 'KEYS', ...names);
        moved += names.length;
        await between();
      }
      // The new owner first, or the old one would for a moment know of none.
      for (const { admin } of [to, from]) await admin.cluster('SETSLOT', slot, 'NODE', to.id);
      return moved;
    },
  };
}

async function isInStep(replica: ClusterNode, master: ClusterNode): Promise<boolean> {
  const [mine, its] = await Promise.all([replica, master].map(({ admin }) => admin.info('replication')));
  if (!/master_link_status:up/.test(mine as string)) return false;
  const offset = (text: string | undefined, name: string) =>
    new RegExp(`${name}:(\\d+)`).exec(text ?? '')?.[1];
  return Number(offset(mine, 'slave_repl_offset')) >= Number(offset(its, 'master_repl_offset')) - 1_000;
}

interface SeenNode {
  id: string;
  flags: string[];
  /** Of a replica. */
  master: string | null;
  slots: [number, number][];
}

/** CLUSTER NODES: id, address, flags, master, ping, pong, epoch, link, slots or ranges of them. */
async function readNodes(admin: Redis): Promise<SeenNode[]> {
  const text = String(await admin.cluster('NODES'));
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', , flags = '', master = '-', , , , , ...ranges] = line.split(' ');
      const slots = ranges
        .filter((range) => !range.startsWith('['))
        .map((range) => {
          const [from, to = from] = range.split('-').map(Number);
          return [from, to] as [number, number];
        });
      return { id, flags: flags.split(','), master: master === '-' ? null : master, slots };
    });
}

async function all(
  nodes: ClusterNode[],
  what: string,
  holds: (node: ClusterNode) => Promise<boolean>,
): Promise<void> {
  await until(what, async () => (await Promise.all(nodes.map(holds))).every(Boolean));
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  while (!(await condition().catch(() => false))) {
    if (performance.now() > giveUpAt) throw new Error(`not within ${GIVE_UP_MS} ms: ${what}`);
    await wait(50);
  }
}
