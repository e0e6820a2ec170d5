/** Who is signed in. Silent at first need; after a sign-out only when asked. */
import type { LoginResponse, User } from '../../shared/api';
import type { Wx } from '../lib/wx-port';
import { answerError, clientError, type Say } from './api-error';
import { createTokenStore, type Tokens } from './token-store';
import type { Transport } from './transport';

/** A token that ends within this time is renewed before it is used: the request may take as long. */
const SPARE_MS = 30_000;

export interface Session {
  /**
   * A token that is good for at least `validForMs` more: refreshed or signed in for where there is none. However many ask
   * at once, the server is asked once. Rejects with ApiError; SIGNED_OUT after a sign-out.
   */
  accessToken(validForMs?: number): Promise<string>;
  /** After the server refused `rejected`: the token that came since, or else a new one. */
  renew(rejected: string): Promise<string>;
  /** When the access token ends, ms of the phone's clock; null when there is none. */
  expiresAt(): number | null;
  /** As of the last sign-in, refresh or change. */
  user(): User | null;
  /** Takes over a profile that the server answered. */
  setUser(user: User): void;
  /** Signs in, as another user when `code` is one of the sandbox's (`sandbox:alice`); kept for later sign-ins. */
  login(code?: string): Promise<User>;
  /** Ends the session here at once, and on the server now or as soon as it can be reached. Never rejects. */
  logout(): Promise<void>;
  /** Forgets the session: the server has none any more. */
  forget(): void;
  /** Called when another user, or none, is signed in. Answers how to stop it. */
  onChange(listener: () => void): () => void;
}

interface SessionDeps {
  wx: Pick<Wx, 'login' | 'storageGet' | 'storageSet' | 'storageRemove'>;
  transport: Transport;
  /** Headers that every request carries. */
  headers: () => Record<string, string>;
  say: Say;
  now: () => number;
}

export function createSession({ wx, transport, headers, say, now }: SessionDeps): Session {
  const store = createTokenStore(wx);
  const listeners = new Set<() => void>();
  let tokens: Tokens | null = store.tokens();
  let renewing: Promise<Tokens> | null = null;
  /** Grows with every sign-in and sign-out: an answer to an earlier one's request is not taken. */
  let era = 0;

  function changed(): void {
    for (const listener of [...listeners]) listener();
  }

  async function post(path: string, body: unknown): Promise<LoginResponse> {
    const answer = await transport({ method: 'POST', path, headers: headers(), body });
    if (answer.status < 200 || answer.status > 299) throw answerError(answer, say);
    if (!isLoginResponse(answer.body)) throw clientError('BAD_ANSWER', say, answer.status);
    return answer.body;
  }

  function adopt(answer: LoginResponse, asked: number): Tokens {
    if (asked !== era) {
      // Signed out meanwhile: this session must not live on.
      store.addEnding(answer.refreshToken);
      void endSessions();
      throw clientError('SIGNED_OUT', say);
    }
    const { accessToken, refreshToken, expiresIn, user } = answer;
    const before = tokens?.user.id;
    tokens = { accessToken, refreshToken, user, expiresAt: now() + expiresIn * 1000 };
    store.setTokens(tokens);
    if (before !== user.id) changed();
    return tokens;
  }

  async function signIn(asked: number): Promise<Tokens> {
    void endSessions();
    const code = store.sandboxCode() ?? (await wxCode());
    return adopt(await post('/api/auth/login', { code }), asked);
  }

  function wxCode(): Promise<string> {
    return wx.login().catch(() => Promise.reject(clientError('LOGIN_FAILED', say)));
  }

  async function obtain(asked: number): Promise<Tokens> {
    if (tokens === null) return signIn(asked);
    try {
      return adopt(await post('/api/auth/refresh', { refreshToken: tokens.refreshToken }), asked);
    } catch (error) {
      // Only a clear refusal means that the session is over; an unreachable server says nothing about it.
      if (!isRefusal(error) || asked !== era) throw error;
      return signIn(asked);
    }
  }

  function renewOnce(): Promise<Tokens> {
    if (store.signedOut()) return Promise.reject(clientError('SIGNED_OUT', say));
    if (renewing === null) {
      const mine = obtain(era).finally(() => {
        if (renewing === mine) renewing = null;
      });
      renewing = mine;
    }
    return renewing;
  }

  /** Tells the server of sessions that were ended here. One that cannot be told is kept for the next time. */
  async function endSessions(): Promise<void> {
    for (const refreshToken of store.endings()) {
      try {
        const answer = await transport({
          method: 'POST',
          path: '/api/auth/logout',
          headers: headers(),
          body: { refreshToken },
        });
        if (answer.status < 500 && answer.status !== 429) store.removeEnding(refreshToken);
      } catch {
        return; // Unreachable: later.
      }
    }
  }

  function drop(): void {
    era += 1;
    renewing = null;
    tokens = null;
    store.setTokens(null);
  }

  return {
    async accessToken(validForMs = SPARE_MS) {
      if (tokens !== null && tokens.expiresAt - now() > validForMs) return tokens.accessToken;
      return (await renewOnce()).accessToken;
    },
    async renew(rejected) {
      if (tokens !== null && tokens.accessToken !== rejected) return tokens.accessToken;
      return (await renewOnce()).accessToken;
    },
    expiresAt: () => tokens?.expiresAt ?? null,
    user: () => tokens?.user ?? null,
    setUser(user) {
      if (tokens?.user.id !== user.id) return;
      tokens = { ...tokens, user };
      store.setTokens(tokens);
    },
    async login(code) {
      if (tokens !== null) store.addEnding(tokens.refreshToken);
      if (code !== undefined) store.setSandboxCode(code);
      drop();
      store.setSignedOut(false);
      try {
        return (await renewOnce()).user;
      } catch (error) {
        changed();
        throw error;
      }
    },
    async logout() {
      if (tokens !== null) store.addEnding(tokens.refreshToken);
      store.setSignedOut(true);
      drop();
      changed();
      await endSessions();
    },
    forget() {
      store.setSignedOut(true);
      drop();
      changed();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function isRefusal(error: unknown): boolean {
  const status = (error as { status?: unknown }).status;
  return status === 400 || status === 401;
}

function isLoginResponse(body: unknown): body is LoginResponse {
  const { accessToken, refreshToken, expiresIn, user } = (body ?? {}) as Partial<LoginResponse>;
  return (
    typeof accessToken === 'string' &&
    typeof refreshToken === 'string' &&
    typeof expiresIn === 'number' &&
    expiresIn > 0 &&
    typeof user?.id === 'string'
  );
}
