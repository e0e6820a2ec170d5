import type { SetTimer } from '../lib/timer';

/**
 * `live`: what is shown is what is. `connecting`: on the way. `stale`: three seconds without, say so. `closed`: not
 * wanted (nobody listens, or the app is in the background), or not possible (signed out, no address).
 */
export type SocketState = 'live' | 'connecting' | 'stale' | 'closed';

/** From here on a reader must be told that what is seen may be old. */
export const STALE_MS = 3_000;

/** What the socket says of itself, and who wants to know. */
export function createSocketState(setTimer: SetTimer) {
  const listeners = new Set<(state: SocketState) => void>();
  let state: SocketState = 'closed';
  let cancel: (() => void) | null = null;

  function set(next: SocketState): void {
    if (state === next) return;
    state = next;
    for (const listener of [...listeners]) listener(state);
  }

  function settle(next: SocketState): void {
    cancel?.();
    cancel = null;
    set(next);
  }

  return {
    current: () => state,
    live: () => settle('live'),
    closed: () => settle('closed'),
    /** Wanted and not there. The three seconds run from the first call on, however many tries fail meanwhile. */
    away() {
      if (state === 'connecting' || state === 'stale') return;
      settle('connecting');
      cancel = setTimer(() => settle('stale'), STALE_MS);
    },
    onState(listener: (state: SocketState) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
