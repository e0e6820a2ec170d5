import type { SetTimer } from '../lib/timer';

/** Timers by name: one of each at most, a new one takes the place of the old. */
export interface Waits<Name extends string> {
  set(name: Name, ms: number, fire: () => void): void;
  has(name: Name): boolean;
  cancel(...names: Name[]): void;
}

export function createWaits<Name extends string>(setTimer: SetTimer): Waits<Name> {
  const cancels = new Map<Name, () => void>();

  function cancel(...names: Name[]): void {
    for (const name of names) {
      cancels.get(name)?.();
      cancels.delete(name);
    }
  }

  return {
    set(name, ms, fire) {
      cancel(name);
      const stop = setTimer(() => {
        cancels.delete(name);
        fire();
      }, ms);
      cancels.set(name, stop);
    },
    has: (name) => cancels.has(name),
    cancel,
  };
}
