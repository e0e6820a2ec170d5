import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settled } from './support/fake-time.ts';
import { answer, failure } from './support/fake-wx.ts';
import { signInParts } from './support/sign-in.ts';

const code = (expected: string) => (error: unknown) => (error as { code: string }).code === expected;

test('nothing is asked before the first need, and then once for all who ask', async () => {
  const { session, server, wx } = signInParts();
  assert.equal(wx.logins, 0);
  const asked = await Promise.all([session.accessToken(), session.accessToken(), session.renew('none')]);
  assert.deepEqual(asked, ['access-login1', 'access-login1', 'access-login1']);
  assert.equal(server.logins, 1);
  assert.equal(wx.logins, 1);
  assert.equal(session.user()?.id, 'u1');
});

test('a token near its end is refreshed once, and the new pair is kept for the next start', async () => {
  const { session, server, time, wx } = signInParts();
  await session.accessToken();
  await time.pass(900_000 - 30_001);
  assert.equal(await session.accessToken(), 'access-login1');
  await time.pass(1);
  assert.deepEqual(await Promise.all([session.accessToken(), session.accessToken()]), [
    'access-refresh1',
    'access-refresh1',
  ]);
  assert.equal(server.refreshes, 1);
  const next = signInParts(wx);
  assert.equal(next.session.user()?.id, 'u1');
  await next.session.renew('access-refresh1');
  assert.ok(wx.requests.at(-1)?.body?.includes('refresh-refresh1'), 'the newest refresh token is used');
});

test('a refused refresh signs in again, an unreachable server does not', async () => {
  const { session, server, wx } = signInParts();
  const first = await session.accessToken();
  const serve = wx.serve;
  wx.serve = (request) =>
    request.url.endsWith('/refresh') ? Promise.reject(failure('request:fail')) : server.serve(request);
  await assert.rejects(session.renew(first), code('NETWORK'));
  assert.equal(session.user()?.id, 'u1', 'the session is kept');
  assert.equal(server.logins, 1);
  wx.serve = () => answer(503, { error: { code: 'STORE_UNAVAILABLE', message: 'away', requestId: 'r' } });
  await assert.rejects(session.renew(first), code('STORE_UNAVAILABLE'));
  wx.serve = serve;
  server.refuseRefresh = true;
  assert.equal(await session.renew(first), 'access-login2');
  assert.equal(server.logins, 2);
});

test('renewing gives the token that came meanwhile', async () => {
  const { session, server } = signInParts();
  const first = await session.accessToken();
  const second = await session.renew(first);
  assert.equal(await session.renew(first), second);
  assert.equal(server.refreshes, 1);
});

test('after a sign-out nothing signs in by itself, also after a restart, until asked', async () => {
  const { session, server, wx } = signInParts();
  await session.accessToken();
  await session.logout();
  assert.deepEqual(server.ended, ['refresh-login1']);
  assert.equal(session.user(), null);
  await assert.rejects(session.accessToken(), code('SIGNED_OUT'));
  const next = signInParts(wx);
  await assert.rejects(next.session.accessToken(), code('SIGNED_OUT'));
  assert.equal(next.server.logins, 0);
  assert.equal((await next.session.login()).id, 'u1');
  assert.equal(next.server.logins, 1);
});

test('a sign-out that the server could not hear reaches it with the next sign-in', async () => {
  const { session, wx } = signInParts();
  await session.accessToken();
  wx.serve = () => Promise.reject(failure('request:fail'));
  await session.logout();
  assert.equal(session.user(), null);
  const next = signInParts(wx);
  await next.session.login();
  await settled();
  assert.deepEqual(next.server.ended, ['refresh-login1']);
  assert.equal(wx.storage.has('zd.endings'), false, 'told once');
});

test('an answer that comes after the sign-out is not taken, and its session is ended too', async () => {
  const { session, server, wx } = signInParts();
  await session.accessToken();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  wx.serve = async (request) => {
    const answered = server.serve(request);
    if (request.url.endsWith('/refresh')) await held;
    return answered;
  };
  const renewing = session.renew('access-login1');
  const rejected = assert.rejects(renewing, code('SIGNED_OUT'));
  await settled();
  await session.logout();
  release();
  await rejected;
  await settled();
  assert.equal(session.user(), null);
  assert.deepEqual(server.ended, ['refresh-login1', 'refresh-refresh1']);
  assert.equal(signInParts(wx).session.user(), null, 'nor is it kept');
});

test('another sandbox user takes the place of the first, whose session ends', async () => {
  const { session, server, wx } = signInParts();
  await session.accessToken();
  let changes = 0;
  const stop = session.onChange(() => {
    changes += 1;
  });
  assert.equal((await session.login('sandbox:alice')).id, 'alice');
  await settled();
  assert.equal(changes, 1);
  assert.deepEqual(server.ended, ['refresh-login1']);
  assert.equal(wx.logins, 1, 'WeChat is not asked');
  await session.logout();
  assert.equal((await session.login()).id, 'alice', 'the choice is kept');
  stop();
  assert.equal(changes, 3);
});

test('a failed WeChat login and an answer that is none are said as such', async () => {
  const { session, wx } = signInParts();
  wx.loginFails = true;
  await assert.rejects(session.accessToken(), code('LOGIN_FAILED'));
  wx.loginFails = false;
  wx.serve = () => answer(200, '<html>portal</html>');
  await assert.rejects(session.accessToken(), code('BAD_ANSWER'));
  wx.serve = () => answer(200, { accessToken: 'a', refreshToken: 'r', expiresIn: '900', user: { id: 'u' } });
  await assert.rejects(session.accessToken(), code('BAD_ANSWER'));
});

test('a storage that is full or holds nonsense leaves a session that works', async () => {
  const { wx } = signInParts();
  wx.storage.set('zd.tokens', { accessToken: 1 });
  wx.storage.set('zd.endings', 'x');
  const { session } = signInParts(wx);
  assert.equal(session.user(), null);
  await session.accessToken();
  wx.storageFull = true;
  await session.renew('access-login1');
  assert.equal(wx.storage.has('zd.tokens'), false, 'an older pair must not come back');
  await session.logout();
  await assert.rejects(session.accessToken(), code('SIGNED_OUT'));
});

test('a profile of the same user is taken over, one of another is not', async () => {
  const { session } = signInParts();
  await session.accessToken();
  const user = session.user()!;
  session.setUser({ ...user, name: 'Ann' });
  assert.equal(session.user()?.name, 'Ann');
  session.setUser({ ...user, id: 'u2', name: 'Bob' });
  assert.equal(session.user()?.name, 'Ann');
});
