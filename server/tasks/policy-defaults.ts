/** Defaults of every policy field; only what differs from them is stored. */
export const POLICY_DEFAULTS = {
  timeoutMs: 10_000,
  overlap: 'skip',
  lateAfterMs: 1_000,
  priority: 0,
  pauseAfterFailures: null,
  until: null,
} as const;
