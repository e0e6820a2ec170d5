import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { Agent, request } from 'undici';
import { createHttpServer } from '../../../server/http/http-server.ts';
import { StartError } from '../../../server/store/status.ts';

const host = '127.0.0.1';

test('start and stop are idempotent, and a taken port is one clear line', async () => {
  const first = createHttpServer({ callback: (_req, res) => res.end('ok'), host, port: 0 });
  await Promise.all([first.start(), first.start()]);
  const second = createHttpServer({ callback: () => {}, host, port: first.port() });
  await assert.rejects(second.start(), (error) => {
    assert.ok(error instanceof StartError);
    assert.match(error.message, /^cannot listen on 127\.0\.0\.1:\d+: another program listens there already$/);
    return true;
  });
  await second.stop();
  assert.equal(await (await request(`http://${host}:${first.port()}`)).body.text(), 'ok');
  await Promise.all([first.stop(), first.stop()]);
  await createHttpServer({ callback: () => {}, host, port: 0 }).stop();
});

test('stop lets requests under way finish and parts from idle connections', async (t) => {
  const waiting: ServerResponse[] = [];
  const part = createHttpServer({
    callback: (req, res) => (req.url === '/slow' ? waiting.push(res) : res.end('ok')),
    host,
    port: 0,
  });
  await part.start();
  const agent = new Agent({ connections: 2 });
  t.after(() => agent.close());
  const origin = `http://${host}:${part.port()}`;
  await (await request(origin, { dispatcher: agent })).body.text();
  const slow = request(`${origin}/slow`, { dispatcher: agent });
  await once(part.server, 'request');
  const stopped = part.stop();
  waiting[0]?.end('done');
  const { headers, body } = await slow;
  assert.equal(await body.text(), 'done');
  assert.equal(headers.connection, 'close');
  await stopped;
});

test('a request that does not end is cut off after the time given', async (t) => {
  const part = createHttpServer({ callback: () => {}, host, port: 0, stopMs: 20 });
  await part.start();
  const agent = new Agent();
  t.after(() => agent.close());
  const never = request(`http://${host}:${part.port()}`, { dispatcher: agent });
  const failed = assert.rejects(never);
  await once(part.server, 'request');
  await part.stop();
  await failed;
});
