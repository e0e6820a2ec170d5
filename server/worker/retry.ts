/** What follows a failed attempt. Pure. */
import type { RetryPolicy } from '../../shared/task.ts';
import { MAX_RETRY_AFTER_MS } from '../actions/action.ts';
import { backoffMs } from '../lib/backoff.ts';

export const RETRY_DEFAULTS = { maxAttempts: 3, baseDelayMs: 1_000, maxDelayMs: 60_000 } as const;

/**
 * Ms until the next attempt, or null when none is left. `failures` counts failed attempts, this one included; lost and
 * released attempts are not among them.
 */
export function planRetry(
  policy: RetryPolicy | undefined,
  failures: number,
  afterMs: number | undefined,
  random: () => number = Math.random,
): number | null {
  const { maxAttempts, baseDelayMs, maxDelayMs } = { ...RETRY_DEFAULTS, ...policy };
  if (failures >= maxAttempts) return null;
  if (afterMs !== undefined) return Math.max(0, Math.min(MAX_RETRY_AFTER_MS, Math.round(afterMs)));
  return backoffMs(failures, baseDelayMs, maxDelayMs, random);
}
