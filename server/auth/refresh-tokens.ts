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
