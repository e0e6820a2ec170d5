import { changedPaths } from './set-changed';
import type { SetTimer } from './timer';

/** Events come in bursts (fired, queued, started): one setData for all that come within this time. */
const GATHER_MS = 50;

/** Sends a page what has changed of its view, and no more often than a burst. */
export interface ViewSender<View, Shown> {
  /** This is how it stands now; a newer one takes its place. */
  show(view: View): void;
  /** What was sent last; empty before. Compared by identity, which a page's `data`, a copy, does not allow. */
  shown(): Partial<Shown>;
  /** Sends nothing more until the next `show`. */
  rest(): void;
}

/** `toShown`: what the markup reads. `send`: what changed of it, by path, and the whole; called only when something did. */
export function createViewSender<View, Shown extends object>(deps: {
  toShown(view: View): Shown;
  send(changes: Record<string, unknown>, next: Shown): void;
  setTimer: SetTimer;
}): ViewSender<View, Shown> {
  let next: View | null = null;
  let shown: Partial<Shown> = {};
  let cancel: (() => void) | null = null;

  function sendNow(): void {
    cancel = null;
    if (next === null) return;
    const now = deps.toShown(next);
    const changes = changedPaths(shown as Record<string, unknown>, now as Record<string, unknown>);
    shown = now;
    if (Object.keys(changes).length > 0) deps.send(changes, now);
  }

  return {
    show(view) {
      next = view;
      cancel ??= deps.setTimer(sendNow, GATHER_MS);
    },
    shown: () => shown,
    rest() {
      cancel?.();
      cancel = null;
    },
  };
}
