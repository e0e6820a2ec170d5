/** What every request meets, whatever its route. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../../server/lib/errors.ts';
import { sampleCreate } from './support/samples.ts';
import { startHttp } from './support/start-http.ts';

test('the request id is taken when well-formed, made otherwise, and comes back in errors', async (t) => {
  const { call } = await startHttp(t);
  const taken = await call('GET', '/api/me', { headers: { 'x-request-id': 'phone-7_A' } });
  assert.equal(taken.headers['x-request-id'], 'phone-7_A');
  assert.equal(taken.json.error.requestId, 'phone-7_A');
  for (const given of ['', 'a b', 'a\tb', 'x'.repeat(65), '<script>']) {
    const made = await call('GET', '/healthz', { headers: { 'x-request-id': given } });
    assert.match(String(made.headers['x-request-id']), /^[A-Za-z0-9_-]{16}$/);
  }
});

test('answers carry the headers of a JSON API and nothing about what serves them', async (t) => {
  const { call } = await startHttp(t);
  for (const path of ['/healthz', '/nowhere']) {
    const { headers } = await call('GET', path);
    assert.equal(headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['content-security-policy'], "default-src 'none';frame-ancestors 'none'");
    assert.match(String(headers['strict-transport-security']), /max-age=\d+/);
    assert.equal(headers['x-powered-by'], undefined);
    assert.equal(headers['set-cookie'], undefined);
  }
});

test('an unknown address is 404 and a method that a known one lacks is 405, in the common form', async (t) => {
  const { call } = await startHttp(t);
  for (const path of [
    '/',
    '/api',
    '/api/task',
    '/API/tasks',
    '/api/tasks/a/b/c',
    '//',
    '/%',
    '/api/tasks%2Fx',
  ]) {
    const { status, json } = await call('GET', path);
    assert.equal(status, 404, path);
    assert.equal(json.error.code, 'NOT_FOUND', path);
  }
  const put = await call('PUT', '/api/tasks');
  assert.equal(put.status, 405);
  assert.equal(put.json.error.code, 'METHOD_NOT_ALLOWED');
  assert.equal(put.headers.allow, 'HEAD, GET, POST, OPTIONS');
  assert.equal((await call('POST', '/healthz')).headers.allow, 'HEAD, GET, OPTIONS');
  assert.equal((await call('PROPFIND', '/api/me')).status, 405);
});

test('HEAD answers as GET does, without the body; OPTIONS says what is taken', async (t) => {
  const { call } = await startHttp(t);
  const head = await call('HEAD', '/healthz');
  assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '11']);
  assert.equal((await call('HEAD', '/api/me')).status, 401);
  assert.equal((await call('HEAD', '/nowhere')).status, 404);
  const options = await call('OPTIONS', '/api/me');
  assert.deepEqual(
    [options.status, options.text, options.headers.allow],
    [204, '', 'HEAD, GET, PATCH, DELETE, OPTIONS'],
  );
  assert.equal((await call('OPTIONS', '/nowhere')).status, 404);
});

test('the language of messages follows Accept-Language, Chinese unless English is preferred', async (t) => {
  const { call } = await startHttp(t);
  const languages: [header: string | undefined, language: string][] = [
    [undefined, 'zh-CN'],
    ['', 'zh-CN'],
    ['*', 'zh-CN'],
    ['fr', 'zh-CN'],
    ['zh-TW', 'zh-CN'],
    ['en', 'en'],
    ['en-US,en;q=0.9,zh-CN;q=0.8', 'en'],
    ['zh-CN,en;q=0.8', 'zh-CN'],
    ['en;q=0', 'zh-CN'],
    [';;;,,,', 'zh-CN'],
  ];
  for (const [header, language] of languages) {
    const reply = await call('GET', '/nowhere', {
      headers: header === undefined ? {} : { 'accept-language': header },
    });
    assert.equal(reply.headers['content-language'], language, header);
    assert.equal(
      reply.json.error.message,
      language === 'en' ? 'There is nothing at this address' : '没有这个地址',
    );
  }
});

test('the catalogue of handlers speaks the language of the caller', async (t) => {
  const { call, login } = await startHttp(t);
  const { accessToken: token } = await login();
  const titles = async (headers = {}) =>
    (await call('GET', '/api/handlers', { token, headers })).json.items.map(
      ({ title }: { title: string }) => title,
    );
  assert.deepEqual(await titles(), ['空操作']);
  assert.deepEqual(await titles({ 'accept-language': 'en' }), ['Nothing']);
});

test('an error that nobody planned is answered in general words and logged with its stack', async (t) => {
  const { call, login, fake, lines } = await startHttp(t);
  const { accessToken: token } = await login();
  fake.failure = new Error('password=hunter2 at /srv/app');
  const { status, json, text } = await call('GET', '/api/tasks', { token });
  assert.equal(status, 500);
  assert.equal(json.error.code, 'INTERNAL');
  assert.doesNotMatch(text, /hunter2|srv/);
  const logged = lines.map((line) => JSON.parse(line)).find((line) => line.msg === 'request failed');
  assert.equal(logged.requestId, json.error.requestId);
  assert.match(logged.err.stack, /hunter2/);
});

test('what is thrown that is no error at all is 500 as well', async (t) => {
  const { call, login, fake } = await startHttp(t);
  const { accessToken: token } = await login();
  for (const thrown of ['text', 7, { status: 200, message: 'trust me', expose: true }]) {
    fake.failure = thrown as unknown as Error;
    assert.equal((await call('GET', '/api/tasks', { token })).status, 500);
  }
});

test('a service refusal keeps its code, its details, and the current version of a conflict', async (t) => {
  const { call, login, fake } = await startHttp(t);
  const { accessToken: token } = await login();
  const { json: task } = await call('POST', '/api/tasks', { token, body: sampleCreate });
  const conflict = await call('PATCH', `/api/tasks/${task.id}`, { token, body: { version: 9, name: 'a' } });
  assert.equal(conflict.status, 409);
  assert.equal(conflict.json.error.code, 'TASK_VERSION_CONFLICT');
  assert.equal(conflict.json.error.version, 1);

  fake.failure = new AppError(
    'SCHEDULE_UNSUPPORTED',
    { zh: '暂不支持', en: 'Not supported' },
    {
      details: [{ path: 'schedule.spreadMs', message: { zh: '须为 0', en: 'must be 0' } }],
      facts: { code: 'X', requestId: 'X' },
    },
  );
  const refused = await call('POST', '/api/tasks', {
    token,
    body: sampleCreate,
    headers: { 'accept-language': 'en' },
  });
  assert.equal(refused.status, 422);
  assert.equal(refused.json.error.code, 'SCHEDULE_UNSUPPORTED');
  assert.deepEqual(refused.json.error.details, [{ path: 'schedule.spreadMs', message: 'must be 0' }]);
  assert.notEqual(refused.json.error.requestId, 'X');
});

test('401 says how to sign in, 429 and 503 when to come back', async (t) => {
  const { call, login, fake } = await startHttp(t);
  const { accessToken: token } = await login();
  assert.equal((await call('GET', '/api/me')).headers['www-authenticate'], 'Bearer');
  const words = { zh: '稍后', en: 'later' };
  for (const [error, retryAfter] of [
    [new AppError('TASK_BEHIND', words, { retryAfter: 2.2 }), '3'],
    [new AppError('SHUTTING_DOWN', words), '1'],
    [new AppError('RATE_LIMITED', words, { retryAfter: 0 }), '1'],
  ] as const) {
    fake.failure = error;
    assert.equal((await call('GET', '/api/tasks', { token })).headers['retry-after'], retryAfter);
  }
});

test('Idempotency-Key is judged on creating calls, passed on, and a replay is 200', async (t) => {
  const { call, login, fake } = await startHttp(t);
  const { accessToken: token } = await login();
  const create = (key: string) =>
    call('POST', '/api/tasks', { token, body: sampleCreate, headers: { 'idempotency-key': key } });
  for (const key of ['', 'a b', '密钥', 'x'.repeat(129), 'a\tb']) {
    const header = Buffer.from(key, 'utf8').toString('latin1');
    const refused = await create(header);
    assert.equal(refused.json.error.code, 'IDEMPOTENCY_KEY_INVALID', JSON.stringify(key));
  }
  assert.deepEqual(fake.calls, []);
  const first = await create('k-1!~');
  const again = await create('k-1!~');
  assert.deepEqual([first.status, again.status], [201, 200]);
  assert.equal(first.json.id, again.json.id);
  const run = () =>
    call('POST', `/api/tasks/${first.json.id}/run`, { token, headers: { 'idempotency-key': 'r' } });
  assert.deepEqual([(await run()).status, (await run()).status], [201, 200]);
  assert.equal(
    (await call('GET', '/api/tasks', { token, headers: { 'idempotency-key': 'a b' } })).status,
    200,
  );
});
