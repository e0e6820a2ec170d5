/** A real master with two replicas, and three sentinels that watch over it, on loopback. */
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import {
  endProcess,
  freePort,
  launchProcess,
  redisServerPath,
  type SpawnedRedis,
  spawnRedis,
} from './redis.ts';
import { tempDir } from './temp-dir.ts';

export interface RedisSentinel {
  /** `redis+sentinel://` with every sentinel. */
  readonly url: string;
  readonly servers: readonly SpawnedRedis[];
  /** Whom the sentinels call master now. */
  master(): Promise<SpawnedRedis>;
  /** Waits until they call another one master, and that one is. */
  masterOtherThan(old: SpawnedRedis): Promise<SpawnedRedis>;
  /** Every server but the master follows it and is in step. */
  inStep(): Promise<void>;
  stop(): Promise<void>;
}

const NAME = 'main';
const SENTINELS = 3;
const GIVE_UP_MS = 30_000;
/** Short, so that a failover takes seconds. */
const DOWN_AFTER_MS = 1_000;

export async function spawnSentinels(): Promise<RedisSentinel> {
  const first = await spawnRedis();
  const servers = [first];
  const sentinels: { child: ChildProcess; port: number }[] = [];
  const stop = async () => {
    // The sentinels first: they would start a failover.
    await Promise.all(sentinels.map(({ child }) => endProcess(child, 'SIGKILL')));
    await Promise.all(servers.map((server) => server.kill9()));
  };
  try {
    for (let n = 0; n < 2; n += 1) {
      const args = ['--replicaof', '127.0.0.1', String(first.port), '--repl-diskless-sync-delay', '0'];
      servers.push(await spawnRedis({ args }));
    }
    for (let n = 0; n < SENTINELS; n += 1) sentinels.push(await spawnOne(first.port));
    const group = operate(
      servers,
      sentinels.map(({ port }) => port),
      stop,
    );
    await group.inStep();
    await until('the sentinels know each other and the replicas', async () => {
      for (const { port } of sentinels) {
        const info = await ask(port, (redis) => redis.info('sentinel'));
        if (!/slaves=2,sentinels=3/.test(info)) return false;
      }
      return true;
    });
    return group;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function spawnOne(masterPort: number): Promise<{ child: ChildProcess; port: number }> {
  const port = await freePort();
  const dir = tempDir();
  const file = join(dir, 'sentinel.conf');
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir ${dir}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${masterPort} 2`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${NAME} 2000`,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const program = redisServerPath() as string;
  const args = [file, '--sentinel'];
  return { port, child: await launchProcess({ program, port, dir, args, ready: '+monitor master' }) };
}

function operate(servers: SpawnedRedis[], ports: number[], stop: () => Promise<void>): RedisSentinel {
  const master = async () => {
    const [, port] = (await ask(ports[0] as number, (redis) =>
      redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME),
    )) as [string, string];
    const found = servers.find((server) => server.port === Number(port));
    if (found === undefined) throw new Error(`no server on port ${port}`);
    return found;
  };
  return {
    url: `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/${NAME}`,
    servers,
    master,
    stop,
    async masterOtherThan(old) {
      await until('another master', async () => {
        const now = await master();
        return now !== old && /role:master/.test(await ask(now.port, (redis) => redis.info('replication')));
      });
      return master();
    },
    async inStep() {
      const now = await master();
      await until('the replicas are in step', async () => {
        const text = await ask(now.port, (redis) => redis.info('replication'));
        const offset = Number(/master_repl_offset:(\d+)/.exec(text)?.[1]);
        const replicas = [...text.matchAll(/slave\d+:.*state=online,offset=(\d+)/g)];
        return replicas.length === 2 && replicas.every(([, at]) => Number(at) >= offset - 1_000);
      });
    },
  };
}

async function ask<T>(port: number, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: 0, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_MS;
  while (!(await condition().catch(() => false))) {
    if (performance.now() > giveUpAt) throw new Error(`not within ${GIVE_UP_MS} ms: ${what}`);
    await wait(50);
  }
}
