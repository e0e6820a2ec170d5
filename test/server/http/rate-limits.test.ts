import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import { createRateLimiter, DEFAULT_LIMITS, networkOf } from '../../../server/http/rate-limiter.ts';
import { redisServerPath, spawnRedis } from '../../helpers/redis.ts';
import { sampleCreate } from './support/samples.ts';
import { startHttp } from './support/start-http.ts';

const few = (limits: Partial<typeof DEFAULT_LIMITS>) =>
  createRateLimiter({ limits: { anonymous: 1e6, login: 1e6, user: 1e6, creating: 1e6, ...limits } });

test('the limits are those that the contract names', () => {
  assert.deepEqual(DEFAULT_LIMITS, { anonymous: 120, login: 20, user: 600, creating: 60 });
});

test('sign-ins are limited by address, with Retry-After', async (t) => {
  const { call } = await startHttp(t, { rateLimiter: few({ login: 2 }) });
  const login = () => call('POST', '/api/auth/login', { body: { code: 'x' } });
  assert.deepEqual([(await login()).status, (await login()).status], [200, 200]);
  const refused = await login();
  assert.deepEqual([refused.status, refused.json.error.code], [429, 'RATE_LIMITED']);
  const after = Number(refused.headers['retry-after']);
  assert.ok(after >= 1 && after <= 60, String(after));
});

test('users are limited each for themselves, creating calls apart, a batch counting as one', async (t) => {
  const { call, login } = await startHttp(t, { rateLimiter: few({ user: 4, creating: 2 }) });
  const { accessToken: anna } = await login('anna');
  const { accessToken: boris } = await login('boris');
  const items = [sampleCreate, sampleCreate, sampleCreate];
  assert.equal((await call('POST', '/api/tasks/batch', { token: anna, body: { items } })).status, 200);
  assert.equal((await call('POST', '/api/tasks', { token: anna, body: sampleCreate })).status, 201);
  assert.equal((await call('POST', '/api/tasks', { token: anna, body: sampleCreate })).status, 429);
  assert.equal((await call('GET', '/api/tasks', { token: anna })).status, 200);
  assert.equal((await call('GET', '/api/tasks', { token: anna })).status, 429);
  assert.equal((await call('GET', '/api/tasks', { token: boris })).status, 200);
});

test('strangers are limited by address, bad tokens and unknown addresses included; probes and users are not', async (t) => {
  const { call, login } = await startHttp(t, { rateLimiter: few({ anonymous: 4 }) });
  const { accessToken: token } = await login();
  assert.equal((await call('GET', '/api/me')).status, 401);
  assert.equal((await call('GET', '/api/me', { token: 'forged' })).status, 401);
  assert.equal((await call('GET', '/nowhere')).status, 404);
  for (const path of ['/api/me', '/nowhere', '/openapi.json'])
    assert.equal((await call('GET', path)).status, 429, path);
  assert.equal((await call('GET', '/healthz')).status, 200);
  assert.equal((await call('GET', '/api/me', { token })).status, 200);
});

test('X-Forwarded-For counts only with TRUST_PROXY, and only as many hops', async (t) => {
  const attempt = async (trustProxy: number, forwarded: string[]) => {
    const { call } = await startHttp(t, {
      config: { production: false, trustProxy },
      rateLimiter: few({ anonymous: 1 }),
    });
    const statuses: number[] = [];
    for (const value of forwarded) {
      statuses.push((await call('GET', '/nowhere', { headers: { 'x-forwarded-for': value } })).status);
    }
    return statuses;
  };
  assert.deepEqual(await attempt(0, ['1.1.1.1', '2.2.2.2']), [404, 429]);
  assert.deepEqual(await attempt(1, ['1.1.1.1', '2.2.2.2']), [404, 404]);
  assert.deepEqual(await attempt(1, ['9.9.9.9, 1.1.1.1', '8.8.8.8, 1.1.1.1']), [404, 429]);
});

test('an IPv6 customer is counted as one, and IPv4 within IPv6 as IPv4', () => {
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), networkOf('2001:db8:1:2::ffff'));
  assert.notEqual(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'));
  assert.equal(networkOf('::ffff:192.0.2.7'), '192.0.2.7');
  assert.equal(networkOf('fe80::1%eth0'), networkOf('fe80::2'));
  assert.equal(networkOf('192.0.2.7'), '192.0.2.7');
  assert.equal(networkOf(''), '');
});

test('while Redis does not answer, the server counts for itself', async () => {
  const redis = { status: 'end', defineCommand: () => {} };
  const limiter = createRateLimiter({ limits: { login: 1 }, redis });
  assert.deepEqual(await limiter.take('login', '192.0.2.7'), { ok: true });
  assert.equal((await limiter.take('login', '192.0.2.7')).ok, false);
});

const needsRedis = redisServerPath() === null ? { skip: 'needs redis' } : {};
test('servers of one Redis count together, and go on alone when it dies', needsRedis, async (t) => {
  const server = await spawnRedis();
  t.after(() => server.stop());
  const client = () => {
    const redis = new Redis(server.url, {
      commandTimeout: 500,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      lazyConnect: true,
    });
    redis.on('error', () => {});
    t.after(() => redis.disconnect());
    return redis;
  };
  const [one, two] = [client(), client()];
  await Promise.all([one.connect(), two.connect()]);
  const limits = { user: 3 };
  const [here, there] = [
    createRateLimiter({ limits, redis: one }),
    createRateLimiter({ limits, redis: two }),
  ];
  const taken = [];
  for (let n = 0; n < 4; n++) taken.push((await (n % 2 ? here : there).take('user', 'u1')).ok);
  assert.deepEqual(taken, [true, true, true, false]);
  const refused = await there.take('user', 'u1');
  assert.ok(!refused.ok && refused.retryAfter >= 1 && refused.retryAfter <= 60);

  await server.kill9();
  assert.equal((await here.take('user', 'u2')).ok, true);
});
