/** Exponential backoff with full jitter: random(0, min(maxMs, baseMs * 2^(n-1))), n counting failures from 1. */
export function backoffMs(
  n: number,
  baseMs: number,
  maxMs: number,
  random: () => number = Math.random,
): number {
  const ceiling = Math.min(maxMs, baseMs * 2 ** Math.min(30, Math.max(0, n - 1)));
  return Math.floor(random() * (ceiling + 1));
}
