import type { SetTimer } from '../lib/timer';

/** Something that is read again when it has changed, once for many changes. */
export interface Coalesced {
  /** It is to be read. At once when it was not lately, else when its time has come. */
  want(): void;
  /** Nothing is started any more; an answer under way is the reader's to drop. */
  stop(): void;
}

/**
 * At most one reading at a time and at most one every `everyMs` (start to start). What is wanted while one is under way
 * is read again after it, because the answer may be older than the wish. `read` never rejects.
 */
export function createCoalesced(
  read: () => Promise<void>,
  { everyMs, now, setTimer }: { everyMs: number; now: () => number; setTimer: SetTimer },
): Coalesced {
  let wanted = false;
  let busy = false;
  let stopped = false;
  let lastAt = Number.NEGATIVE_INFINITY;
  let cancelTimer: (() => void) | null = null;

  function arrange(): void {
    if (!wanted || busy || stopped || cancelTimer !== null) return;
    const waitMs = lastAt + everyMs - now();
    if (waitMs <= 0) {
      start();
      return;
    }
    cancelTimer = setTimer(
      () => {
        cancelTimer = null;
        arrange();
      },
      Math.min(waitMs, everyMs),
    );
  }

  function start(): void {
    wanted = false;
    busy = true;
    lastAt = now();
    void read().then(() => {
      busy = false;
      arrange();
    });
  }

  return {
    want() {
      wanted = true;
      arrange();
    },
    stop() {
      stopped = true;
      cancelTimer?.();
      cancelTimer = null;
    },
  };
}
