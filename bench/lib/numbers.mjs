/** Figures of many measurements, and the clock they are taken with. */

export const round = (n, digits = 2) => Math.round(n * 10 ** digits) / 10 ** digits;

/** The middle one; of an even number the mean of the two. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return Number.isInteger(half) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[Math.floor(half)];
}

/** p50, p99, p999 and max of numbers in ms; nulls when there are none. */
export function percentiles(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  if (sorted.length === 0) return { p50: null, p99: null, p999: null, max: null, n: 0 };
  const at = (p) => round(sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))]);
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: round(sorted.at(-1)), n: sorted.length };
}

/** Unix time in ms with fractions. */
export const preciseNow = () => performance.timeOrigin + performance.now();
