import type { TestContext } from 'node:test';
import { type ApiClient, createApiClient } from '../../helpers/api-client.ts';
import { type SpawnedRedis, spawnRedis } from '../../helpers/redis.ts';
import { type ServerOptions, type ServerProcess, startServer } from '../../helpers/server-process.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

/** Two servers on one Redis of their own. */
export interface Pair {
  redis: SpawnedRedis;
  servers: [ServerProcess, ServerProcess];
  /** What a server is started with; for starting one again. */
  options: ServerOptions;
  /** A user who asks this server. */
  ask(server: ServerProcess, user: string): ApiClient;
  /** The server that made an attempt, and the other one. */
  whoHas(worker: string): { holder: ServerProcess; other: ServerProcess };
}

/** `more` is added to the options of the first and the second server. Everything ends with the test. */
export async function startPair(
  t: TestContext,
  env: Record<string, string>,
  more: [Partial<ServerOptions>, Partial<ServerOptions>] = [{}, {}],
): Promise<Pair> {
  const redis = await spawnRedis({ dir: tempDir(t) });
  t.after(() => redis.stop());
  const options: ServerOptions = { redisUrl: redis.url, env };
  const servers = (await Promise.all(
    more.map((one) => startServer({ ...options, ...one })),
  )) as Pair['servers'];
  t.after(() => Promise.all(servers.map((server) => server.kill9())));
  return {
    redis,
    servers,
    options,
    ask: (server, user) => createApiClient(() => server.origin, user),
    whoHas(worker) {
      const index = servers.findIndex(({ pid }) => worker.split('.').includes(String(pid)));
      if (index === -1) throw new Error(`no server of this test is ${worker}`);
      return { holder: servers[index] as ServerProcess, other: servers[1 - index] as ServerProcess };
    },
  };
}
