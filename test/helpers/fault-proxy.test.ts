import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, afterEach, before, beforeEach, suite, test } from 'node:test';
import { Redis } from 'ioredis';
import { createFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { redisServerPath, type SpawnedRedis, spawnRedis } from './redis.ts';

suite('fault proxy', { skip: redisServerPath() === null && 'needs redis' }, () => {
  let redis: SpawnedRedis;
  let proxy: FaultProxy;
  let direct: Redis;
  let through: Redis;

  before(async () => {
    redis = await spawnRedis();
    direct = new Redis(redis.url);
  });
  after(async () => {
    direct.disconnect();
    await redis.stop();
  });
  beforeEach(async () => {
    await direct.flushall();
    proxy = await createFaultProxy({ targetPort: redis.port });
    through = client(proxy.port);
    await through.connect();
  });
  afterEach(async () => {
    through.disconnect();
    await proxy.close();
  });

  test('passes everything through, pipelines and large values included', async () => {
    const large = 'x'.repeat(1_000_000);
    const results = await through.pipeline().set('a', large).get('a').incr('n').exec();
    assert.deepEqual(results, [
      [null, 'OK'],
      [null, large],
      [null, 1],
    ]);
  });

  test('blackhole: no answer, no error; heal delivers late what was sent', async () => {
    proxy.blackhole();
    await assert.rejects(through.incr('n'), /timed out/);
    assert.equal(await direct.get('n'), null);

    const mute = connect(proxy.port, '127.0.0.1');
    await once(mute, 'connect');
    mute.write('INCR n\r\n');

    await proxy.heal();
    const [reply] = await once(mute, 'data');
    mute.destroy();
    assert.match(String(reply), /^:[12]\r\n$/);
    assert.equal(await through.get('n'), '2');
  });

  test('refuse: cuts and refuses; heal listens on the same port', async () => {
    const closed = new Promise((resolve) => through.once('close', resolve));
    await proxy.refuse();
    await closed;
    const other = connect(proxy.port, '127.0.0.1');
    const [error] = await once(other, 'error');
    assert.equal(error.code, 'ECONNREFUSED');

    await proxy.heal();
    through.disconnect();
    through = client(proxy.port);
    await through.connect();
    assert.equal(await through.ping(), 'PONG');
  });

  test('cutAll: resets connections, new ones are welcome', async () => {
    const socket = connect(proxy.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('PING\r\n');
    await once(socket, 'data');
    const gone = once(socket, 'error');
    proxy.cutAll();
    const [error] = await gone;
    assert.equal(error.code, 'ECONNRESET');

    const next = client(proxy.port);
    await next.connect();
    assert.equal(await next.ping(), 'PONG');
    next.disconnect();
  });

  test('dropNextReply: the command is done, its answer is lost, those before it arrive', async () => {
    const { dropped } = proxy.dropNextReply((request) => request.includes('incr'));
    const first = through.set('before', '1');
    const lost = through.incr('n');
    assert.equal(await first, 'OK');
    await assert.rejects(lost);
    await dropped;
    assert.equal(await direct.get('n'), '1');

    const next = client(proxy.port);
    await next.connect();
    assert.equal(await next.incr('n'), 2);
    next.disconnect();
  });

  test('delay: adds to the round trip, not to each command, and keeps the order', async () => {
    proxy.delay(60);
    const startedAt = performance.now();
    assert.deepEqual(await Promise.all([through.incr('n'), through.incr('n')]), [1, 2]);
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs >= 59, `took ${tookMs} ms`);
    proxy.delay(0);
    assert.equal(await through.incr('n'), 3);
  });
});

/** As the product talks to Redis: it gives up in time, and sends nothing twice. */
function client(port: number): Redis {
  const redis = new Redis(port, '127.0.0.1', {
    lazyConnect: true,
    commandTimeout: 1_000,
    connectTimeout: 1_000,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: () => null,
  });
  redis.on('error', () => {}); // the faults are the point
  return redis;
}
