import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import jwt from 'jsonwebtoken';
import { ACCESS_TOKEN_SECONDS, createAccessTokens } from '../../../server/auth/access-tokens.ts';
import { loadJwtSecrets } from '../../../server/auth/jwt-secrets.ts';
import { userIdOf } from '../../../server/auth/user-id.ts';
import { AppError } from '../../../server/lib/errors.ts';
import { manualClock } from '../http/support/manual-clock.ts';
import { memoryDocuments } from '../http/support/memory-documents.ts';

const OLD = 'the-old-secret-of-thirty-two-bytes-or-so';
const NEW = 'the-new-secret-of-thirty-two-bytes-or-so';
const claims = { userId: 'u1', sessionId: 's1', attrs: ['role:member'] };
const code = (act: () => unknown) => {
  try {
    act();
    return 'none';
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};

test('a token tells who and until when, by the clock that was given', () => {
  const clock = manualClock();
  const tokens = createAccessTokens({ secrets: [NEW], clock });
  const token = tokens.sign(claims);
  assert.deepEqual(tokens.verify(token), { userId: 'u1', sessionId: 's1', expiresAt: clock.now() + 900_000 });
  clock.advance(ACCESS_TOKEN_SECONDS * 1000 - 1);
  assert.equal(tokens.verify(token).userId, 'u1');
  clock.advance(1);
  assert.equal(
    code(() => tokens.verify(token)),
    'TOKEN_EXPIRED',
  );
});

test('the first secret signs and all of them verify', () => {
  const clock = manualClock();
  const before = createAccessTokens({ secrets: [OLD], clock });
  const during = createAccessTokens({ secrets: [NEW, OLD], clock });
  const after = createAccessTokens({ secrets: [NEW], clock });
  const old = before.sign(claims);
  const fresh = during.sign(claims);
  assert.equal(during.verify(old).userId, 'u1');
  assert.equal(after.verify(fresh).userId, 'u1');
  assert.equal(
    code(() => after.verify(old)),
    'TOKEN_INVALID',
  );
  assert.equal(
    code(() => before.verify(fresh)),
    'TOKEN_INVALID',
  );
  clock.advance(900_000);
  assert.equal(
    code(() => during.verify(old)),
    'TOKEN_EXPIRED',
    'expired under the second secret',
  );
});

test('algorithm, issuer, audience and claims are pinned', () => {
  const clock = manualClock();
  const tokens = createAccessTokens({ secrets: [NEW], clock });
  const exp = Math.floor(clock.now() / 1000) + 60;
  const body = { sub: 'u1', sid: 's1', attrs: [], exp };
  const both = { issuer: 'zhundian', audience: 'zhundian-api' };
  assert.equal(tokens.verify(jwt.sign(body, NEW, both)).userId, 'u1');
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unsigned = `${part({ alg: 'none', typ: 'JWT' })}.${part({ ...body, iss: both.issuer, aud: both.audience })}.`;
  const forged = [
    unsigned,
    jwt.sign(body, NEW, { ...both, algorithm: 'HS384' }),
    jwt.sign(body, NEW, { ...both, issuer: 'someone' }),
    jwt.sign(body, NEW, { ...both, audience: 'zhundian-share' }),
    jwt.sign({ sub: 'u1', sid: 's1', attrs: [] }, NEW, both),
    jwt.sign({ sub: 'u1', attrs: [], exp }, NEW, both),
    jwt.sign({ sid: 's1', attrs: [], exp }, NEW, both),
    jwt.sign(body, 'another secret', both),
    `${jwt.sign(body, NEW, both)}x`,
    '',
    'a.b',
    '..',
  ];
  for (const token of forged)
    assert.equal(
      code(() => tokens.verify(token)),
      'TOKEN_INVALID',
      token,
    );
  const [head, payload] = jwt.sign(body, NEW, both).split('.') as [string, string];
  const other = part({ ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: 'u2' });
  const signature = createHmac('sha256', 'guess').update(`${head}.${other}`).digest('base64url');
  assert.equal(
    code(() => tokens.verify(`${head}.${other}.${signature}`)),
    'TOKEN_INVALID',
  );
});

test('servers that start together agree on one secret, and configured ones come first', async () => {
  const documents = memoryDocuments(manualClock());
  const made = await Promise.all(Array.from({ length: 20 }, () => loadJwtSecrets([], documents)));
  assert.equal(new Set(made.map(([secret]) => secret)).size, 1);
  assert.ok(Buffer.byteLength(made[0]?.[0] ?? '') >= 32);
  assert.deepEqual(await loadJwtSecrets([], documents), made[0]);
  assert.deepEqual(await loadJwtSecrets([NEW, OLD], documents), [NEW, OLD]);
});

test('user ids are 24 characters of base32 after a u, stable, and apart by appid', () => {
  assert.match(userIdOf('wx1', 'o-anna'), /^u[a-z2-7]{24}$/);
  assert.equal(userIdOf('wx1', 'o-anna'), userIdOf('wx1', 'o-anna'));
  assert.notEqual(userIdOf('wx1', 'o-anna'), userIdOf('wx2', 'o-anna'));
  // Computed apart: printf a:b | openssl dgst -sha256 -binary | head -c 15 | base32
  assert.equal(userIdOf('a', 'b'), 'um6b2ghvl62gmybta7e24batc');
});
