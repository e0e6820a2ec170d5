/** What an action is to the worker that runs it, to the handlers that people write, and to nobody else. */
import type { RunError } from '../../shared/run.ts';
import type { Action, JsonValue } from '../../shared/task.ts';

// Handlers import nothing of this folder but this file, and reading a value by path is what many of them do.
export { type PathStep, parsePath, readPath } from './json-path.ts';

export type LogLevel = 'info' | 'warn' | 'error';

/** One HTTP request through the guard: no private address, no redirect unless asked, at most 256 KiB of answer. */
export interface ActionHttpRequest {
  /** Default GET. */
  method?: string;
  url: string;
  headers?: Record<string, string>;
  /** A string is sent as it is, anything else as JSON; null and absent send nothing. */
  body?: JsonValue;
  /** Ends the whole call, the reading of a slow body included. */
  signal?: AbortSignal;
  /** Follow up to 5 redirects, each checked like the first address. Default false. */
  followRedirects?: boolean;
}

export interface ActionHttpAnswer {
  status: number;
  /** Names in lower case; a name that came more than once is joined with `, `. */
  headers: Record<string, string>;
  text: string;
  elapsedMs: number;
}

export interface ActionHttp {
  /** Rejects with `HttpCallError`, or with the signal's reason once that is aborted. */
  request(req: ActionHttpRequest): Promise<ActionHttpAnswer>;
}

/** One attempt, as its action sees it. */
export interface ActionContext {
  taskId: string;
  userId: string;
  /** The same for every attempt of the run: the key to make an effect once. */
  runId: string;
  /** 1 for the first. */
  attempt: number;
  /** Grows with every claim of the run: a later holder has the higher number. */
  fence: number;
  plannedAt: number;
  lateByMs: number;
  /** Aborted on timeout, cancel, loss of the lease and shutdown. */
  signal: AbortSignal;
  log(text: string, level?: LogLevel): void;
  /** 0 to 100. */
  progress(percent: number): void;
  http: ActionHttp;
}

/** How an attempt ended. An exception instead of an outcome means: failed, retry by policy. */
export type ActionOutcome =
  | { kind: 'ok'; result?: JsonValue }
  /** Never retried. */
  | { kind: 'fail'; error: RunError; result?: JsonValue }
  /** A failure; retried by policy, or after `afterMs` (at most one day) while attempts are left. */
  | { kind: 'retry'; error: RunError; result?: JsonValue; afterMs?: number };

export interface ActionRunner {
  /** Runs one attempt. Rejects when the action threw or the signal ended it. */
  run(action: Action, context: ActionContext): Promise<ActionOutcome>;
}

/** The longest wait that an action may ask for before its next attempt: one day. */
export const MAX_RETRY_AFTER_MS = 86_400_000;

/** The attempt succeeded; `result` is what `until` reads and what is kept, cut to 4 KiB. */
export function ok(result?: JsonValue): ActionOutcome {
  return result === undefined ? { kind: 'ok' } : { kind: 'ok', result };
}

/** The attempt failed and another would fail too: the run ends `failed`, whatever attempts are left. */
export function fail(error: RunError, result?: JsonValue): ActionOutcome {
  return result === undefined ? { kind: 'fail', error } : { kind: 'fail', error, result };
}

/**
 * The attempt failed and may be repeated: after `afterMs` milliseconds, clamped to 0 .. one day, or by the retry
 * policy when that is absent or not a number.
 */
export function retryAfter(error: RunError, afterMs?: number, result?: JsonValue): ActionOutcome {
  const outcome: ActionOutcome =
    result === undefined ? { kind: 'retry', error } : { kind: 'retry', error, result };
  if (afterMs === undefined || Number.isNaN(afterMs)) return outcome;
  return { ...outcome, afterMs: Math.round(Math.min(Math.max(afterMs, 0), MAX_RETRY_AFTER_MS)) };
}
