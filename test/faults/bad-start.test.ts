/** A start that cannot work ends with one clear line and an exit code, never with a stack. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { Redis } from 'ioredis';
import { createApiClient } from '../helpers/api-client.ts';
import { createFaultProxy } from '../helpers/fault-proxy.ts';
import { freePort, spawnRedis } from '../helpers/redis.ts';
import { runServer, type ServerOptions, startServer } from '../helpers/server-process.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { needsRedis } from './support/stores.ts';
import { noop, ticking } from './support/tasks.ts';

/** Exactly these lines on standard error, each beginning with our name, and nothing that looks like a stack. */
async function refuses(options: ServerOptions, code: number, ...lines: RegExp[]): Promise<void> {
  const end = await runServer(options);
  const told = JSON.stringify(end);
  const said = end.stderr.trimEnd().split('\n');
  assert.equal(end.code, code, told);
  assert.equal(said.length, lines.length, told);
  for (const [index, line] of lines.entries()) {
    assert.match(said[index] as string, /^zhundian: /, told);
    assert.match(said[index] as string, line, told);
  }
  assert.doesNotMatch(end.stdout + end.stderr, /^\s+at |node:internal|准点/m, told);
}

suite('a start that cannot work', { concurrency: 2 }, () => {
  test('settings: one line per problem, all at once, naming variable and rule but not the value', async () => {
    const env = { PORT: '70000', JWT_SECRET: 'hunter2', LEASE_MS: 'soon', ALLOW_HOSTS: 'localhost' };
    const lines = [
      /JWT_SECRET must be at least 32 bytes/,
      /ALLOW_HOSTS must be/,
      /PORT must be a whole number/,
      /LEASE_MS must/,
    ];
    await refuses({ env }, 78, ...lines);
    assert.doesNotMatch((await runServer({ env })).stderr, /hunter2|70000|soon/);
  });

  test('settings: production without a WeChat appid and a secret', async () => {
    await refuses(
      { env: { NODE_ENV: 'production' } },
      78,
      /WECHAT_APPID must be set/,
      /JWT_SECRET must be set/,
    );
  });

  test('the port is taken', async (t) => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    t.after(() => other.close());
    const { port } = other.address() as AddressInfo;
    await refuses({ env: { PORT: String(port) } }, 1, new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port}`));
  });

  test('embedded: the data folder is in use; its server goes on undisturbed', async (t) => {
    const dataDir = tempDir(t);
    const server = await startServer({ dataDir });
    t.after(() => server.kill9());
    const api = createApiClient(() => server.origin, 'anna');
    await refuses({ dataDir }, 1, /data folder .* is in use by another server/);
    const [task] = await api.createTasks([ticking('still there', noop(), { maxSlots: 1 })]);
    assert.equal((await api.tasks())[0]?.id, task?.id);
  });

  test('embedded: the database file is another file', async (t) => {
    const dataDir = tempDir(t);
    writeFileSync(join(dataDir, 'zhundian.db'), 'a shopping list\n'.repeat(300));
    await refuses({ dataDir }, 1, /zhundian\.db is not a store of Zhundian/);
  });

  test('embedded: the database file is damaged, after a crash', async (t) => {
    const dataDir = tempDir(t);
    const server = await startServer({ dataDir });
    const api = createApiClient(() => server.origin, 'anna');
    await api.createTasks(
      Array.from({ length: 200 }, (_, n) =>
        ticking(`task ${n}`, noop(), { maxSlots: 1, everyMs: 3_600_000 }),
      ),
    );
    // A clean end writes all into the file; the next one starts, and crashes.
    assert.equal((await server.stop()).code, 0);
    await (await startServer({ dataDir })).kill9();
    const path = join(dataDir, 'zhundian.db');
    const bytes = readFileSync(path).length;
    assert.ok(bytes > 65_536, `${bytes} bytes`);
    const file = openSync(path, 'r+');
    for (let at = 8_192; at < bytes; at += 8_192) writeSync(file, Buffer.alloc(4_096, 0xa5), 0, 4_096, at);
    await refuses({ dataDir }, 1, /zhundian\.db is damaged/);
  });

  test('embedded: the data folder cannot be made', async (t) => {
    const file = join(tempDir(t), 'file');
    writeFileSync(file, '');
    await refuses({ dataDir: join(file, 'data') }, 1, /data folder .* cannot be made/);
  });

  test('embedded: the database is a folder', async (t) => {
    const dataDir = tempDir(t);
    mkdirSync(join(dataDir, 'zhundian.db'));
    await refuses({ dataDir }, 1, /zhundian\.db/);
  });
});

suite('a start on a Redis that cannot work', { skip: needsRedis, concurrency: 2 }, () => {
  test('it evicts', async (t) => {
    const redis = await spawnRedis({ dir: tempDir(t), args: ['--maxmemory-policy', 'allkeys-lru'] });
    t.after(() => redis.stop());
    await refuses({ redisUrl: redis.url }, 1, /maxmemory-policy allkeys-lru.*noeviction/);
  });

  test('its keys belong to somebody else', async (t) => {
    const redis = await spawnRedis({ dir: tempDir(t) });
    t.after(() => redis.stop());
    const client = new Redis(redis.url);
    t.after(() => client.disconnect());
    await client.set('zd:meta', 'hello');
    await refuses({ redisUrl: redis.url }, 1, /zd:meta belongs to another program/);
    assert.equal(await client.get('zd:meta'), 'hello');
    assert.deepEqual(await client.keys('*'), ['zd:meta'], 'nothing was written beside it');
  });

  test('its data are of another format', async (t) => {
    const redis = await spawnRedis({ dir: tempDir(t) });
    t.after(() => redis.stop());
    const client = new Redis(redis.url);
    t.after(() => client.disconnect());
    await client.hset('zd:meta', { format: 99, partitions: 16 });
    await refuses({ redisUrl: redis.url }, 1, /format 99/);
  });

  test('it wants a password', async (t) => {
    const redis = await spawnRedis({ dir: tempDir(t), args: ['--requirepass', 'secret'] });
    t.after(() => redis.stop());
    await refuses({ redisUrl: redis.url }, 1, /Redis cannot be used: .*NOAUTH/);
  });

  test('it is a replica', async (t) => {
    const master = await spawnRedis({ dir: tempDir(t) });
    t.after(() => master.stop());
    const args = ['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0'];
    const replica = await spawnRedis({ dir: tempDir(t), args });
    t.after(() => replica.kill9());
    await refuses({ redisUrl: replica.url }, 1, /names a replica, which takes no writes/);
  });

  test('it is too old', async (t) => {
    const redis = await spawnRedis({ dir: tempDir(t) });
    t.after(() => redis.stop());
    const port = await olderRedis(t, redis.port);
    await refuses({ redisUrl: `redis://127.0.0.1:${port}` }, 1, /Redis 6\.\S+ is too old: 7 or newer/);
  });

  test('it is full', async (t) => {
    const redis = await spawnRedis({ dir: tempDir(t), args: ['--maxmemory', '1'] });
    t.after(() => redis.stop());
    await refuses({ redisUrl: redis.url }, 1, /Redis cannot be used: OOM/);
  });

  test('it is loading its data', async (t) => {
    const redis = await spawnRedis({ dir: tempDir(t) });
    const client = new Redis(redis.url);
    const pipeline = client.pipeline();
    for (let n = 0; n < 60_000; n += 1) pipeline.set(`key:${n}`, 'x');
    await pipeline.exec();
    client.disconnect();
    await redis.kill9();
    // Microseconds for each of them: a setting for tests of redis-server.
    const slow = await spawnRedis({
      dir: redis.dir,
      args: ['--key-load-delay', '200'],
      ready: 'Server initialized',
    });
    t.after(() => slow.kill9());
    await refuses({ redisUrl: slow.url }, 1, /Redis cannot be used: .*loading/i);
  });

  test('it forbids a command, or has another name for it', async (t) => {
    const args = ['--rename-command', 'XADD', 'OTHER'];
    const redis = await spawnRedis({ dir: tempDir(t), args });
    t.after(() => redis.stop());
    const admin = new Redis(redis.url);
    await admin.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-zrange');
    await admin.call('ACL', 'SETUSER', 'mute', 'on', '>secret', '~*', 'resetchannels', '+@all');
    admin.disconnect();
    const as = (user: string) => ({ redisUrl: `redis://${user}:secret@127.0.0.1:${redis.port}` });
    await refuses(as('app'), 1, /does not permit ZRANGE, which the store needs/);
    await refuses({ redisUrl: redis.url }, 1, /does not permit XADD, which the store needs/);
    await refuses(as('mute'), 1, /Redis cannot be used: NOPERM .*channel/);
  });

  test('the sentinels are not there, or know no such master', async (t) => {
    const port = await freePort();
    await refuses(
      { redisUrl: `redis+sentinel://127.0.0.1:${port}/main` },
      1,
      /Redis cannot be used: .*sentinel/i,
    );
    const redis = await spawnRedis({ dir: tempDir(t) });
    t.after(() => redis.stop());
    await refuses(
      { redisUrl: `redis+sentinel://127.0.0.1:${redis.port}/main` },
      1,
      /Redis cannot be used: .*/,
    );
  });

  test('it is no cluster, or one without all slots', async (t) => {
    const redis = await spawnRedis({ dir: tempDir(t) });
    t.after(() => redis.stop());
    await refuses(
      { redisUrl: `redis+cluster://127.0.0.1:${redis.port}` },
      1,
      /Redis cannot be used: .*cluster/i,
    );
    const args = ['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())];
    const alone = await spawnRedis({ dir: tempDir(t), args });
    t.after(() => alone.stop());
    await refuses({ redisUrl: `redis+cluster://127.0.0.1:${alone.port}` }, 1, /Redis cannot be used: .*/);
    await refuses({ redisUrl: alone.url }, 1, /redis\+cluster/);
  });

  test('it says nothing', async (t) => {
    const redis = await spawnRedis({ dir: tempDir(t) });
    t.after(() => redis.stop());
    const proxy = await createFaultProxy({ targetPort: redis.port });
    t.after(() => proxy.close());
    proxy.blackhole();
    await refuses({ redisUrl: `redis://127.0.0.1:${proxy.port}` }, 1, /Redis cannot be used: .*time/);
  });

  test('nobody is there', async () => {
    const port = await freePort();
    await refuses(
      { redisUrl: `redis://127.0.0.1:${port}` },
      1,
      new RegExp(`Redis cannot be used: .*${port}`),
    );
  });
});

/** A proxy in front of a Redis, which says that it is a 6. */
async function olderRedis(t: TestContext, targetPort: number): Promise<number> {
  const server = createTcpServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    client.pipe(upstream);
    upstream.on('data', (data: Buffer) => {
      client.write(
        Buffer.from(data.toString('latin1').replace('redis_version:7', 'redis_version:6'), 'latin1'),
      );
    });
    client.on('error', () => upstream.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}
