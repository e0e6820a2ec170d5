import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import Koa from 'koa';
import { preview } from '../../server/http/middleware/preview.ts';
import { securityHeaders } from '../../server/http/middleware/security-headers.ts';
import type { HttpState } from '../../server/http/state.ts';
import { tempDir } from '../helpers/temp-dir.ts';

interface Answered {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Asks with the path as it is written: fetch would tidy it first. */
type Ask = (
  path: string,
  options?: { method?: string; headers?: Record<string, string> },
) => Promise<Answered>;

async function serve(t: TestContext, { production = false } = {}): Promise<Ask> {
  const folder = tempDir(t);
  const built = join(folder, 'preview');
  mkdirSync(join(built, 'app', 'images'), { recursive: true });
  writeFileSync(join(built, 'index.html'), '<p>frame</p>');
  writeFileSync(join(built, 'phone.js'), '1;');
  writeFileSync(join(built, '.hidden.js'), 'hidden');
  writeFileSync(join(built, 'notes.txt'), 'no type');
  writeFileSync(join(built, 'app', 'images', 'a.png'), 'png');
  writeFileSync(join(folder, 'secret.js'), 'secret');
  const app = new Koa<HttpState>();
  app.use(securityHeaders());
  app.use(preview({ production }, built));
  app.use((ctx) => {
    ctx.status = 404;
    ctx.body = 'not here';
  });
  const server = createServer(app.callback()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return (path, { method = 'GET', headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (answer) => {
        text(answer).then(
          (body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }),
          reject,
        );
      });
      asked.once('error', reject);
      asked.end();
    });
}

test('the built files, with their types', async (t) => {
  const ask = await serve(t);
  const page = await ask('/preview/');
  assert.deepEqual(
    [page.status, page.body, page.headers['content-type']],
    [200, '<p>frame</p>', 'text/html; charset=utf-8'],
  );
  assert.match(String(page.headers['content-security-policy']), /script-src 'self';.*frame-ancestors 'self'/);
  assert.equal(page.headers['x-frame-options'], 'SAMEORIGIN');
  assert.equal(
    (await ask('/preview/phone.js?x=1')).headers['content-type'],
    'text/javascript; charset=utf-8',
  );
  assert.equal((await ask('/preview/app/images/a.png')).body, 'png');
  assert.deepEqual(await ask('/preview').then(({ status, headers }) => [status, headers.location]), [
    302,
    '/preview/',
  ]);
});

test('a browser that has the file is told so', async (t) => {
  const ask = await serve(t);
  const first = await ask('/preview/phone.js');
  assert.equal(first.headers['cache-control'], 'no-cache');
  const again = await ask('/preview/phone.js', { headers: { 'If-None-Match': String(first.headers.etag) } });
  assert.deepEqual([again.status, again.body], [304, '']);
  const head = await ask('/preview/phone.js', { method: 'HEAD' });
  assert.deepEqual([head.status, head.body, head.headers['content-length']], [200, '', '2']);
});

test('nothing beside the folder, nothing hidden, nothing of an unknown type, nothing but reading', async (t) => {
  const ask = await serve(t);
  for (const path of [
    '/preview/../secret.js',
    '/preview/%2e%2e/secret.js',
    '/preview/..%2fsecret.js',
    '/preview/app/../../secret.js',
    '/preview/..\\secret.js',
    '/preview//secret.js',
    '/preview/./phone.js',
    '/preview/.hidden.js',
    '/preview/phone.js%00.png',
    '/preview/notes.txt',
    '/preview/app',
    '/preview/app/',
    '/preview/none.js',
    '/previewphone.js',
    '/phone.js',
  ]) {
    const { status, body } = await ask(path);
    assert.deepEqual([status, body], [404, 'not here'], path);
  }
  assert.equal((await ask('/preview/phone.js', { method: 'POST' })).status, 404);
});

test('in production there is no preview', async (t) => {
  const ask = await serve(t, { production: true });
  for (const path of ['/preview', '/preview/', '/preview/index.html', '/preview/phone.js'])
    assert.equal((await ask(path)).status, 404, path);
});
