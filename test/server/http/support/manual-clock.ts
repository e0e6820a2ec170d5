/** A clock that moves when the test says so. */
export function manualClock(start = 1_790_000_000_000) {
  let at = start;
  return {
    now: () => at,
    advance(ms: number) {
      at += ms;
    },
  };
}
