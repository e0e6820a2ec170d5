import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { request } from 'undici';
import { AppError } from '../../../server/lib/errors.ts';
import { createSandboxExchange } from '../../../server/wechat/sandbox.ts';
import { createSandboxDemo } from '../../../server/wechat/sandbox-demo.ts';
import { manualClock } from '../http/support/manual-clock.ts';

test('sandbox:<name> is that user, as often as one likes; anything else is demo', async () => {
  const { exchange } = createSandboxExchange();
  assert.deepEqual(await exchange('sandbox:安娜-1_b'), { openid: 'sandbox:安娜-1_b', name: '安娜-1_b' });
  assert.deepEqual(await exchange('sandbox:安娜-1_b'), { openid: 'sandbox:安娜-1_b', name: '安娜-1_b' });
  assert.equal((await exchange('0a1b2c')).name, 'demo');
  assert.equal((await exchange('sandbox')).name, 'demo');
  for (const code of ['sandbox:', `sandbox:${'x'.repeat(33)}`, 'sandbox:a b', 'sandbox:<b>', 'sandbox:a\n']) {
    await assert.rejects(
      exchange(code),
      (error) => error instanceof AppError && error.code === 'LOGIN_CODE_INVALID',
    );
  }
});

async function startDemo(t: TestContext, random?: () => number) {
  const clock = manualClock();
  const demo = createSandboxDemo({ clock, ...(random && { random }) });
  assert.throws(() => demo.host());
  await demo.start();
  await demo.start();
  t.after(() => demo.stop());
  const get = async (path: string) => {
    const { statusCode, body } = await request(`http://${demo.host()}${path}`);
    return { status: statusCode, json: (await body.json()) as Record<string, unknown> };
  };
  return { clock, demo, get };
}

test('an order goes its way, each by itself', async (t) => {
  const { get } = await startDemo(t);
  const statusOf = async (id: string) => (await get(`/demo/order?id=${id}`)).json.status;
  const seen: unknown[] = [];
  for (let n = 0; n < 11; n++) seen.push(await statusOf('a'));
  assert.deepEqual([...new Set(seen)], ['created', 'paid', 'shipped', 'done']);
  assert.equal(seen.at(-1), 'done');
  assert.equal(seen.indexOf('done'), 9);
  assert.equal(await statusOf('b'), 'created');
});

test('the site answers, now and then slowly', async (t) => {
  let dice = 0.9;
  const { get, clock } = await startDemo(t, () => dice);
  assert.deepEqual(await get('/demo/site'), { status: 200, json: { ok: true, at: clock.now() } });
  dice = 0.1;
  const startedAt = performance.now();
  assert.equal((await get('/demo/site')).status, 200);
  assert.ok(performance.now() - startedAt >= 25);
});

test('the list changes slowly: with every step one goes and one comes', async (t) => {
  const { get, clock } = await startDemo(t);
  const ids = async () => ((await get('/demo/items')).json.items as { id: string }[]).map(({ id }) => id);
  const before = await ids();
  assert.deepEqual(await ids(), before);
  clock.advance(60_000);
  const after = await ids();
  assert.deepEqual(after.slice(0, -1), before.slice(1));
  assert.ok(!before.includes(after.at(-1) ?? ''));
});

test('it listens on loopback only, knows nothing else, and stops', async (t) => {
  const { demo, get } = await startDemo(t);
  assert.match(demo.host(), /^127\.0\.0\.1:\d+$/);
  for (const path of ['/', '//', '/demo', '/toString', '/demo/../etc'])
    assert.equal((await get(path)).status, 404, path);
  const host = demo.host();
  await demo.stop();
  await demo.stop();
  await assert.rejects(request(`http://${host}/demo/site`));
});
