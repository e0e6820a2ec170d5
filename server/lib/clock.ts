/** The only place that reads the host's clock. Everything else is given one. */

export interface Clock {
  /** Ms since the Unix epoch. */
  now(): number;
}

export const hostClock: Clock = { now: () => Date.now() };

/** Ms that only grow, for measuring lengths; no relation to the Unix epoch, other zero in each thread. */
export const monotonicMs = (): number => performance.now();

/** The same clock with one zero for all threads of the process (CLOCK_MONOTONIC), in ms. */
export const monotonicEpochMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;
