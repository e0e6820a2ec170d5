/** What a rejected command means. */
import { StoreUnavailableError } from '../status.ts';

/**
 * First words of error replies that say "not now": restarting, failing over, a slot on its way, out of memory, not
 * writable, password or rights just changed: what heals without this server being started again. NOSCRIPT is not among them: it is answered by sending the script's text.
 */
const UNAVAILABLE = new Set([
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  // Of the guard in scripts.ts.
  'MOVING',
  'NOAUTH',
  'NOPERM',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'TRYAGAIN',
  'UNBLOCKED',
  'WRONGPASS',
]);

/** First word of an error reply, or null for anything that Redis did not say. */
export function replyCode(error: unknown): string | null {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return null;
  return /^\w+/.exec(error.message)?.[0] ?? '';
}

/** The partition's slot is being moved to another master (the guard in scripts.ts): it will be served there. */
export const isOnItsWay = (error: unknown): boolean =>
  error instanceof StoreUnavailableError && replyCode(error.cause) === 'MOVING';

/** Everything that Redis did not answer at all (timeout, no connection) is unavailability; so are some of its replies. */
export function toStoreError(error: unknown): Error {
  const code = replyCode(error);
  if (code === null || UNAVAILABLE.has(code)) {
    const message = error instanceof Error ? error.message : String(error);
    return new StoreUnavailableError(`Redis: ${message}`, { cause: error });
  }
  return error as Error;
}
