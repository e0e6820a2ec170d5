/** Signing in, staying signed in, and being recognised: what the HTTP and WebSocket doors ask. */
import type { LoginResponse, MePatch, User } from '../../shared/api.ts';
import type { Clock } from '../lib/clock.ts';
import type { CodeExchange } from '../wechat/code-exchange.ts';
import { ACCESS_TOKEN_SECONDS, createAccessTokens } from './access-tokens.ts';
import { authRequired, tokenInvalid } from './auth-errors.ts';
import type { Documents } from './documents.ts';
import { createSessionCheck } from './session-check.ts';
import { createSessions, type OpenSession } from './sessions.ts';
import { userIdOf } from './user-id.ts';
import { createUsers } from './users.ts';

/** What stays open, such as a socket, is asked for again and again. */
const CONFIRMED_MS = 1_000;

/** Who is calling, and what they may do. */
export interface Principal {
  userId: string;
  sessionId: string;
  attrs: string[];
  /** When the access token ends, ms. */
  expiresAt: number;
}

export interface Auth {
  /** Rejects as CodeExchange does. `locale` is what a new user begins with. */
  login(code: string, locale: User['locale']): Promise<LoginResponse>;
  /** Rejects with REFRESH_INVALID. */
  refresh(refreshToken: string): Promise<LoginResponse>;
  /** Ends the session of this refresh token; one that is not known is no error. */
  logout(refreshToken: string): Promise<void>;
  /** Rejects with TOKEN_INVALID or TOKEN_EXPIRED; with STORE_UNAVAILABLE when the session cannot be confirmed. */
  authenticate(accessToken: string): Promise<Principal>;
  /** Whether the session is still open, as of at most a second ago. Rejects when that cannot be confirmed. */
  confirm(principal: Pick<Principal, 'userId' | 'sessionId'>): Promise<boolean>;
  /** Rejects with TOKEN_INVALID when the user has gone. */
  getUser(userId: string): Promise<User>;
  patchUser(userId: string, patch: MePatch): Promise<User>;
  /** Every sign-in of this user ends: at once here, within 5 s elsewhere. */
  endSessions(userId: string): Promise<void>;
  /** Profile and kept documents go. */
  removeUser(userId: string): Promise<void>;
}

export function createAuth(deps: {
  documents: Documents;
  clock: Clock;
  exchange: CodeExchange;
  /** From loadJwtSecrets. */
  secrets: string[];
  /** Null: the sandbox. */
  appid: string | null;
  operatorOpenids: string[];
  /** Kinds of documents, besides profile and sessions, that go when the user does. */
  ownedKinds?: string[];
}): Auth {
  const { documents, clock, exchange, secrets, operatorOpenids, ownedKinds = [] } = deps;
  const appid = deps.appid ?? 'sandbox';
  const operatorIds = new Set(operatorOpenids.map((openid) => userIdOf(appid, openid)));
  const users = createUsers({ documents, clock, operatorIds, ownedKinds });
  const sessions = createSessions({ documents, secrets, clock });
  const tokens = createAccessTokens({ secrets, clock });
  const check = createSessionCheck({ isOpen: sessions.isOpen, clock });

  const answer = (session: OpenSession, user: User): LoginResponse => {
    const { userId, sessionId, refreshToken } = session;
    const accessToken = tokens.sign({ userId, sessionId, attrs: user.attrs });
    return { accessToken, expiresIn: ACCESS_TOKEN_SECONDS, refreshToken, user };
  };
  const present = (user: User | null): User => {
    if (user === null) throw tokenInvalid();
    return user;
  };

  return {
    async login(code, locale) {
      const identity = await exchange.exchange(code);
      const userId = userIdOf(appid, identity.openid);
      const user = await users.ensure(userId, identity, locale);
      return answer(await sessions.open(userId), user);
    },
    async refresh(refreshToken) {
      const session = await sessions.refresh(refreshToken);
      return answer(session, present(await users.get(session.userId)));
    },
    async logout(refreshToken) {
      const ended = await sessions.end(refreshToken);
      if (ended !== null) check.ended(ended.sessionId);
    },
    async authenticate(accessToken) {
      const { userId, sessionId, expiresAt } = tokens.verify(accessToken);
      if (!(await check.isOpen(userId, sessionId))) throw tokenInvalid();
      // Those of this moment, not those that the token was signed with.
      return { userId, sessionId, attrs: users.attrsOf(userId), expiresAt };
    },
    confirm: ({ userId, sessionId }) => check.isOpen(userId, sessionId, CONFIRMED_MS),
    getUser: async (userId) => present(await users.get(userId)),
    patchUser: async (userId, patch) => present(await users.patch(userId, patch)),
    async endSessions(userId) {
      for (const sessionId of await sessions.endAll(userId)) check.ended(sessionId);
    },
    removeUser: (userId) => users.remove(userId),
  };
}

/** The token of an `Authorization: Bearer …` header. Throws AUTH_REQUIRED or TOKEN_INVALID. */
export function bearerToken(header: string | undefined): string {
  if (header === undefined || header === '') throw authRequired();
  const match = /^Bearer +(\S+)$/i.exec(header);
  if (match === null) throw tokenInvalid();
  return match[1] as string;
}
