/**
 * The server's clock as far as the phone can tell. Whatever the server dates was sent before it arrived: the difference
 * to the phone's clock is never more than the true one, and the largest seen is the one with the least delay in it.
 */

/** What is known of the difference, server minus phone, ms. */
export interface ClockEstimate {
  /** Phone's instant from which `best` was gathered. */
  sinceAt: number;
  /** Largest difference since then. */
  best: number;
  /** Largest of the time before; null: none, or too long ago. */
  before: number | null;
}

export interface ServerClock {
  /** ms; the phone's own clock until something was heard. */
  now(): number;
  /** Something dated by the server has arrived. What is no instant is ignored. */
  heard(sentAt: number): void;
}

/** Whoever sets the phone's clock forward is believed after two of these; a heartbeat comes every 25 s. */
const GATHER_MS = 120_000;

/** The estimate after a message that was sent at `sentAt` (server) and arrived at `at` (phone). */
export function nextEstimate(known: ClockEstimate | null, sentAt: number, at: number): ClockEstimate {
  const difference = sentAt - at;
  // A clock that goes backwards was set: what was known belongs to the one before.
  if (known === null || at < known.sinceAt) return { sinceAt: at, best: difference, before: null };
  const gatheredMs = at - known.sinceAt;
  if (gatheredMs < GATHER_MS) return { ...known, best: Math.max(known.best, difference) };
  const before = gatheredMs < 2 * GATHER_MS ? known.best : null;
  return { sinceAt: at, best: difference, before };
}

/** Server minus phone, ms; 0 while nothing is known. */
export function differenceOf(known: ClockEstimate | null): number {
  return known === null ? 0 : Math.max(known.best, known.before ?? known.best);
}

/** `phoneNow`: ms of the phone's clock. */
export function createServerClock(phoneNow: () => number): ServerClock {
  let known: ClockEstimate | null = null;
  return {
    now: () => phoneNow() + differenceOf(known),
    heard(sentAt) {
      if (Number.isFinite(sentAt)) known = nextEstimate(known, sentAt, phoneNow());
    },
  };
}
