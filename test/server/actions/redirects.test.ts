import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import test from 'node:test';
import { bodyOf, guardedHttp, serveHttp } from './loopback.ts';

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
}

test('a redirect is an answer like any other unless it is to be followed', async (t) => {
  const target = await serveHttp(t, (_req, res) => res.writeHead(302, { location: '/next' }).end());
  const http = guardedHttp(t, [target.host]);
  const answer = await http.request({ url: target.url });
  assert.deepEqual([answer.status, answer.headers.location], [302, '/next']);
});

test('five redirects are followed; the sixth is the answer', async (t) => {
  const target = await serveHttp(t, (req, res) => {
    const left = Number(req.url?.slice(1));
    if (left === 0) return res.end('there');
    res.writeHead(302, { location: `/${left - 1}` }).end('an unread body');
  });
  const http = guardedHttp(t, [target.host]);
  const follow = (n: number) => http.request({ url: `${target.url}/${n}`, followRedirects: true });
  assert.equal((await follow(5)).text, 'there');
  const sixth = await follow(6);
  assert.deepEqual([sixth.status, sixth.headers.location], [302, '/0']);
});

test('each redirect is checked like the first address', async (t) => {
  let to = '';
  const target = await serveHttp(t, (_req, res) => res.writeHead(307, { location: to }).end());
  const inner = await serveHttp(t, (_req, res) => res.end('secret'));
  const http = guardedHttp(t, [target.host]);
  for (to of [
    inner.url,
    `http://2130706433:${inner.port}/`,
    `//localhost:${inner.port}/`,
    'http://169.254.169.254/latest/meta-data/',
    'http://[::ffff:7f00:1]/',
    'file:///etc/passwd',
    `http://user:pass@${target.host}/`,
  ]) {
    const call = http.request({ url: target.url, followRedirects: true });
    await assert.rejects(call, { code: 'HTTP_ADDRESS_FORBIDDEN' }, to);
  }
});

test('a redirect without a place to go is the answer', async (t) => {
  let headers: Record<string, string> = {};
  const target = await serveHttp(t, (_req, res) => res.writeHead(301, headers).end());
  const http = guardedHttp(t, [target.host]);
  for (headers of [{}, { location: 'http://[' }]) {
    assert.equal((await http.request({ url: target.url, followRedirects: true })).status, 301);
  }
});

test('secrets stay with their origin', async (t) => {
  const seen: Seen[] = [];
  const other = await serveHttp(t, async (req, res) => {
    seen.push({ method: req.method, url: req.url, headers: req.headers, body: await bodyOf(req) });
    res.end();
  });
  const target = await serveHttp(t, (req, res) => {
    if (req.url === '/same') return res.writeHead(307, { location: '/to-other' }).end();
    seen.push({ method: req.method, url: req.url, headers: req.headers, body: '' });
    res.writeHead(302, { location: other.url }).end();
  });
  const http = guardedHttp(t, [target.host, other.host]);
  await http.request({
    url: `${target.url}/same`,
    followRedirects: true,
    headers: {
      Authorization: 'Bearer s',
      cookie: 'c=1',
      'X-Api-Key': 's',
      accept: 'application/json',
      'Idempotency-Key': 'run',
      'X-Zhundian-Run': 'run',
    },
  });
  const [same, foreign] = seen as [Seen, Seen];
  assert.equal(same.headers.authorization, 'Bearer s');
  assert.equal(same.headers['x-api-key'], 's');
  for (const name of ['authorization', 'cookie', 'x-api-key'])
    assert.equal(foreign.headers[name], undefined, name);
  assert.equal(foreign.headers.accept, 'application/json');
  assert.equal(foreign.headers['idempotency-key'], 'run');
  assert.equal(foreign.headers['x-zhundian-run'], 'run');
  assert.equal(foreign.headers.host, other.host);
});

test('303 becomes GET, 301 and 302 turn only POST into GET, 307 and 308 keep method and body', async (t) => {
  let status = 0;
  const seen: Seen[] = [];
  const target = await serveHttp(t, async (req, res) => {
    const body = await bodyOf(req);
    if (req.url === '/') return res.writeHead(status, { location: '/to' }).end();
    seen.push({ method: req.method, url: req.url, headers: req.headers, body });
    res.end();
  });
  const http = guardedHttp(t, [target.host]);
  for (const [code, method, expected] of [
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [302, 'PUT', 'PUT'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [307, 'POST', 'POST'],
    [308, 'DELETE', 'DELETE'],
  ] as const) {
    status = code;
    const body = method === 'HEAD' ? null : { a: 1 };
    await http.request({ method, url: target.url, body, followRedirects: true });
    const last = seen.at(-1)!;
    assert.equal(last.method, expected, `${code} ${method}`);
    assert.equal(last.body, expected === 'GET' || body === null ? '' : '{"a":1}', `${code} ${method}`);
    if (expected === 'GET') assert.equal(last.headers['content-type'], undefined);
  }
});
