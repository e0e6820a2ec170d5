/**
 * A Redis that answers, but refuses: full, read-only, without its replicas, busy, with other rights or another password
 * than before. 503 with Retry-After while it does; then everything goes on without a restart, and no slot is missing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import { createApiClient } from '../helpers/api-client.ts';
import { spawnRedis } from '../helpers/redis.ts';
import { startServer } from '../helpers/server-process.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { needsRedis } from './support/stores.ts';
import { startTarget } from './support/target.ts';
import { calling, noop, ticking } from './support/tasks.ts';
import { until } from './support/until.ts';

const SLOTS = 34;

interface Refusal {
  name: string;
  begin(admin: Redis): Promise<unknown>;
  end(admin: Redis): Promise<unknown>;
}

const REFUSALS: Refusal[] = [
  {
    name: 'full (OOM)',
    begin: (admin) => admin.config('SET', 'maxmemory', '1'),
    end: (admin) => admin.config('SET', 'maxmemory', '0'),
  },
  {
    name: 'became a replica (READONLY)',
    begin: (admin) => admin.replicaof('127.0.0.1', 1),
    end: (admin) => admin.replicaof('NO', 'ONE'),
  },
  {
    name: 'lost its replicas (NOREPLICAS)',
    begin: (admin) => admin.config('SET', 'min-replicas-to-write', '1'),
    end: (admin) => admin.config('SET', 'min-replicas-to-write', '0'),
  },
  {
    name: 'another script runs (BUSY)',
    async begin(admin) {
      await admin.config('SET', 'busy-reply-threshold', '50');
      const endless = admin.duplicate();
      endless.on('error', () => {});
      endless
        .eval('while true do end', 0)
        .catch(() => {})
        .finally(() => endless.disconnect());
      await until('it is busy', () =>
        admin.get('x').then(
          () => false,
          (error: Error) => error.message.startsWith('BUSY'),
        ),
      );
    },
    end: (admin) => admin.script('KILL'),
  },
  {
    name: 'rights taken away (NOPERM)',
    begin: (admin) => admin.call('ACL', 'SETUSER', 'app', '-eval', '-evalsha'),
    end: (admin) => admin.call('ACL', 'SETUSER', 'app', '+@all'),
  },
  {
    name: 'password changed (WRONGPASS)',
    async begin(admin) {
      await admin.call('ACL', 'SETUSER', 'app', 'resetpass', '>other');
      await admin.call('CLIENT', 'KILL', 'USER', 'app');
    },
    end: (admin) => admin.call('ACL', 'SETUSER', 'app', 'resetpass', '>secret'),
  },
];

test('Redis refuses, and takes it back', { skip: needsRedis }, async (t) => {
  const target = await startTarget(t);
  const redis = await spawnRedis({ dir: tempDir(t) });
  t.after(() => redis.stop());
  const admin = new Redis(redis.url);
  t.after(() => admin.disconnect());
  await admin.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all');
  const server = await startServer({
    redisUrl: `redis://app:secret@127.0.0.1:${redis.port}`,
    env: { ALLOW_HOSTS: target.host },
  });
  t.after(() => server.kill9());
  const api = createApiClient(() => server.origin, 'anna');
  const [tick] = await api.createTasks([ticking('tick', calling(target.okUrl), { maxSlots: SLOTS })]);
  assert.ok(tick);
  const create = (name: string) =>
    api.call('POST', '/api/tasks', { body: ticking(name, noop(), { maxSlots: 1, everyMs: 86_400_000 }) });

  for (const { name, begin, end } of REFUSALS) {
    await until(`${name}: it ticks before`, () => target.hits.length >= 1);
    await begin(admin);
    const refused = await until(`${name}: refused`, async () => {
      const reply = await create(name);
      return reply.status !== 201 && reply;
    });
    assert.equal(refused.status, 503, `${name}: ${JSON.stringify(refused.body)}`);
    assert.equal(refused.body.error.code, 'STORE_UNAVAILABLE', name);
    assert.ok(Number(refused.headers['retry-after']) >= 1, `${name}: Retry-After`);
    assert.ok(refused.ms < 1_400, `${name}: answered after ${Math.round(refused.ms)} ms`);
    await end(admin);
    await until(`${name}: taken back`, async () => (await create(name)).status === 201, {
      timeoutMs: 10_000,
    });
    const before = target.hits.length;
    await until(`${name}: it ticks again`, () => target.hits.length > before + 1, { timeoutMs: 10_000 });
  }

  await allEnded(api, [tick.id], 60_000);
  const [kept] = await assertKept(api, [tick.id], { target });
  assert.equal(kept?.audit.planned, SLOTS);
  assert.deepEqual(kept?.audit.skipped, {});
  assert.deepEqual(server.logged('the store lost acknowledged writes'), []);
});
