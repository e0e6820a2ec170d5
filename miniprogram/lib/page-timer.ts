import type { SetTimer } from './timer';

export interface PageTimer {
  /** Ticks at once, then at every full second. Call in onShow; more than once is fine. */
  start(): void;
  /** Call in onHide and onUnload. */
  stop(): void;
}

/**
 * The one timer of a page: everything that counts on it moves in the same tick, and nothing moves while it is hidden.
 * `now` is the clock that the page counts by, whose full seconds may lie elsewhere than the phone's.
 */
export function createPageTimer(
  tick: (nowAt: number) => void,
  { now, setTimer }: { now: () => number; setTimer: SetTimer },
): PageTimer {
  let cancel: (() => void) | null = null;

  function run(): void {
    const nowAt = now();
    // The next full second, so that two countdowns on a screen change together and never skip a number.
    cancel = setTimer(run, 1000 - (nowAt % 1000));
    tick(nowAt);
  }

  return {
    start() {
      if (cancel === null) run();
    },
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}
