/** Is the session of an access token still open? Asked of the store at most once in 5 s per session and server. */
import type { Clock } from '../lib/clock.ts';
import { bounded } from '../tasks/bounded-map.ts';

/** A session that ended elsewhere is noticed within this long. */
export const SESSION_CHECK_MS = 5_000;
const SESSIONS_REMEMBERED = 20_000;

export interface SessionCheck {
  /** Rejects as the store does when it is away and what is remembered is older than maxAgeMs (default SESSION_CHECK_MS). */
  isOpen(userId: string, sessionId: string, maxAgeMs?: number): Promise<boolean>;
  /** It has just ended here. */
  ended(sessionId: string): void;
}

export function createSessionCheck(deps: {
  isOpen: (userId: string, sessionId: string) => Promise<boolean>;
  clock: Clock;
}): SessionCheck {
  const known = bounded<string, { at: number; userId: string; open: boolean }>(SESSIONS_REMEMBERED);
  const asking = new Map<string, Promise<boolean>>();

  async function ask(userId: string, sessionId: string): Promise<boolean> {
    // The instant before the question: what the answer says was true then, and may have changed since.
    const at = deps.clock.now();
    const open = await deps.isOpen(userId, sessionId);
    known.set(sessionId, { at, userId, open });
    return open;
  }

  return {
    async isOpen(userId, sessionId, maxAgeMs = SESSION_CHECK_MS) {
      const kept = known.get(sessionId);
      const age = kept === undefined ? Number.NaN : deps.clock.now() - kept.at;
      if (kept !== undefined && kept.userId === userId && age >= 0 && age < maxAgeMs) return kept.open;
      const question = `${userId}.${sessionId}`;
      const pending = asking.get(question) ?? ask(userId, sessionId).finally(() => asking.delete(question));
      asking.set(question, pending);
      return pending;
    },
    ended(sessionId) {
      const kept = known.get(sessionId);
      if (kept !== undefined) known.set(sessionId, { ...kept, at: deps.clock.now(), open: false });
    },
  };
}
