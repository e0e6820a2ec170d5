import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import { freePort, redisServerPath, spawnRedis } from './redis.ts';

const skip = redisServerPath() === null && 'needs redis';

test('a redis of its own answers, keeps what it has acknowledged through kill -9, and ends', {
  skip,
}, async (t) => {
  const port = await freePort();
  const redis = await spawnRedis({ port });
  t.after(() => redis.stop());
  assert.equal(redis.url, `redis://127.0.0.1:${port}`);

  const before = new Redis(redis.url);
  before.on('error', () => {}); // the kill below
  await before.set('kept', 'yes');
  const firstPid = redis.pid;
  await redis.kill9();
  before.disconnect();
  assert.throws(() => process.kill(firstPid, 0), { code: 'ESRCH' });

  await redis.restart();
  assert.notEqual(redis.pid, firstPid);
  const after = new Redis(redis.url);
  t.after(() => after.disconnect());
  assert.equal(await after.get('kept'), 'yes');
  assert.deepEqual(await after.config('GET', 'maxmemory-policy'), ['maxmemory-policy', 'noeviction']);
  assert.deepEqual(await after.config('GET', 'appendfsync'), ['appendfsync', 'everysec']);
  after.disconnect();

  await redis.stop();
  await redis.stop();
  await assert.rejects(connectOnce(redis.port), { code: 'ECONNREFUSED' });
});

test('what is wrong with its options is in the error', { skip }, async () => {
  await assert.rejects(spawnRedis({ args: ['--appendfsync', 'sometimes'] }), /sometimes/);
});

function connectOnce(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
