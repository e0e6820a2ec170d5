/** Sessions: one per sign-in, kept as a document of the user, with a refresh token that rotates. */
import type { Clock } from '../lib/clock.ts';
import type { DocumentRecord } from '../store/records.ts';
import { StoreUnavailableError } from '../store/status.ts';
import { refreshInvalid } from './auth-errors.ts';
import { CAS_TRIES, type Documents } from './documents.ts';
import {
  firstRefreshToken,
  formatRefreshToken,
  hashOfRefreshToken,
  leadsTo,
  newSessionId,
  parseRefreshToken,
  type RefreshToken,
  successorOf,
} from './refresh-tokens.ts';

/** A session ends this long after its last refresh. */
export const SESSION_MS = 30 * 86_400_000;
/** How long the previous token answers the same successor: an answer may have been lost on the way. */
export const GRACE_MS = 60_000;
/** The oldest go beyond this many. */
export const SESSIONS_PER_USER = 20;

interface SessionValue {
  counter: number;
  hash: string;
  /** Of the token before; null at the start. */
  previousHash: string | null;
  rotatedAt: number;
}
const sessionOf = (record: DocumentRecord) => record.value as unknown as SessionValue;

export interface OpenSession {
  userId: string;
  sessionId: string;
  refreshToken: string;
}

export interface Sessions {
  open(userId: string): Promise<OpenSession>;
  /** Rotates. Rejects with REFRESH_INVALID; a real token used after its grace ends its session as well. */
  refresh(text: string): Promise<OpenSession>;
  /** The session of a current or just replaced token, ended; null when the token is not such a one. */
  end(text: string): Promise<{ userId: string; sessionId: string } | null>;
  /** Ends all of a user's sessions; answers their ids. */
  endAll(userId: string): Promise<string[]>;
  isOpen(userId: string, sessionId: string): Promise<boolean>;
}

export function createSessions(deps: { documents: Documents; secrets: string[]; clock: Clock }): Sessions {
  const { documents, secrets, clock } = deps;
  const key = (token: RefreshToken) => [token.userId, 'session', token.sessionId] as const;
  const answer = (token: RefreshToken): OpenSession => ({
    userId: token.userId,
    sessionId: token.sessionId,
    refreshToken: formatRefreshToken(token),
  });
  const put = (token: RefreshToken, ifVersion: number, previousHash: string | null) => {
    const now = clock.now();
    const value = { counter: token.counter, hash: hashOfRefreshToken(token), previousHash, rotatedAt: now };
    return documents.putDocument(...key(token), value, { ifVersion, expiresAt: now + SESSION_MS });
  };

  async function makeRoom(userId: string): Promise<void> {
    const kept = await documents.listDocuments(userId, 'session', { limit: SESSIONS_PER_USER * 2 });
    const oldestFirst = kept.sort((a, b) => sessionOf(a).rotatedAt - sessionOf(b).rotatedAt);
    const surplus = oldestFirst.slice(0, Math.max(0, kept.length - SESSIONS_PER_USER + 1));
    await Promise.all(surplus.map(({ id }) => documents.deleteDocument(userId, 'session', id)));
  }

  /** Undefined: the record moved meanwhile; read it again. Null: refused. */
  async function step(token: RefreshToken, record: DocumentRecord): Promise<RefreshToken | null | undefined> {
    const session = sessionOf(record);
    const hash = hashOfRefreshToken(token);
    if (token.counter === session.counter) {
      if (hash !== session.hash) return null;
      const next = successorOf(token, secrets[0] as string);
      return (await put(next, record.version, hash)) === null ? undefined : next;
    }
    if (token.counter > session.counter) return null;
    if (token.counter < session.counter - 1) {
      // A guess signs nobody out.
      if (!leadsTo(token, session, secrets)) return null;
    } else {
      if (hash !== session.previousHash) return null;
      const next = secrets
        .map((secret) => successorOf(token, secret))
        .find((one) => hashOfRefreshToken(one) === session.hash);
      if (next !== undefined && clock.now() - session.rotatedAt <= GRACE_MS) return next;
    }
    // A token that was replaced long ago came back: one of the two who hold this session is not its owner.
    await documents.deleteDocument(...key(token));
    return null;
  }

  return {
    async open(userId) {
      await makeRoom(userId);
      const token = firstRefreshToken(userId, newSessionId());
      await put(token, 0, null);
      return answer(token);
    },
    async refresh(text) {
      const token = parseRefreshToken(text);
      if (token === null) throw refreshInvalid();
      for (let tries = 0; tries < CAS_TRIES; tries++) {
        const record = await documents.getDocument(...key(token));
        const next = record === null ? null : await step(token, record);
        if (next === null) throw refreshInvalid();
        if (next !== undefined) return answer(next);
      }
      throw new StoreUnavailableError('a session kept moving while it was being refreshed');
    },
    async end(text) {
      const token = parseRefreshToken(text);
      const record = token === null ? null : await documents.getDocument(...key(token));
      if (token === null || record === null) return null;
      const { hash, previousHash } = sessionOf(record);
      const own = hashOfRefreshToken(token);
      if (own !== hash && own !== previousHash) return null;
      await documents.deleteDocument(...key(token));
      return { userId: token.userId, sessionId: token.sessionId };
    },
    async endAll(userId) {
      const ended: string[] = [];
      for (;;) {
        const kept = await documents.listDocuments(userId, 'session', { limit: 100 });
        if (kept.length === 0) return ended;
        await Promise.all(kept.map(({ id }) => documents.deleteDocument(userId, 'session', id)));
        ended.push(...kept.map(({ id }) => id));
      }
    },
    async isOpen(userId, sessionId) {
      return (await documents.getDocument(userId, 'session', sessionId)) !== null;
    },
  };
}
