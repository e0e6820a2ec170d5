/** Rotation of refresh tokens under lost answers, races and theft. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSessions, GRACE_MS, SESSION_MS, SESSIONS_PER_USER } from '../../../server/auth/sessions.ts';
import { userIdOf } from '../../../server/auth/user-id.ts';
import { AppError } from '../../../server/lib/errors.ts';
import { StoreUnavailableError } from '../../../server/store/status.ts';
import { manualClock } from '../http/support/manual-clock.ts';
import { memoryDocuments } from '../http/support/memory-documents.ts';

const SECRETS = ['the-first-secret-of-thirty-two-bytes-or-so'];
const ANNA = userIdOf('test', 'anna');

function setUp(secrets = SECRETS) {
  const clock = manualClock();
  const documents = memoryDocuments(clock);
  return { clock, documents, sessions: createSessions({ documents, secrets, clock }) };
}
const refused = (error: unknown) => error instanceof AppError && error.code === 'REFRESH_INVALID';
type Sessions = ReturnType<typeof setUp>['sessions'];
const next = async (sessions: Sessions, token: string) => (await sessions.refresh(token)).refreshToken;

test('each refresh gives another token of the same session', async () => {
  const { sessions } = setUp();
  const first = await sessions.open(ANNA);
  let token = first.refreshToken;
  const seen = new Set([token]);
  for (let n = 0; n < 5; n++) {
    const again = await sessions.refresh(token);
    assert.equal(again.sessionId, first.sessionId);
    token = again.refreshToken;
    seen.add(token);
  }
  assert.equal(seen.size, 6);
});

test('the token before answers the same successor for 60 s; used later it ends the session', async () => {
  const { sessions, clock } = setUp();
  const { refreshToken, sessionId } = await sessions.open(ANNA);
  const second = await next(sessions, refreshToken);
  clock.advance(GRACE_MS);
  assert.equal(await next(sessions, refreshToken), second);
  clock.advance(1);
  await assert.rejects(sessions.refresh(refreshToken), refused);
  assert.equal(await sessions.isOpen(ANNA, sessionId), false);
  await assert.rejects(sessions.refresh(second), refused);
});

test('a token two steps back ends the session at once: somebody else holds the newer one', async () => {
  const { sessions } = setUp();
  const { refreshToken: first, sessionId } = await sessions.open(ANNA);
  const second = await next(sessions, first);
  const third = await next(sessions, second);
  await assert.rejects(sessions.refresh(first), refused);
  assert.equal(await sessions.isOpen(ANNA, sessionId), false);
  await assert.rejects(sessions.refresh(third), refused);
});

test('many refreshes of one token at the same time, on several servers, all get the same successor', async () => {
  const { documents, clock, sessions } = setUp();
  const { refreshToken } = await sessions.open(ANNA);
  const servers = Array.from({ length: 4 }, () => createSessions({ documents, secrets: SECRETS, clock }));
  const asked = Array.from({ length: 40 }, (_, n) => next(servers[n % 4] as Sessions, refreshToken));
  const got = new Set(await Promise.all(asked));
  assert.equal(got.size, 1);
  const [second] = got;
  assert.notEqual(await next(sessions, second as string), second);
});

test('servers in the middle of a change of secrets agree as well', async () => {
  const { documents, clock, sessions } = setUp(['old-secret-of-at-least-thirty-two-bytes']);
  const both = ['new-secret-of-at-least-thirty-two-bytes', 'old-secret-of-at-least-thirty-two-bytes'];
  const newer = createSessions({ documents, secrets: both, clock });
  const { refreshToken } = await sessions.open(ANNA);
  const [a, b] = await Promise.all([next(sessions, refreshToken), next(newer, refreshToken)]);
  assert.equal(a, b);
  const after = createSessions({ documents, secrets: both.slice(0, 1), clock });
  assert.notEqual(await next(after, b), b, 'a session outlives the secret it began under');
});

test('an answer lost after the step was taken is made good by asking again', async () => {
  const { sessions, documents } = setUp();
  const { refreshToken } = await sessions.open(ANNA);
  documents.losePutAnswer = true;
  await assert.rejects(sessions.refresh(refreshToken), StoreUnavailableError);
  const second = await next(sessions, refreshToken);
  assert.equal(await next(sessions, refreshToken), second);
  assert.ok(await next(sessions, second));
});

test('a session ends 30 days after its last refresh', async () => {
  const { sessions, clock } = setUp();
  const { refreshToken } = await sessions.open(ANNA);
  clock.advance(SESSION_MS - 1);
  const second = await next(sessions, refreshToken);
  clock.advance(SESSION_MS - 1);
  const third = await next(sessions, second);
  clock.advance(SESSION_MS);
  await assert.rejects(sessions.refresh(third), refused);
});

test('what is not a token of ours is refused and ends nothing', async () => {
  const { sessions } = setUp();
  const { refreshToken, sessionId } = await sessions.open(ANNA);
  const [user, session, counter, secret] = refreshToken.split('.') as [string, string, string, string];
  const wrong = 'A'.repeat(43);
  const second = await next(sessions, refreshToken);
  const forged = [
    '',
    'x',
    `${user}.${session}.${counter}`,
    `${user}.${session}.1.${wrong}`,
    `${user}.${session}.0.${wrong}`,
    `${user}.${session}.2.${secret}`,
    `${user}.${session}.-1.${secret}`,
    `${user}.${session}.00.${secret}`,
    `${user}.${session}.1e0.${secret}`,
    `${userIdOf('test', 'boris')}.${session}.1.${second.split('.')[3]}`,
    `${user}.${'B'.repeat(22)}.0.${secret}`,
    `${refreshToken} `,
    `${refreshToken}.x`,
    '../../etc/passwd',
  ];
  for (const token of forged) await assert.rejects(sessions.refresh(token), refused, token);
  assert.equal(await sessions.isOpen(ANNA, sessionId), true);
  assert.ok(await next(sessions, second));
});

test('no token is kept, only hashes', async () => {
  const { sessions, documents } = setUp();
  const { refreshToken } = await sessions.open(ANNA);
  const second = await next(sessions, refreshToken);
  for (const token of [refreshToken, second])
    assert.ok(!documents.dump().includes(token.split('.')[3] as string));
});

test('signing out takes the current token or the one before, and no other', async () => {
  const { sessions } = setUp();
  const { refreshToken, sessionId } = await sessions.open(ANNA);
  const second = await next(sessions, refreshToken);
  assert.equal(await sessions.end(`${second.slice(0, -43)}${'A'.repeat(43)}`), null);
  assert.equal(await sessions.end('nonsense'), null);
  assert.deepEqual(await sessions.end(refreshToken), { userId: ANNA, sessionId });
  assert.equal(await sessions.end(second), null);
  await assert.rejects(sessions.refresh(second), refused);
});

test('a refresh that races with signing out does not bring the session back', async () => {
  const { sessions } = setUp();
  for (let n = 0; n < 20; n++) {
    const { refreshToken, sessionId } = await sessions.open(ANNA);
    const [, ended] = await Promise.allSettled([sessions.refresh(refreshToken), sessions.end(refreshToken)]);
    assert.equal(ended.status, 'fulfilled');
    assert.equal(await sessions.isOpen(ANNA, sessionId), false, `round ${n}`);
  }
});

test('a user keeps the newest twenty sessions', async () => {
  const { sessions, clock } = setUp();
  const opened: string[] = [];
  for (let n = 0; n < SESSIONS_PER_USER + 3; n++) {
    clock.advance(1);
    opened.push((await sessions.open(ANNA)).sessionId);
  }
  const open = await Promise.all(opened.map((id) => sessions.isOpen(ANNA, id)));
  assert.deepEqual(open.map(Number).join(''), `000${'1'.repeat(SESSIONS_PER_USER)}`);
});

test('a forged old token ends nothing; a real one does, however long the chain since', async () => {
  const { sessions } = setUp();
  const { refreshToken: first, sessionId } = await sessions.open(ANNA);
  let token = first;
  for (let n = 0; n < 100; n++) token = await next(sessions, token);
  const [user, session] = first.split('.') as [string, string];
  for (const counter of [0, 1, 50, 98]) {
    const forged = `${user}.${session}.${counter}.${'A'.repeat(43)}`;
    await assert.rejects(sessions.refresh(forged), refused);
  }
  assert.equal(await sessions.isOpen(ANNA, sessionId), true, 'a guess signs nobody out');
  token = await next(sessions, token);
  await assert.rejects(sessions.refresh(first), refused);
  assert.equal(await sessions.isOpen(ANNA, sessionId), false);
});

test('an old token from before a change of secrets still ends its session', async () => {
  const [old, fresh] = ['old-secret-of-at-least-thirty-two-bytes', 'new-secret-of-at-least-thirty-two-bytes'];
  const { documents, clock, sessions } = setUp([old]);
  const both = createSessions({ documents, secrets: [fresh, old], clock });
  const { refreshToken: first, sessionId } = await sessions.open(ANNA);
  let token = first;
  for (let n = 0; n < 5; n++) token = await next(sessions, token);
  for (let n = 0; n < 5; n++) token = await next(both, token);
  await assert.rejects(both.refresh(first), refused);
  assert.equal(await sessions.isOpen(ANNA, sessionId), false);
});
