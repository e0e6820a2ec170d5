import type { User } from '../../shared/api';
import type { Wx } from '../lib/wx-port';

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  /** Of the access token, ms of the phone's clock. */
  expiresAt: number;
  user: User;
}

const TOKENS = 'zd.tokens';
const SIGNED_OUT = 'zd.signedOut';
const SANDBOX_CODE = 'zd.sandboxCode';
const ENDINGS = 'zd.endings';
/** Sessions that still wait to be ended on the server. More would only be older, and the server ends them by itself. */
const MOST_ENDINGS = 5;

/** What of the session outlives the app. Everything read is checked: a storage may hold what an older version wrote. */
export interface TokenStore {
  tokens(): Tokens | null;
  setTokens(tokens: Tokens | null): void;
  signedOut(): boolean;
  setSignedOut(signedOut: boolean): void;
  /** The login code picked in the sandbox, `sandbox:<name>`. */
  sandboxCode(): string | null;
  setSandboxCode(code: string): void;
  /** Refresh tokens of sessions ended here and not yet on the server. */
  endings(): string[];
  addEnding(refreshToken: string): void;
  removeEnding(refreshToken: string): void;
}

export function createTokenStore(wx: Pick<Wx, 'storageGet' | 'storageSet' | 'storageRemove'>): TokenStore {
  /** In memory too: a full storage must not undo a sign-out. */
  let signedOut = wx.storageGet(SIGNED_OUT) === true;
  const endings = parseTexts(wx.storageGet(ENDINGS));

  return {
    tokens: () => parseTokens(wx.storageGet(TOKENS)),
    setTokens(tokens) {
      // What could not be kept must not leave an older session behind.
      if (tokens === null || !wx.storageSet(TOKENS, tokens)) wx.storageRemove(TOKENS);
    },
    signedOut: () => signedOut,
    setSignedOut(value) {
      signedOut = value;
      if (value) wx.storageSet(SIGNED_OUT, true);
      else wx.storageRemove(SIGNED_OUT);
    },
    sandboxCode() {
      const code = wx.storageGet(SANDBOX_CODE);
      return typeof code === 'string' ? code : null;
    },
    setSandboxCode: (code) => wx.storageSet(SANDBOX_CODE, code),
    endings: () => [...endings],
    addEnding(refreshToken) {
      endings.push(refreshToken);
      if (endings.length > MOST_ENDINGS) endings.shift();
      wx.storageSet(ENDINGS, endings);
    },
    removeEnding(refreshToken) {
      const index = endings.indexOf(refreshToken);
      if (index !== -1) endings.splice(index, 1);
      if (endings.length === 0) wx.storageRemove(ENDINGS);
      else wx.storageSet(ENDINGS, endings);
    },
  };
}

function parseTokens(kept: unknown): Tokens | null {
  const { accessToken, refreshToken, expiresAt, user } = (kept ?? {}) as Partial<Tokens>;
  const whole =
    typeof accessToken === 'string' &&
    typeof refreshToken === 'string' &&
    typeof expiresAt === 'number' &&
    typeof user?.id === 'string';
  return whole ? { accessToken, refreshToken, expiresAt, user } : null;
}

function parseTexts(kept: unknown): string[] {
  return Array.isArray(kept) ? kept.filter((item) => typeof item === 'string') : [];
}
