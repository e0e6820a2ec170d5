/** How bodies arrive: form, size, depth. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { sampleCreate } from './support/samples.ts';
import { startHttp } from './support/start-http.ts';

const good = JSON.stringify(sampleCreate);

test('only JSON is read', async (t) => {
  const { call, login, fake } = await startHttp(t);
  const { accessToken: token } = await login();
  const send = (raw: string | Buffer, type: string, more: Record<string, string> = {}) =>
    call('POST', '/api/tasks', { token, raw, headers: { 'content-type': type, ...more } });
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'text/xml',
    'multipart/form-data',
    'nonsense',
    '',
  ]) {
    const { status, json } = await send(good, type);
    assert.deepEqual([status, json.error.code], [415, 'MEDIA_TYPE_UNSUPPORTED'], type);
  }
  assert.equal((await send(good, 'application/json', { 'content-encoding': 'nonsense' })).status, 415);
  assert.deepEqual(fake.calls, []);
  assert.equal((await send(good, 'application/json; charset=utf-8')).status, 201);
  assert.equal((await send(gzipSync(good), 'application/json', { 'content-encoding': 'gzip' })).status, 201);
});

test('what is not JSON, or not plain JSON, is JSON_INVALID and not echoed', async (t) => {
  const { call, login, fake, lines } = await startHttp(t);
  const { accessToken: token } = await login();
  const withBody = (json: string) =>
    `{"name":"a","action":{"kind":"http","url":"https://a.b","body":${json}}}`;
  const cases = [
    '{',
    '{"secret-word": ',
    'null',
    '"text"',
    '7',
    '{"a":1}{"b":2}',
    "{'a':1}",
    '{"__proto__":{"admin":true}}',
    '{"\\u005f_proto__":{"admin":true}}',
    withBody('{"a":[{"__proto__":1}]}'),
    withBody('1e999'),
    withBody('"\\ud800"'),
    withBody('{"\\udc00":1}'),
    withBody('['.repeat(40) + ']'.repeat(40)),
    withBody('['.repeat(100_000) + ']'.repeat(100_000)),
    '['.repeat(100_000),
  ];
  for (const raw of cases) {
    const { status, json, text } = await call('POST', '/api/tasks', { token, raw });
    assert.deepEqual([status, json.error.code], [400, 'JSON_INVALID'], raw.slice(0, 80));
    assert.doesNotMatch(text, /secret-word/);
  }
  assert.doesNotMatch(lines.join(), /secret-word/);
  assert.deepEqual(fake.calls, []);
  assert.equal(({} as { admin?: boolean }).admin, undefined);
});

test('an absent body is judged like an empty one', async (t) => {
  const { call, login } = await startHttp(t);
  const { accessToken: token } = await login();
  for (const reply of [
    await call('POST', '/api/tasks', { token }),
    await call('POST', '/api/tasks', { token, headers: { 'content-type': 'application/json' } }),
    await call('POST', '/api/tasks', { token, raw: '' }),
    await call('POST', '/api/tasks', { token, raw: '{}' }),
  ]) {
    assert.equal(reply.json.error.code, 'BODY_INVALID', reply.text);
    assert.deepEqual(
      reply.json.error.details.map(({ path }: { path: string }) => path),
      ['name', 'schedule', 'action'],
    );
  }
});

test('bodies end at 256 KiB, those of a batch at 2 MiB, compressed ones by what they unpack to', async (t) => {
  const { call, login } = await startHttp(t);
  const { accessToken: token } = await login();
  const sized = (bytes: number) => `{"a":"${'x'.repeat(bytes - 8)}"}`;
  const codeOf = async (path: string, raw: string | Buffer, headers = {}) =>
    (await call('POST', path, { token, raw, headers })).json.error.code;
  assert.equal(await codeOf('/api/tasks', sized(262_144)), 'BODY_INVALID');
  assert.equal(await codeOf('/api/tasks', sized(262_145)), 'BODY_TOO_LARGE');
  assert.equal(await codeOf('/api/tasks/batch', sized(2_097_152)), 'BODY_INVALID');
  assert.equal(await codeOf('/api/tasks/batch', sized(2_097_153)), 'BODY_TOO_LARGE');
  const bomb = gzipSync(Buffer.alloc(50_000_000, 32));
  assert.equal(await codeOf('/api/tasks', bomb, { 'content-encoding': 'gzip' }), 'BODY_TOO_LARGE');
});

test('a stranger is refused before the body is read', async (t) => {
  const { server, call } = await startHttp(t);
  const { port } = server.address() as { port: number };
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'POST /api/tasks/batch HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n[',
  );
  const [first] = (await new Promise<Buffer>((resolve) => socket.once('data', resolve)))
    .toString()
    .split('\r\n');
  socket.destroy();
  assert.equal(first, 'HTTP/1.1 401 Unauthorized');
  assert.equal((await call('GET', '/healthz')).status, 200);
});

test('a caller who leaves in the middle of a body costs one log line and nothing else', async (t) => {
  const { server, login, call, lines, fake } = await startHttp(t);
  const { accessToken: token } = await login();
  const { port } = server.address() as { port: number };
  const socket = connect(port, '127.0.0.1');
  const head = [
    'POST /api/tasks HTTP/1.1',
    'Host: a',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
  ];
  const closed = new Promise((resolve) => server.once('connection', (peer) => peer.once('close', resolve)));
  socket.write(`${head.join('\r\n')}\r\nContent-Length: 500\r\n\r\n{"name":`);
  await new Promise<void>((resolve) => server.once('request', () => resolve()));
  socket.destroy();
  await closed;
  assert.equal((await call('GET', '/healthz')).status, 200);
  const logged = lines.map((line) => JSON.parse(line)).filter((line) => line.route === '/api/tasks');
  assert.deepEqual(
    logged.map(({ status, level }) => [status, level]),
    [[499, 30]],
  );
  assert.deepEqual(fake.calls, []);
});

test('a body that does not unpack is no JSON', async (t) => {
  const { call, login, fake, lines } = await startHttp(t);
  const { accessToken: token } = await login();
  const packed = { gzip: gzipSync(good), deflate: deflateSync(good), br: brotliCompressSync(good) };
  for (const [encoding, whole] of Object.entries(packed)) {
    const spoilt = Buffer.from(whole);
    spoilt.fill(0xff, 10, 40);
    for (const raw of [spoilt, whole.subarray(0, 30), Buffer.from(good)]) {
      const headers = { 'content-encoding': encoding };
      const { status, json } = await call('POST', '/api/tasks', { token, raw, headers });
      assert.deepEqual([status, json.error.code], [400, 'JSON_INVALID'], encoding);
    }
  }
  assert.deepEqual(fake.calls, []);
  assert.doesNotMatch(lines.join(), /request failed/);
});
