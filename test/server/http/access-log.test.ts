import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleCreate } from './support/samples.ts';
import { startHttp } from './support/start-http.ts';

test('one line per request: method, matched route, status, user, bytes; never a query, header or body', async (t) => {
  const { call, login, lines } = await startHttp(t);
  const { accessToken: token, refreshToken, user } = await login();
  const body = {
    ...sampleCreate,
    action: { ...sampleCreate.action, headers: { 'x-api-key': 'very-private' } },
  };
  const { json: task } = await call('POST', '/api/tasks', { token, body });
  await call('GET', `/api/tasks/${task.id}/slots?fromAt=123456789`, {
    token,
    headers: { cookie: 'a=chocolate' },
  });
  await call('POST', '/api/auth/refresh', { body: { refreshToken } });
  await call('GET', '/nowhere/at/all?password=hunter2');
  await call('GET', '/healthz');

  const logged = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    logged.map(({ method, route, status }) => `${method} ${route} ${status}`),
    [
      'POST /api/auth/login 200',
      'POST /api/tasks 201',
      'GET /api/tasks/:id/slots 200',
      'POST /api/auth/refresh 200',
      'GET null 404',
    ],
  );
  const [, created] = logged;
  assert.equal(created.user, user.id);
  assert.equal(created.bytes, Buffer.byteLength(JSON.stringify(task)));
  assert.ok(created.ms >= 0 && created.ms < 60_000);
  const all = lines.join('');
  for (const secret of [
    'very-private',
    '123456789',
    'chocolate',
    'hunter2',
    refreshToken,
    token,
    'sandbox:anna',
  ]) {
    assert.ok(!all.includes(secret), `${secret} is in the log`);
  }
});
