/** With the store away, callers hear 503 soon; nobody waits without end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STORE_AWAY_MS } from '../../../server/http/middleware/answers.ts';
import { route } from '../../../server/http/route.ts';
import { StoreUnavailableError } from '../../../server/store/status.ts';
import { startHttp } from './support/start-http.ts';

test('a store that refuses is 503 with Retry-After, in words that do not frighten', async (t) => {
  const { call, login, fake, documents } = await startHttp(t);
  const { accessToken: token } = await login();
  fake.failure = new StoreUnavailableError('ECONNREFUSED 10.0.0.7:6379');
  const { status, headers, json, text } = await call('GET', '/api/tasks', { token });
  assert.deepEqual([status, headers['retry-after'], json.error.code], [503, '1', 'STORE_UNAVAILABLE']);
  assert.doesNotMatch(text, /10\.0\.0\.7/);
  documents.away = true;
  assert.equal((await call('POST', '/api/auth/login', { body: { code: 'x' } })).status, 503);
});

test('a service that hangs while the store is known to be away is given up within 1 s; its late answer is dropped', async (t) => {
  let up = true;
  const { call, login, fake } = await startHttp(t, { storeUp: () => up });
  const { accessToken: token } = await login();
  let open = () => {};
  fake.gate = new Promise((resolve) => {
    open = resolve;
  });
  up = false;
  const startedAt = performance.now();
  const { status, json } = await call('GET', '/api/tasks', { token });
  const waited = performance.now() - startedAt;
  assert.deepEqual([status, json.error.code], [503, 'STORE_UNAVAILABLE']);
  assert.ok(waited >= STORE_AWAY_MS - 20 && waited < 1_500, `${waited} ms`);
  open();
  up = true;
  fake.gate = null;
  assert.equal((await call('GET', '/api/tasks', { token })).status, 200);
});

test('a route that never answers is given up at its limit, whatever another method of its path may take', async (t) => {
  const never = route({
    method: 'GET',
    path: '/never',
    summary: 'never',
    access: 'public',
    limitMs: 1_000,
    answers: {},
    errors: [],
    handle: () => new Promise(() => {}),
  });
  const slower = { ...never, method: 'DELETE' as const, limitMs: 60_000 };
  const { call } = await startHttp(t, { routes: [never, slower] });
  assert.equal((await call('GET', '/never')).status, 503);
});

test('healthz needs no store; readyz says why not, even when its check hangs or fails', async (t) => {
  const ready = { check: async (): Promise<{ ok: boolean; why?: string }> => ({ ok: true }) };
  const { call, documents } = await startHttp(t, { health: { ready: () => ready.check() } });
  documents.away = true;
  assert.deepEqual((await call('GET', '/healthz')).json, { ok: true });
  assert.deepEqual((await call('GET', '/readyz?at=1')).json, { ok: true });
  ready.check = async () => ({ ok: false, why: 'store' });
  const not = await call('GET', '/readyz');
  assert.deepEqual([not.status, not.json], [503, { ok: false, why: 'store' }]);
  ready.check = () => Promise.reject(new Error('secret words'));
  assert.deepEqual((await call('GET', '/readyz')).json, { ok: false, why: 'the check failed' });
  ready.check = () => new Promise(() => {});
  assert.equal((await call('GET', '/readyz')).status, 503);
});
