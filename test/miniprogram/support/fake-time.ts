import type { SetTimer } from '../../../miniprogram/lib/timer.ts';

export interface FakeTime {
  now(): number;
  setTimer: SetTimer;
  /** Lets this much time pass: timers fire in order, and what they start settles in between. */
  pass(ms: number): Promise<void>;
  /** Timers that wait. */
  waiting(): number;
}

/** Time that stands still until the test says otherwise. */
export function createFakeTime(startAt = 1_700_000_000_000): FakeTime {
  let nowAt = startAt;
  let timers: { dueAt: number; fire: () => void }[] = [];
  return {
    now: () => nowAt,
    setTimer(fire, ms) {
      const timer = { dueAt: nowAt + ms, fire };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    async pass(ms) {
      const endAt = nowAt + ms;
      await settled();
      for (;;) {
        const next = timers.filter(({ dueAt }) => dueAt <= endAt).sort((a, b) => a.dueAt - b.dueAt)[0];
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        nowAt = Math.max(nowAt, next.dueAt);
        next.fire();
        await settled();
      }
      nowAt = endAt;
    },
    waiting: () => timers.length,
  };
}

/** Everything that waits for nothing but promises has happened. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
