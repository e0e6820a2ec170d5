/**
 * Crash matrix: store unreachable, anywhere. 503 with Retry-After within a second, no crash, no busy loop, no run failed
 * or made twice for it; and everything recovers by itself.
 */
import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { type ApiReply, createApiClient } from '../helpers/api-client.ts';
import { createFaultProxy, type FaultProxy } from '../helpers/fault-proxy.ts';
import { spawnRedis } from '../helpers/redis.ts';
import { startServer } from '../helpers/server-process.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { needsRedis } from './support/stores.ts';
import { startTarget } from './support/target.ts';
import { calling, noop, ticking } from './support/tasks.ts';
import { lasting, until } from './support/until.ts';

/** Twice a lease. */
const AWAY_MS = 4_000;
const LEASE_MS = 2_000;
const ANSWERED_WITHIN_MS = 1_000;
/** For one call in twenty, and its own way there and back on a busy machine. */
const SLOWEST_MS = 1_400;

suite('Redis is unreachable', { skip: needsRedis }, () => {
  test('silent: packets go nowhere', (t) => outage(t, async (proxy) => proxy.blackhole()));
  test('refused: nobody listens', (t) => outage(t, (proxy) => proxy.refuse()));

  test('SIGTERM meanwhile: the server still ends within its grace', async (t) => {
    const { server, proxy, target, api } = await behindProxy(t, { SHUTDOWN_GRACE_MS: '1000' });
    const [task] = await api.createTasks([ticking('tick', calling(target.slowUrl(1_000)), { maxSlots: 50 })]);
    assert.ok(task);
    await until('a run is under way', () => target.hits[0]);
    proxy.blackhole();
    const askedAt = performance.now();
    const { code } = await server.stop();
    const tookMs = performance.now() - askedAt;
    assert.equal(code, 0);
    // Grace, then five seconds for answers that never come, then the connections.
    assert.ok(tookMs < 1_000 + 5_000 + 3_000, `took ${tookMs} ms`);
  });
});

async function outage(t: TestContext, cut: (proxy: FaultProxy) => Promise<void>): Promise<void> {
  const { server, proxy, target, api } = await behindProxy(t);
  const [tick, during, across] = (
    await api.createTasks([
      ticking('tick', calling(target.okUrl), { maxSlots: 14 }),
      ticking('under way', calling(target.slowUrl(2_500)), { maxSlots: 14 }, { timeoutMs: 30_000 }),
      ticking('hangs across it', calling(target.hangUrl), { maxSlots: 1 }, { timeoutMs: 60_000 }),
    ])
  ).map((task) => task.id);
  assert.ok(tick && during && across);
  const hanging = await until('a call hangs', () => target.hits.find((hit) => hit.taskId === across));
  await until('some slots have fired', () => target.hits.filter((hit) => hit.taskId === tick).length >= 2);
  // Not known to be signed in here yet: its first call asks the store who it is.
  const stranger = createApiClient(() => server.origin, 'ben');
  await stranger.tasks();

  await cut(proxy);
  const cutAt = performance.now();
  const cpuBefore = server.cpuMs();
  const replies: [string, ApiReply][] = [];
  const ask = async (who: typeof api, method: string, path: string, body?: unknown) => {
    replies.push([`${method} ${path}`, await who.call(method, path, body === undefined ? {} : { body })]);
  };
  const input = { name: 'not now', schedule: { kind: 'every', everyMs: 60_000 }, action: noop() };
  do {
    await Promise.all([
      ask(api, 'GET', '/api/tasks'),
      ask(stranger, 'GET', `/api/tasks/${tick}`),
      ask(api, 'GET', `/api/tasks/${tick}/audit`),
      ask(stranger, 'POST', '/api/tasks', input),
      ask(api, 'POST', `/api/tasks/${tick}/run`, {}),
      ask(api, 'POST', '/api/auth/login', { code: 'sandbox:cleo' }),
      ask(api, 'GET', '/readyz'),
      ask(api, 'GET', '/healthz'),
    ]);
    await lasting(250);
  } while (performance.now() - cutAt < AWAY_MS);
  const awayMs = performance.now() - cutAt;
  const cpuMs = (server.cpuMs() ?? 0) - (cpuBefore ?? 0);
  hanging.answer();
  await proxy.heal();

  for (const [what, { status, headers, body, ms }] of replies) {
    const told = `${what}: ${status} ${JSON.stringify(body)} in ${Math.round(ms)} ms`;
    assert.equal(status, what.endsWith('/healthz') ? 200 : 503, told);
    assert.ok(ms < SLOWEST_MS, told);
    if (!what.includes('/api/')) continue;
    assert.equal(body.error.code, 'STORE_UNAVAILABLE', told);
    assert.ok(Number(headers['retry-after']) >= 1, told);
  }
  const times = replies.map(([, { ms }]) => ms).sort((a, b) => a - b);
  const slowest = times.at(-1) ?? 0;
  const usual = times[Math.floor(times.length * 0.95)] ?? 0;
  assert.ok(usual < ANSWERED_WITHIN_MS, `one call in twenty took ${Math.round(usual)} ms`);
  t.diagnostic(
    `${replies.length} answers, slowest ${Math.round(slowest)} ms; CPU ${Math.round((100 * cpuMs) / awayMs)} %`,
  );
  assert.ok(cpuMs < awayMs / 2, `${cpuMs} ms of CPU in ${Math.round(awayMs)} ms`);

  await until('the server is ready again', async () => (await api.call('GET', '/readyz')).status === 200);
  await allEnded(api, [tick, during, across]);
  const all = await assertKept(api, [tick, during, across], { target });
  for (const { audit, runs } of all) {
    assert.deepEqual(audit.skipped, {});
    for (const run of runs) assert.equal(run.state, 'succeeded');
  }
  assert.ok(
    target.hits.every((hit) => hit.attempt === 1),
    'no run was made twice for it',
  );
  const { attempts } = await api.run(hanging.runId);
  assert.deepEqual(
    attempts.map(({ outcome }) => outcome),
    ['succeeded'],
  );
}

async function behindProxy(t: TestContext, env: Record<string, string> = {}) {
  const target = await startTarget(t);
  const redis = await spawnRedis({ dir: tempDir(t) });
  t.after(() => redis.stop());
  const proxy = await createFaultProxy({ targetPort: redis.port });
  t.after(() => proxy.close());
  const server = await startServer({
    redisUrl: `redis://127.0.0.1:${proxy.port}`,
    env: { ALLOW_HOSTS: target.host, LEASE_MS: String(LEASE_MS), ...env },
  });
  t.after(() => server.kill9());
  const api = createApiClient(() => server.origin, 'anna');
  return { target, redis, proxy, server, api };
}
