import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '../../miniprogram/api/client.ts';
import { createTransport } from '../../miniprogram/api/transport.ts';
import type { HttpRequest } from '../../miniprogram/lib/wx-port.ts';
import { refusal } from './support/fake-server.ts';
import { settled } from './support/fake-time.ts';
import { answer, createFakeWx, failure } from './support/fake-wx.ts';
import { say, signInParts } from './support/sign-in.ts';

interface Echo {
  path: string;
  token: string;
  headers: Record<string, string>;
  sent: unknown;
}

function clientParts() {
  const parts = signInParts();
  const { transport, session, headers } = parts;
  let n = 0;
  const random = () => {
    n += 1;
    return (n % 97) / 97;
  };
  return { ...parts, client: createClient({ transport, session, headers, say, random }) };
}

const is = (code: string, status?: number) => (error: unknown) => {
  const found = error as { code: string; status: number };
  return found.code === code && (status === undefined || found.status === status);
};

test('a request carries token, language, query and JSON body', async () => {
  const { client, wx } = clientParts();
  const query = { q: 'a&b=中', limit: 5, live: true, cursor: null, state: undefined };
  const got = await client.request<Echo>('POST', '/api/echo', { query, body: { x: 1 } });
  assert.equal(got.path, '/api/echo?q=a%26b%3D%E4%B8%AD&limit=5&live=true');
  assert.equal(got.headers.Authorization, 'Bearer access-login1');
  assert.equal(got.headers['Accept-Language'], 'en');
  assert.equal(got.headers['Content-Type'], 'application/json');
  assert.deepEqual(got.sent, { x: 1 });
  assert.equal(wx.requests.at(-1)?.timeoutMs, 15_000);
});

test('a 401 is repeated once with a new token, whoever else meets it', async () => {
  const { client, server } = clientParts();
  await client.request('GET', '/api/echo');
  server.revoked.add('access-login1');
  const got = await Promise.all([1, 2, 3].map(() => client.request<Echo>('GET', '/api/echo')));
  assert.deepEqual(
    got.map(({ token }) => token),
    ['access-refresh1', 'access-refresh1', 'access-refresh1'],
  );
  assert.equal(server.refreshes, 1);
});

test('a second 401 is an error, not a loop', async () => {
  const { client, server } = clientParts();
  server.revoked.add('access-login1').add('access-refresh1');
  await assert.rejects(client.request('GET', '/api/echo'), is('TOKEN_INVALID', 401));
  assert.equal(server.log.filter((line) => line.includes('/api/echo')).length, 2);
});

test('a lost GET and a lost creating call are repeated once, with the same key; others are not', async () => {
  const { client, wx, server } = clientParts();
  await client.request('GET', '/api/echo');
  const lost = new Set<string>();
  wx.serve = (request) => {
    const key = `${request.method} ${request.headers['Idempotency-Key'] ?? ''}`;
    if (lost.has(key)) return server.serve(request);
    lost.add(key);
    return Promise.reject(failure('request:fail net::ERR'));
  };
  await client.request('GET', '/api/echo');
  const made = await client.request<Echo>('POST', '/api/echo', { body: {}, idempotencyKey: 'k1' });
  assert.equal(made.headers['Idempotency-Key'], 'k1');
  await assert.rejects(client.request('POST', '/api/echo', { body: {} }), is('NETWORK', 0));
  await assert.rejects(client.request('PATCH', '/api/echo', { body: {} }), is('NETWORK', 0));
});

test('a network that stays away is an error after two tries; a timeout after one', async () => {
  const { client, wx } = clientParts();
  await client.request('GET', '/api/echo');
  const before = wx.requests.length;
  wx.serve = () => Promise.reject(failure('request:fail '));
  await assert.rejects(client.request('GET', '/api/echo'), is('NETWORK'));
  assert.equal(wx.requests.length, before + 2);
  wx.serve = () => Promise.reject(failure('request:fail timeout', 5));
  await assert.rejects(client.request('GET', '/api/echo'), is('TIMEOUT'));
  assert.equal(wx.requests.length, before + 3);
});

test('what the server says of an error arrives whole', async () => {
  const { client, wx } = clientParts();
  await client.request('GET', '/api/echo');
  const details = [{ path: 'schedule.cron', message: 'five or six fields' }];
  wx.serve = () => ({ ...refusal(429, 'RATE_LIMITED', { details }), headers: { 'retry-after': '3' } });
  await assert.rejects(client.request('GET', '/api/echo'), (error: unknown) => {
    const { name, ...fields } = error as Error & Record<string, unknown>;
    assert.deepEqual(
      { ...fields, message: (error as Error).message },
      {
        code: 'RATE_LIMITED',
        message: 'said RATE_LIMITED',
        status: 429,
        details,
        requestId: 'r1',
        retryAfterMs: 3000,
      },
    );
    return name === 'ApiError';
  });
});

test('pages of proxies and portals are no answers', async () => {
  const { client, wx } = clientParts();
  await client.request('GET', '/api/echo');
  const cases: [number, unknown, string][] = [
    [200, '<html>sign in to this wifi</html>', 'BAD_ANSWER'],
    [200, null, 'BAD_ANSWER'],
    [302, '', 'BAD_ANSWER'],
    [404, 'not here', 'BAD_ANSWER'],
    [502, '<html>', 'NETWORK'],
    [500, { error: { code: 7, message: 'x' } }, 'BAD_ANSWER'],
  ];
  for (const [status, body, code] of cases) {
    wx.serve = () => answer(status, body);
    await assert.rejects(client.request('GET', '/api/echo'), is(code, status), `${status} ${String(body)}`);
  }
  wx.serve = () => answer(204, '');
  assert.equal(await client.request('DELETE', '/api/echo'), undefined);
});

test('refused privacy guidelines are said in words', async () => {
  for (const failed of [
    failure('request:fail', 103),
    failure('request:fail', 104),
    failure('x:fail api scope is not declared'),
  ]) {
    const { client, wx } = clientParts();
    wx.serve = () => Promise.reject(failed);
    await assert.rejects(client.request('GET', '/api/echo'), (error: unknown) => {
      assert.match((error as Error).message, /privacy guidelines/);
      return is('PRIVACY')(error);
    });
  }
});

test('ten requests at once, the others wait their turn in order', async () => {
  const { client, wx, server } = clientParts();
  await client.request('GET', '/api/echo');
  const held: { request: HttpRequest; go: () => void }[] = [];
  wx.serve = (request) =>
    new Promise((resolve) => {
      held.push({ request, go: () => resolve(server.serve(request)) });
    });
  const all = Array.from({ length: 23 }, (_, i) =>
    client.request<Echo>('GET', '/api/echo', { query: { i } }),
  );
  await settled();
  assert.equal(held.length, 10);
  held.shift()!.go();
  held.shift()!.go();
  await settled();
  assert.equal(held.length, 10, 'two ended, two more began');
  while (held.length > 0) {
    assert.ok(held.length <= 10);
    held.shift()!.go();
    await settled();
  }
  const paths = (await Promise.all(all)).map(({ path }) => path);
  assert.deepEqual(
    paths,
    paths.map((_, i) => `/api/echo?i=${i}`),
  );
  assert.deepEqual(
    server.log.slice(-23),
    paths.map((path) => `GET ${path}`),
  );
});

test('a failed request gives its place back', async () => {
  const { client, wx, server } = clientParts();
  await client.request('GET', '/api/echo');
  wx.serve = () => Promise.reject(failure('request:fail timeout'));
  await Promise.allSettled(Array.from({ length: 30 }, () => client.request('GET', '/api/echo')));
  wx.serve = (request) => server.serve(request);
  assert.equal((await client.request<Echo>('GET', '/api/echo')).path, '/api/echo');
});

test('through CloudBase the same message goes to the container', async () => {
  const wx = createFakeWx();
  wx.serve = () => answer(200, {});
  const send = createTransport({ kind: 'container', env: 'e1', service: 'api' }, wx, say);
  await send({ method: 'PUT', path: '/api/x?y=1', headers: { A: 'b' }, body: [1] });
  const [request] = wx.requests;
  assert.equal(request?.url, 'container://e1/api/api/x?y=1');
  assert.equal(request?.body, '[1]');
  assert.equal(request?.headers.A, 'b');
  assert.equal(request?.timeoutMs, 15_000);
});

test('without an address nothing is sent, and the error names the file to edit', async () => {
  const wx = createFakeWx();
  const send = createTransport({ kind: 'unset', envVersion: 'trial' }, wx, say);
  await assert.rejects(send({ method: 'GET', path: '/', headers: {} }), (error: unknown) => {
    assert.match((error as Error).message, /trial.*miniprogram\/config\.ts/);
    return is('SERVER_UNSET')(error);
  });
  assert.equal(wx.requests.length, 0);
});

test('keys fit the header and differ', () => {
  const { client } = clientParts();
  const keys = Array.from({ length: 20 }, () => client.newKey());
  assert.equal(new Set(keys).size, 20);
  for (const key of keys) assert.match(key, /^[0-9a-z]{32}$/);
});
