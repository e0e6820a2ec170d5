/**
 * Refresh tokens: `userId.sessionId.counter.secret`. Only hashes of secrets are kept. A token's successor is an HMAC of
 * the token under a key of the server's, so that it can be answered again without having been stored.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';

export interface RefreshToken {
  userId: string;
  sessionId: string;
  counter: number;
  secret: string;
}

const FORM = /^(u[a-z2-7]{24})\.([A-Za-z0-9_-]{22})\.(0|[1-9]\d{0,14})\.([A-Za-z0-9_-]{43})$/;

/** Null when the text cannot be one of ours. */
export function parseRefreshToken(text: string): RefreshToken | null {
  const match = FORM.exec(text);
  if (match === null) return null;
  const [, userId, sessionId, counter, secret] = match as unknown as [string, string, string, string, string];
  return { userId, sessionId, counter: Number(counter), secret };
}

export const formatRefreshToken = (token: RefreshToken): string =>
  `${token.userId}.${token.sessionId}.${token.counter}.${token.secret}`;

/** 128 random bits. */
export const newSessionId = (): string => randomBytes(16).toString('base64url');

/** The first token of a session. */
export function firstRefreshToken(userId: string, sessionId: string): RefreshToken {
  return { userId, sessionId, counter: 0, secret: randomBytes(32).toString('base64url') };
}

/** The one token that follows `token`; the same whenever it is asked for. */
export function successorOf(token: RefreshToken, serverSecret: string): RefreshToken {
  const secret = createHmac('sha256', serverSecret)
    .update(`refresh\0${formatRefreshToken(token)}`)
    .digest('base64url');
  return { ...token, counter: token.counter + 1, secret };
}

/** What the store keeps instead of the secret. */
export const hashOfRefreshToken = (token: RefreshToken): string =>
  createHash('sha256').update(formatRefreshToken(token)).digest('base64url');

/** How many steps a chain of successors is followed. */
const MOST_STEPS = 3_000;

/**
 * Whether following its successors from `token` gives the token of that counter and hash: then it was once one of ours.
 * Followed under each secret, and from the older ones (listed last) over to the newer ones as far as the bound allows.
 */
export function leadsTo(
  token: RefreshToken,
  end: { counter: number; hash: string },
  serverSecrets: readonly string[],
): boolean {
  const steps = end.counter - token.counter;
  if (steps < 1 || steps > MOST_STEPS) return false;
  const isEnd = (one: RefreshToken) => hashOfRefreshToken(one) === end.hash;
  for (const secret of serverSecrets) {
    let at = token;
    for (let step = 0; step < steps; step += 1) at = successorOf(at, secret);
    if (isEnd(at)) return true;
  }
  if (serverSecrets.length === 1) return false;
  let left = MOST_STEPS;
  let reached = [{ token, newest: serverSecrets.length - 1 }];
  for (let step = 0; step < steps; step += 1) {
    const after: typeof reached = [];
    for (const one of reached) {
      for (let index = one.newest; index >= 0; index -= 1) {
        if (left-- === 0) return false;
        after.push({ token: successorOf(one.token, serverSecrets[index] as string), newest: index });
      }
    }
    reached = after;
  }
  return reached.some((one) => isEnd(one.token));
}
