import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { inspect } from 'node:util';
import { AppError } from '../../../server/lib/errors.ts';
import { createLogger } from '../../../server/lib/logger.ts';
import { createCode2Session } from '../../../server/wechat/code2session.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { manualClock } from '../http/support/manual-clock.ts';
import { startFakeWechat } from './fake-wechat.ts';

async function setUp(t: TestContext, more: { secret?: string; appid?: string; timeoutMs?: number } = {}) {
  const clock = manualClock();
  const wechat = await startFakeWechat(t, clock.now);
  const exchange = createCode2Session({
    appid: 'wx-test',
    secret: 'wx-secret',
    apiBase: wechat.apiBase,
    ...more,
  });
  return { clock, wechat, exchange };
}

/** Refused with this code, in words and causes that do not hold the secret. */
async function refused(act: Promise<unknown>, code: ErrorCode): Promise<AppError> {
  const error = await act.then(
    () => assert.fail('was not refused'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AppError, inspect(error));
  assert.equal(error.code, code);
  const lines: string[] = [];
  createLogger({ level: 'info', destination: { write: (line) => lines.push(line) } }).error({ err: error });
  for (const text of [lines.join(''), inspect(error, { depth: 10, showHidden: true })]) {
    assert.ok(!text.includes('wx-secret'), text);
  }
  return error;
}

test('a fresh code gives the openid, and the unionid where there is one', async (t) => {
  const { wechat, exchange } = await setUp(t);
  assert.deepEqual(await exchange.exchange(wechat.issue('o-anna')), { openid: 'o-anna' });
  assert.deepEqual(await exchange.exchange(wechat.issue('o-anna', 'union')), {
    openid: 'o-anna',
    unionid: 'union',
  });
  assert.deepEqual(Object.fromEntries(wechat.asked[0] ?? []), {
    appid: 'wx-test',
    secret: 'wx-secret',
    js_code: wechat.asked[0]?.get('js_code'),
    grant_type: 'authorization_code',
  });
});

test('a code works once and for five minutes, and unknown ones not at all', async (t) => {
  const { wechat, exchange, clock } = await setUp(t);
  const code = wechat.issue('o-anna');
  await exchange.exchange(code);
  await refused(exchange.exchange(code), 'LOGIN_CODE_INVALID');
  const late = wechat.issue('o-anna');
  clock.advance(5 * 60_000 + 1);
  await refused(exchange.exchange(late), 'LOGIN_CODE_INVALID');
  await refused(exchange.exchange('made up'), 'LOGIN_CODE_INVALID');
  await refused(exchange.exchange('x&secret=other&js_code=y'), 'LOGIN_CODE_INVALID');
  assert.equal(wechat.asked.at(-1)?.getAll('secret').length, 1);
});

test('success is having an openid, with errcode 0 or none', async (t) => {
  const { wechat, exchange } = await setUp(t);
  wechat.nextAnswer({ errcode: 0, errmsg: 'ok', openid: 'o-1', session_key: 'k' });
  assert.deepEqual(await exchange.exchange('c'), { openid: 'o-1' });
  wechat.nextAnswer({ openid: 'o-2', unionid: '' });
  assert.deepEqual(await exchange.exchange('c'), { openid: 'o-2' });
});

const TABLE: [answer: object | string, code: ErrorCode][] = [
  [{ errcode: 40029, errmsg: 'invalid code' }, 'LOGIN_CODE_INVALID'],
  [{ errcode: 40163, errmsg: 'code been used' }, 'LOGIN_CODE_INVALID'],
  [{ errcode: 40226, errmsg: 'code blocked' }, 'USER_BLOCKED'],
  [{ errcode: 45011, errmsg: 'api minute-quota reach limit' }, 'RATE_LIMITED'],
  [{ errcode: -1, errmsg: 'system error' }, 'WECHAT_UNAVAILABLE'],
  [{ errcode: 40013, errmsg: 'invalid appid wx-secret' }, 'WECHAT_UNAVAILABLE'],
  [{ errcode: 0 }, 'WECHAT_UNAVAILABLE'],
  [{ openid: '' }, 'WECHAT_UNAVAILABLE'],
  [{ openid: 7 }, 'WECHAT_UNAVAILABLE'],
  [{}, 'WECHAT_UNAVAILABLE'],
  ['null', 'WECHAT_UNAVAILABLE'],
  ['"text"', 'WECHAT_UNAVAILABLE'],
  ['<html>busy</html>', 'WECHAT_UNAVAILABLE'],
  ['', 'WECHAT_UNAVAILABLE'],
  ['x'.repeat(100_000), 'WECHAT_UNAVAILABLE'],
];
test('each refusal of WeChat has its code', async (t) => {
  const { wechat, exchange } = await setUp(t);
  for (const [answer, code] of TABLE) {
    wechat.nextAnswer(answer);
    const error = await refused(exchange.exchange('c'), code);
    if (error.status === 429 || error.status === 503) assert.ok((error.retryAfter ?? 0) >= 1);
  }
});

test('HTTP errors, redirects, resets and silence are WECHAT_UNAVAILABLE, within the time', async (t) => {
  const { wechat, exchange } = await setUp(t, { timeoutMs: 300 });
  wechat.nextReply((res) => res.writeHead(502).end('{"openid":"o-proxy"}'));
  await refused(exchange.exchange('c'), 'WECHAT_UNAVAILABLE');
  wechat.nextReply((res) => res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end());
  await refused(exchange.exchange('c'), 'WECHAT_UNAVAILABLE');
  wechat.nextReply((res) => res.destroy());
  await refused(exchange.exchange('c'), 'WECHAT_UNAVAILABLE');
  const startedAt = performance.now();
  wechat.nextReply(() => {});
  await refused(exchange.exchange('c'), 'WECHAT_UNAVAILABLE');
  wechat.nextReply((res) => void res.writeHead(200).write('{"openid":'));
  await refused(exchange.exchange('c'), 'WECHAT_UNAVAILABLE');
  assert.ok(performance.now() - startedAt < 2_500);
  await wechat.stop();
  await refused(exchange.exchange('c'), 'WECHAT_UNAVAILABLE');
});

test('a wrong secret of ours is not blamed on the user', async (t) => {
  const { wechat, exchange } = await setUp(t, { secret: 'outdated' });
  const error = await refused(exchange.exchange(wechat.issue('o-anna')), 'WECHAT_UNAVAILABLE');
  assert.match(String(error.cause), /40125/);
});
