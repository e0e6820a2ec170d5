/** How much is kept. Both stores hold to the same numbers. */

/** Newest runs kept per task; older ones go once they have ended. */
export const RUNS_KEPT_PER_TASK = 500;
/** Runs of one owner that a list looks through. */
export const OWNER_RUNS_SCANNED = 10_000;
/** Log lines and bytes kept per run, newest first. */
export const LOG_LINES_KEPT = 1_000;
export const LOG_BYTES_KEPT = 65_536;
/** Event log entries kept per partition. */
export const EVENTS_KEPT = 10_000;
/** Attempts kept in a run's record. */
export const ATTEMPTS_KEPT = 50;
/** A ready queue longer than this is not searched for a run that may be missing from it: it is looked at when it is shorter. */
export const QUEUE_SEARCHED = 4_000;
/** Runs and entries that one inspection looks at, about: 1 to 2 ms in either store. */
export const INSPECTED_A_CALL = 2_000;
/** No lease is longer (the setting LEASE_MS says the same). */
export const LONGEST_LEASE_MS = 600_000;
