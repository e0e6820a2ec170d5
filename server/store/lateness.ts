/**
 * The fixed buckets of the lateness histogram, shared by both stores (day counters) and by whoever reads percentiles
 * from them. A lateness falls into the first bucket whose bound it does not exceed; the last bucket is open.
 */
export const LATENESS_BOUNDS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 60_000, 3_600_000,
] as const;

/** Number of buckets, the open one included. */
export const LATENESS_BUCKETS = LATENESS_BOUNDS_MS.length + 1;

/** Index of the bucket of a lateness in ms; negative counts as 0. */
export function latenessBucket(lateByMs: number): number {
  const index = LATENESS_BOUNDS_MS.findIndex((bound) => lateByMs <= bound);
  return index === -1 ? LATENESS_BOUNDS_MS.length : index;
}

/**
 * The p-th percentile (0 to 1) of a histogram with the buckets above, in ms: linear inside its bucket, the lower bound
 * in the open one. Null for an empty histogram.
 */
export function latenessPercentile(histogram: readonly number[], p: number): number | null {
  const total = histogram.reduce((sum, n) => sum + n, 0);
  if (total === 0) return null;
  const rank = p * total;
  let before = 0;
  for (const [index, n] of histogram.entries()) {
    if (n > 0 && before + n >= rank) {
      const from = index === 0 ? 0 : (LATENESS_BOUNDS_MS[index - 1] as number);
      const to = LATENESS_BOUNDS_MS[index] ?? from;
      return Math.round(from + (to - from) * Math.max(0, (rank - before) / n));
    }
    before += n;
  }
  return LATENESS_BOUNDS_MS.at(-1) ?? null;
}
