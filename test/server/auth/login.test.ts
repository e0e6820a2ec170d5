import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearerToken, createAuth } from '../../../server/auth/login.ts';
import { SESSION_CHECK_MS } from '../../../server/auth/session-check.ts';
import { AppError } from '../../../server/lib/errors.ts';
import { StoreUnavailableError } from '../../../server/store/status.ts';
import { createSandboxExchange } from '../../../server/wechat/sandbox.ts';
import { manualClock } from '../http/support/manual-clock.ts';
import { memoryDocuments } from '../http/support/memory-documents.ts';

function setUp(operatorOpenids: string[] = []) {
  const clock = manualClock();
  const documents = memoryDocuments(clock);
  const server = (openids = operatorOpenids) =>
    createAuth({
      documents,
      clock,
      exchange: createSandboxExchange(),
      secrets: ['a-secret-of-the-tests-32-bytes-or-more'],
      appid: null,
      operatorOpenids: openids,
    });
  return { clock, documents, server };
}
const code = (wanted: string) => (error: unknown) => error instanceof AppError && error.code === wanted;

test('people who sign in at the same moment on several servers are one user each', async () => {
  const { server } = setUp();
  const servers = [server(), server(), server()];
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) => servers[n % 3]?.login('sandbox:anna', n % 2 ? 'en' : 'zh-CN')),
  );
  const users = new Set(answers.map((answer) => JSON.stringify(answer?.user)));
  assert.equal(users.size, 1);
});

test('an access token of an ended session stops within 5 s on every server, and at once on the one that ended it', async () => {
  const { server, clock } = setUp();
  const [here, there] = [server(), server()];
  const { accessToken, refreshToken, user } = await here.login('sandbox:anna', 'zh-CN');
  assert.equal((await here.authenticate(accessToken)).userId, user.id);
  assert.equal((await there.authenticate(accessToken)).userId, user.id);
  clock.advance(1);
  await here.logout(refreshToken);
  await assert.rejects(here.authenticate(accessToken), code('TOKEN_INVALID'));
  assert.equal((await there.authenticate(accessToken)).userId, user.id);
  clock.advance(SESSION_CHECK_MS - 1);
  await assert.rejects(there.authenticate(accessToken), code('TOKEN_INVALID'));
});

test('with the store away a session confirmed within 5 s still counts, an older one is 503', async () => {
  const { server, clock, documents } = setUp();
  const auth = server();
  const { accessToken, user } = await auth.login('sandbox:anna', 'zh-CN');
  await auth.authenticate(accessToken);
  documents.away = true;
  clock.advance(SESSION_CHECK_MS - 1);
  assert.equal((await auth.authenticate(accessToken)).userId, user.id);
  clock.advance(1);
  await assert.rejects(auth.authenticate(accessToken), StoreUnavailableError);
  await assert.rejects(server().authenticate(accessToken), StoreUnavailableError);
  documents.away = false;
  assert.equal((await auth.authenticate(accessToken)).userId, user.id);
});

test('a clock that steps back does not make an old confirmation young', async () => {
  const { server, clock, documents } = setUp();
  const auth = server();
  const { accessToken } = await auth.login('sandbox:anna', 'zh-CN');
  await auth.authenticate(accessToken);
  documents.away = true;
  clock.advance(-3_600_000);
  await assert.rejects(auth.authenticate(accessToken), StoreUnavailableError);
});

test('a hundred requests at once ask the store once', async () => {
  const { server, documents } = setUp();
  const auth = server();
  const { accessToken } = await auth.login('sandbox:anna', 'zh-CN');
  const before = documents.calls;
  await Promise.all(Array.from({ length: 100 }, () => auth.authenticate(accessToken)));
  assert.equal(documents.calls, before + 1);
});

test('attributes are those of the moment, whatever the token was signed with', async () => {
  const { server } = setUp();
  const { accessToken } = await server([]).login('sandbox:anna', 'zh-CN');
  const promoted = await server(['sandbox:anna']).authenticate(accessToken);
  assert.deepEqual(promoted.attrs, ['role:member', 'role:operator']);
  const { accessToken: operators } = await server(['sandbox:anna']).login('sandbox:anna', 'zh-CN');
  assert.deepEqual((await server([]).authenticate(operators)).attrs, ['role:member']);
});

test('a refresh renews the access token of the same session', async () => {
  const { server, clock } = setUp();
  const auth = server();
  const first = await auth.login('sandbox:anna', 'zh-CN');
  clock.advance(900_000);
  await assert.rejects(auth.authenticate(first.accessToken), code('TOKEN_EXPIRED'));
  const second = await auth.refresh(first.refreshToken);
  assert.deepEqual(second.user, first.user);
  assert.equal(second.expiresIn, 900);
  assert.equal(
    (await auth.authenticate(second.accessToken)).expiresAt,
    Math.floor(clock.now() / 1000) * 1000 + 900_000,
  );
});

test('ending all sessions of a user leaves those of others', async () => {
  const { server } = setUp();
  const auth = server();
  const anna = [await auth.login('sandbox:anna', 'zh-CN'), await auth.login('sandbox:anna', 'zh-CN')];
  const boris = await auth.login('sandbox:boris', 'zh-CN');
  for (const { accessToken } of anna) await auth.authenticate(accessToken);
  await auth.endSessions(anna[0]?.user.id ?? '');
  for (const { accessToken } of anna)
    await assert.rejects(auth.authenticate(accessToken), code('TOKEN_INVALID'));
  assert.ok(await auth.authenticate(boris.accessToken));
});

test('the openid is kept for messages and never answered', async () => {
  const { server, documents } = setUp();
  const answer = await server().login('sandbox:anna', 'zh-CN');
  assert.ok(documents.dump().includes('sandbox:anna'));
  assert.ok(!JSON.stringify(answer).includes('sandbox:anna'));
});

test('only a bearer token is a token', () => {
  assert.equal(bearerToken('Bearer a.b.c'), 'a.b.c');
  assert.equal(bearerToken('bearer  a.b.c'), 'a.b.c');
  for (const header of [undefined, '']) assert.throws(() => bearerToken(header), code('AUTH_REQUIRED'));
  for (const header of ['Basic YTpi', 'Bearer', 'Bearer a b', 'a.b.c']) {
    assert.throws(() => bearerToken(header), code('TOKEN_INVALID'));
  }
});
