/** Crash matrix, beyond it: somebody took entries out of the store while no server ran. The server that starts finds them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import { createKeys } from '../../server/store/redis/keys.ts';
import type { Task } from '../../shared/task.ts';
import { createApiClient } from '../helpers/api-client.ts';
import { spawnRedis } from '../helpers/redis.ts';
import { startServer } from '../helpers/server-process.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { needsRedis } from './support/stores.ts';
import { noop, ticking } from './support/tasks.ts';
import { until } from './support/until.ts';

test('tasks that no index names fire again, by a server of its own accord', {
  skip: needsRedis,
}, async (t) => {
  const redis = await spawnRedis({ dir: tempDir(t) });
  t.after(() => redis.stop());
  const options = { redisUrl: redis.url };
  let server = await startServer(options);
  t.after(() => server.kill9());
  const api = createApiClient(() => server.origin, 'anna');
  const tasks = (await api.createTasks(
    ['a', 'b', 'c'].map((name) => ticking(name, noop(), { maxSlots: 25 })),
  )) as [Task, Task, Task];
  const ids = tasks.map(({ id }) => id);
  await until('they tick', async () => (await api.slots(ids[2] as string)).length >= 1);
  await server.stop();

  const client = new Redis(redis.url);
  const keys = createKeys('zd');
  for (const id of ids) await client.zrem(keys.of(Number.parseInt(id.slice(0, 2), 16), 'DUE'), id);
  await client.quit();

  server = await startServer(options);
  await until('it is found', () => server.logged('watchman: found and put right').length >= ids.length, {
    timeoutMs: 40_000,
  });
  const said = server.logged('watchman: found').filter(({ kind }) => kind === 'due_entry');
  assert.deepEqual(said.map(({ id }) => id).sort(), ids.toSorted());
  await allEnded(api, ids, 60_000);
  await assertKept(api, ids);
});
