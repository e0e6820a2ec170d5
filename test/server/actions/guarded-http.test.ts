import assert from 'node:assert/strict';
import test from 'node:test';
import { bodyOf, guardedHttp, serveHttp, serveTcp, signalled } from './loopback.ts';

test('sends method, headers and body, and answers status, headers, text and time', async (t) => {
  const target = await serveHttp(t, async (req, res) => {
    const body = await bodyOf(req);
    res.setHeader('set-cookie', ['a=1', 'b=2']);
    res.writeHead(201, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ method: req.method, url: req.url, headers: req.headers, body }));
  });
  const http = guardedHttp(t, [target.host], { userAgent: 'zhundian/1.2.3' });
  const answer = await http.request({
    method: 'post',
    url: `${target.url}/路径?q=1#x`,
    headers: { 'X-Key': 'k' },
    body: { 准: '点' },
  });
  assert.equal(answer.status, 201);
  assert.equal(answer.headers['set-cookie'], 'a=1, b=2');
  assert.ok(Number.isInteger(answer.elapsedMs) && answer.elapsedMs >= 0);
  const seen = JSON.parse(answer.text);
  assert.equal(seen.method, 'POST');
  assert.equal(seen.url, '/%E8%B7%AF%E5%BE%84?q=1');
  assert.equal(seen.body, '{"准":"点"}');
  assert.equal(seen.headers['x-key'], 'k');
  assert.equal(seen.headers['content-type'], 'application/json');
  assert.equal(seen.headers['user-agent'], 'zhundian/1.2.3');
});

test('a text is sent as it is, and null sends nothing', async (t) => {
  const target = await serveHttp(t, async (req, res) => {
    res.end(JSON.stringify([req.headers['content-type'] ?? null, await bodyOf(req)]));
  });
  const http = guardedHttp(t, [target.host]);
  const send = async (body: string | null, headers?: Record<string, string>) =>
    JSON.parse((await http.request({ method: 'PUT', url: target.url, body, headers })).text);
  assert.deepEqual(await send('<a/>'), ['text/plain;charset=utf-8', '<a/>']);
  assert.deepEqual(await send('<a/>', { 'Content-Type': 'text/xml' }), ['text/xml', '<a/>']);
  assert.deepEqual(await send(null), [null, '']);
});

test('headers that decide framing and routing are not the caller’s to set', async (t) => {
  const target = await serveHttp(t, async (req, res) =>
    res.end(JSON.stringify([req.headers, await bodyOf(req)])),
  );
  const http = guardedHttp(t, [target.host]);
  const headers = {
    Host: 'evil.example',
    'Content-Length': '1',
    connection: 'upgrade',
    'Transfer-Encoding': 'chunked',
    TE: 'trailers',
    Upgrade: 'websocket',
    'proxy-authorization': 'x',
    Expect: '100-continue',
    'Keep-Alive': '999',
  };
  const { text } = await http.request({ method: 'POST', url: target.url, headers, body: 'whole' });
  const [seen, body] = JSON.parse(text);
  assert.equal(seen.host, target.host);
  assert.equal(seen['content-length'], '5');
  assert.equal(body, 'whole');
  for (const name of ['transfer-encoding', 'te', 'upgrade', 'proxy-authorization', 'expect', 'keep-alive']) {
    assert.equal(seen[name], undefined, name);
  }
});

test('a header that would split the request and a method that tunnels are the caller’s mistakes', async (t) => {
  const target = await serveHttp(t, (_req, res) => res.end());
  const http = guardedHttp(t, [target.host]);
  await assert.rejects(http.request({ url: target.url, headers: { a: 'b\r\nc: d' } }), {
    code: 'UND_ERR_INVALID_ARG',
  });
  for (const method of ['CONNECT', 'TRACE', 'GET / HTTP/1.1\r\nx:']) {
    await assert.rejects(http.request({ url: target.url, method }), TypeError);
  }
});

test('scheme and credentials are checked with every call', async (t) => {
  const target = await serveHttp(t, (_req, res) => res.end());
  const http = guardedHttp(t, [target.host]);
  for (const url of [`ftp://${target.host}/`, `http://user:pass@${target.host}/`, 'not a url', '']) {
    await assert.rejects(http.request({ url }), { code: 'HTTP_ADDRESS_FORBIDDEN' }, url);
  }
});

test('an answer of 256 KiB is read, one byte more is not, and an endless one ends', async (t) => {
  const target = await serveHttp(t, (req, res) => {
    if (req.url === '/endless') {
      const block = Buffer.alloc(65_536, 'x');
      const pump = () => {
        while (!res.destroyed && res.write(block));
      };
      res.on('drain', pump);
      return pump();
    }
    res.end(Buffer.alloc(Number(req.url?.slice(1)), 'x'));
  });
  const http = guardedHttp(t, [target.host]);
  assert.equal((await http.request({ url: `${target.url}/262144` })).text.length, 262_144);
  for (const path of ['262145', 'endless']) {
    await assert.rejects(http.request({ url: `${target.url}/${path}` }), { code: 'HTTP_TOO_LARGE' });
  }
  const head = await http.request({ method: 'HEAD', url: `${target.url}/900000` });
  assert.deepEqual([head.status, head.text], [200, '']);
});

test('headers without end are too large', async (t) => {
  const target = await serveTcp(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    for (let i = 0; i < 40; i += 1) socket.write(`x-${i}: ${'y'.repeat(1000)}\r\n`);
  });
  const http = guardedHttp(t, [target.host]);
  await assert.rejects(http.request({ url: target.url }), { code: 'HTTP_TOO_LARGE' });
});

test('the signal ends a body that drips, with its own reason, and the socket is closed', async (t) => {
  const dripping = signalled();
  const closed = signalled();
  const target = await serveTcp(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
    const drip = setInterval(() => socket.write('x', () => dripping.resolve()), 5);
    socket.on('close', () => {
      clearInterval(drip);
      closed.resolve();
    });
  });
  const http = guardedHttp(t, [target.host]);
  const controller = new AbortController();
  const call = http.request({ url: target.url, signal: controller.signal });
  const reason = new Error('the deadline');
  void dripping.promise.then(() => controller.abort(reason));
  await assert.rejects(call, (error) => error === reason);
  await closed.promise;
});

test('the signal ends a call at every stage: before it, while resolving, while waiting for headers', async (t) => {
  const reason = new Error('the deadline');
  const silent = signalled();
  const target = await serveTcp(t, (socket) => socket.once('data', () => silent.resolve()));
  const resolving = signalled();
  const http = guardedHttp(t, [target.host], { lookup: () => resolving.resolve() });
  const isReason = (error: unknown) => error === reason;

  await assert.rejects(http.request({ url: target.url, signal: AbortSignal.abort(reason) }), isReason);
  for (const [url, reached] of [
    ['http://slow.test/', resolving.promise],
    [target.url, silent.promise],
  ] as const) {
    const controller = new AbortController();
    const call = http.request({ url, signal: controller.signal });
    void reached.then(() => controller.abort(reason));
    await assert.rejects(call, isReason, url);
  }
});

test('what answers nothing, something else, or half an answer is unreachable', async (t) => {
  const closed = await serveTcp(t, (socket) => socket.destroy());
  const smtp = await serveTcp(t, (socket) => socket.end('220 mail.example ESMTP\r\n'));
  const half = await serveTcp(t, (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'));
  const plain = await serveHttp(t, (_req, res) => res.end());
  const http = guardedHttp(t, [closed.host, smtp.host, half.host, plain.host]);
  for (const url of [closed.url, smtp.url, half.url, `https://${plain.host}/`]) {
    await assert.rejects(http.request({ url }), { code: 'HTTP_UNREACHABLE' }, url);
  }
});

test('the text is read in the charset that the answer names', async (t) => {
  const target = await serveHttp(t, (req, res) => {
    res.setHeader('content-type', `text/plain; charset=${req.url?.slice(1)}`);
    res.end(Buffer.from(req.url === '/gbk' ? 'd7bcb5e3' : 'e58786e782b9', 'hex'));
  });
  const http = guardedHttp(t, [target.host]);
  for (const charset of ['gbk', 'utf-8', 'nonsense']) {
    assert.equal((await http.request({ url: `${target.url}/${charset}` })).text, '准点', charset);
  }
});

test('after stop nothing is called any more, and stopping twice is harmless', async (t) => {
  const target = await serveHttp(t, (_req, res) => res.end('x'));
  const http = guardedHttp(t, [target.host]);
  await http.request({ url: target.url });
  await http.stop();
  await http.stop();
  await assert.rejects(http.request({ url: target.url }), { code: 'HTTP_UNREACHABLE' });
});
