const SHORTEST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * How long to wait before the next try, after `failures` in a row (0: the first loss): anywhere between half a second and
 * a bound that doubles from one second to thirty, so that phones which lost the same server do not come back together.
 */
export function reconnectDelayMs(failures: number, random: () => number): number {
  const bound = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** (Math.min(failures, 10) + 1));
  return SHORTEST_MS + Math.floor(random() * (bound - SHORTEST_MS));
}
