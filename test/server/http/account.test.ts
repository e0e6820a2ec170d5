import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { sampleCreate } from './support/samples.ts';
import { startHttp } from './support/start-http.ts';

test('the profile changes field by field, and what was not sent stays', async (t) => {
  const { call, login } = await startHttp(t);
  const { accessToken: token, user } = await login('安娜');
  assert.deepEqual(user, {
    id: user.id,
    name: '安娜',
    locale: 'zh-CN',
    attrs: ['role:member'],
    quietHours: null,
    createdAt: 1_790_000_000_000,
  });
  const quietHours = { from: '23:00', to: '07:30', timezone: 'Asia/Shanghai' };
  await call('PATCH', '/api/me', { token, body: { quietHours } });
  const { json } = await call('PATCH', '/api/me', { token, body: { name: '  Anna ', locale: 'en' } });
  assert.deepEqual(json, { ...user, name: 'Anna', locale: 'en', quietHours });
  assert.deepEqual((await call('GET', '/api/me', { token })).json, json);
  assert.deepEqual(
    (await call('PATCH', '/api/me', { token, body: { quietHours: null } })).json.quietHours,
    null,
  );
});

test('a new user begins in the language of the phone; an operator is one by openid', async (t) => {
  const { call } = await startHttp(t);
  const headers = { 'accept-language': 'en' };
  const { json } = await call('POST', '/api/auth/login', { body: { code: 'sandbox:boss' }, headers });
  assert.equal(json.user.locale, 'en');
  assert.deepEqual(json.user.attrs, ['role:member', 'role:operator']);
});

test('the export holds what is mine and only that', async (t) => {
  const { call, login } = await startHttp(t);
  const { accessToken: token, user } = await login('anna');
  const other = await login('boris');
  const mine = [];
  for (let n = 0; n < 3; n++)
    mine.push((await call('POST', '/api/tasks', { token, body: sampleCreate })).json.id);
  await call('POST', '/api/tasks', { token: other.accessToken, body: sampleCreate });
  const { json } = await call('GET', '/api/me/export', { token });
  assert.deepEqual(json.user, user);
  assert.deepEqual(
    json.tasks.map(({ id }: { id: string }) => id),
    mine,
  );
  assert.equal(json.runs.length, 3);
});

test('removal takes tasks, sessions, kept documents and profile, and nothing of anyone else', async (t) => {
  const { call, login, documents, fake } = await startHttp(t);
  const { accessToken: token, refreshToken, user } = await login('anna');
  const phone2 = await login('anna');
  const other = await login('boris');
  for (let n = 0; n < 25; n++) await call('POST', '/api/tasks', { token, body: sampleCreate });
  await call('POST', '/api/tasks', { token: other.accessToken, body: sampleCreate });
  await documents.putDocument(user.id, 'kept', 'x', { of: 'anna' }, { ifVersion: 0 });

  assert.equal((await call('DELETE', '/api/me', { token })).status, 204);
  assert.equal(fake.owned.size, 1);
  assert.ok(!documents.dump().includes(user.id), 'nothing of the user is kept');
  for (const dead of [token, phone2.accessToken]) {
    assert.equal((await call('GET', '/api/me', { token: dead })).json.error.code, 'TOKEN_INVALID');
  }
  assert.equal(
    (await call('POST', '/api/auth/refresh', { body: { refreshToken } })).json.error.code,
    'REFRESH_INVALID',
  );
  assert.equal((await call('GET', '/api/me', { token: other.accessToken })).status, 200);
});

test('a removal that is cut off can be asked for again, and the user can come back as a new one', async (t) => {
  const { call, login, documents, fake, clock } = await startHttp(t);
  const { accessToken: token, user } = await login('anna');
  await call('PATCH', '/api/me', { token, body: { name: 'Anna' } });
  await call('POST', '/api/tasks', { token, body: sampleCreate });
  documents.away = true;
  assert.equal((await call('DELETE', '/api/me', { token })).status, 503);
  documents.away = false;
  assert.equal((await call('DELETE', '/api/me', { token })).status, 204);
  assert.equal(fake.owned.size, 0);
  clock.advance(60_000);
  const again = await login('anna');
  assert.equal(again.user.id, user.id);
  assert.equal((await call('GET', '/api/me', { token: again.accessToken })).json.name, 'anna');
});

test('a body that was still on its way when the account was removed creates nothing', async (t) => {
  const { call, login, server, fake } = await startHttp(t);
  const { accessToken: token } = await login('anna');
  const body = JSON.stringify(sampleCreate);
  const { port } = server.address() as { port: number };
  const socket = connect(port, '127.0.0.1');
  const head = [
    'POST /api/tasks HTTP/1.1',
    'Host: a',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  const arrived = new Promise<void>((resolve) => server.once('request', () => resolve()));
  socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 5)}`);
  await arrived;
  // Answered only after the token of the slow request was judged.
  assert.equal((await call('GET', '/api/me', { token })).status, 200);
  assert.equal((await call('DELETE', '/api/me', { token })).status, 204);
  const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
  socket.write(body.slice(5));
  assert.match((await answer).toString(), /^HTTP\/1\.1 401 [\s\S]*TOKEN_INVALID/);
  socket.destroy();
  assert.equal(fake.owned.size, 0);
});
