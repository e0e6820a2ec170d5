/** How much one socket may ask of us, and how long it may be silent. */
import type { CloseCodes } from '../../shared/realtime.ts';

export const CLOSE: CloseCodes = { unauthenticated: 4401, silent: 4408, overrun: 4429, goingAway: 1012 };

/** The phone pings this often. WeChat closes sockets that are quiet for a minute or so. */
export const HEARTBEAT_MS = 25_000;
/** Nothing heard for two of its pings and some travel. */
export const SILENT_MS = 2 * HEARTBEAT_MS + 5_000;
/** The first frame, and it is `auth`. */
export const AUTH_WITHIN_MS = 5_000;
/** Is the session still open? With what `Auth.confirm` remembers and a look a second, an end is noticed within 5 s. */
export const CONFIRM_EVERY_MS = 3_000;
/** Frames that may come at once, and a second after that. */
export const FRAMES_AT_ONCE = 100;
export const FRAMES_A_SECOND = 20;
/** So many topics in a frame cost as much as another frame: about what a card with its bars takes to read. 200 topics of a
 * phone that comes back are a fifth of what it may ask at once. */
export const TOPICS_PER_FRAME = 10;
/** Kept of what comes behind an `auth` that is being looked at: two of the largest frames. */
export const MOST_WAITING_BYTES = 128 * 1024;
/** Unsent bytes of one socket; beyond it the reader is too slow. 100 cards with their bars are 0.4 MB. */
export const MOST_UNSENT_BYTES = 2 * 1024 * 1024;
/** Unsent bytes of all sockets together; beyond it those with the most go, until half of it is left. */
export const MOST_UNSENT_OF_ALL = 256 * 1024 * 1024;
/** Sockets that have not said who they are, all together: each costs 10 KiB for at most AUTH_WITHIN_MS. */
export const MOST_UNKNOWN = 10_000;
/** A closing socket that does not answer is cut off. */
export const CLOSE_WITHIN_MS = 2_000;

/** Token bucket, counted in frames: `take` is false when there was one too many. */
export class FrameAllowance {
  #left = FRAMES_AT_ONCE;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  take(now: number, frames = 1): boolean {
    const refill = (Math.max(0, now - this.#at) / 1000) * FRAMES_A_SECOND;
    this.#left = Math.min(FRAMES_AT_ONCE, this.#left + refill);
    this.#at = now;
    this.#left -= frames;
    return this.#left >= 0;
  }
}

/** The slowest of the readers, when they leave too much unsent together; those that all others can stay without. */
export function slowestReaders<T extends { readonly unsentBytes: number }>(readers: Iterable<T>): T[] {
  const behind = [...readers].filter(({ unsentBytes }) => unsentBytes > 0);
  let unsent = behind.reduce((sum, { unsentBytes }) => sum + unsentBytes, 0);
  if (unsent <= MOST_UNSENT_OF_ALL) return [];
  behind.sort((one, other) => other.unsentBytes - one.unsentBytes);
  const enough = behind.findIndex(({ unsentBytes }) => {
    if (unsent <= MOST_UNSENT_OF_ALL / 2) return true;
    unsent -= unsentBytes;
    return false;
  });
  return enough === -1 ? behind : behind.slice(0, enough);
}
