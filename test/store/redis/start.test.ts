import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { createRedisStore } from '../../../server/store/redis/redis-store.ts';
import { StartError } from '../../../server/store/status.ts';
import { redisServerPath, type SpawnedRedis, spawnRedis } from '../../helpers/redis.ts';
import { newPrefix, wakeListener } from './open-redis-store.ts';

/** Starts and stops a store; answers what it said of itself. */
async function tryStart(url: string, keyPrefix = newPrefix()) {
  const store = createRedisStore({ url, keyPrefix });
  const info = await store.start(wakeListener([]));
  await store.stop();
  return info;
}

const refuses = (url: string, words: RegExp, keyPrefix?: string) =>
  assert.rejects(tryStart(url, keyPrefix), (error) => {
    assert.ok(error instanceof StartError, `${error}`);
    assert.match(error.message, words);
    assert.ok(!error.message.includes('\n'), 'one line');
    return true;
  });

describe('Redis store: start', { skip: redisServerPath() === null ? 'needs redis' : false }, () => {
  let server: SpawnedRedis;
  let admin: Redis;
  before(async () => {
    server = await spawnRedis();
    admin = new Redis(server.url);
  });
  after(async () => {
    await admin.quit();
    await server.stop();
  });

  it('says in one line what an acknowledged write survives', async () => {
    assert.match((await tryStart(server.url)).durability, /up to about 2 s/);
    await admin.config('SET', 'appendfsync', 'always');
    assert.match((await tryStart(server.url)).durability, /survives the loss of process and machine/);
    await admin.config('SET', 'appendfsync', 'no');
    assert.match((await tryStart(server.url)).durability, /up to 30 s/);
    await admin.config('SET', 'appendfsync', 'everysec');
    await admin.config('SET', 'appendonly', 'no');
    const info = await tryStart(server.url);
    assert.match(info.durability, /snapshots only/);
    assert.equal(info.warnings.length, 1);
    assert.match(info.warnings[0] as string, /appendonly no/);
    await admin.config('SET', 'appendonly', 'yes');
  });

  it('refuses an eviction policy that drops runs', async () => {
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await refuses(server.url, /allkeys-lru.*noeviction/);
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
    await tryStart(server.url);
  });

  it('refuses a database that Redis does not have, instead of taking another one', async () => {
    await refuses(`${server.url}/99`, /refuses database 99/);
    await tryStart(`${server.url}/3`);
  });

  it('refuses keys of another program, another format, another number of partitions', async () => {
    await admin.set('foreign:meta', 'x');
    await refuses(server.url, /foreign:meta belongs to another program/, 'foreign');
    await admin.hset('older:meta', { format: 99, partitions: 16 });
    await refuses(server.url, /format 99/, 'older');
    await admin.hset('first:meta', { format: 1, partitions: 16 });
    await refuses(server.url, /has format 1; this version reads format 2/, 'first');
    await admin.hset('split:meta', { format: 2, partitions: 64 });
    await refuses(server.url, /64 partitions/, 'split');
  });

  it('warns where CONFIG is not permitted, as on managed Redis, and judges by INFO', async () => {
    await admin.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-config');
    const info = await tryStart(`redis://app:secret@127.0.0.1:${server.port}`);
    assert.match(info.warnings.join('|'), /does not permit CONFIG/);
    assert.match(info.durability, /append-only file, fsync unknown/);
  });

  it('refuses a wrong password and a missing one', async () => {
    await refuses(`redis://app:wrong@127.0.0.1:${server.port}`, /WRONGPASS|invalid username-password/);
    await admin.config('SET', 'requirepass', 'needed');
    await refuses(server.url, /NOAUTH|password|Authentication/i);
    await tryStart(`redis://:needed@127.0.0.1:${server.port}`);
    await admin.config('SET', 'requirepass', '');
  });

  it('refuses where nobody listens, within 2 s', async () => {
    const startedAt = performance.now();
    await refuses('redis://127.0.0.1:1', /ECONNREFUSED|connect/);
    assert.ok(performance.now() - startedAt < 2_000);
  });

  it('many start at once, and leave nothing of their checks', async () => {
    await Promise.all(Array.from({ length: 8 }, () => tryStart(server.url, 'together')));
    assert.deepEqual(await admin.keys('{together:*probe*'), []);
  });

  it('stops twice, stops without having started, and starts on a store that is there', async () => {
    const keyPrefix = newPrefix();
    await createRedisStore({ url: server.url, keyPrefix }).stop();
    const store = createRedisStore({ url: server.url, keyPrefix });
    await store.start(wakeListener([]));
    await Promise.all([store.stop(), store.stop()]);
    await store.stop();
    await tryStart(server.url, keyPrefix);
  });
});
