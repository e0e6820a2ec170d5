/** From what an attempt did to what the store is told. Pure. */
import type { RunError } from '../../shared/run.ts';
import type { JsonValue, TaskPolicy } from '../../shared/task.ts';
import type { ActionOutcome } from '../actions/action.ts';
import { keepResult } from '../actions/keep-result.ts';
import { untilMet } from '../actions/until.ts';
import type { ClaimedRun } from '../store/records.ts';
import type { FinishRequest } from '../store/requests.ts';
import { planRetry } from './retry.ts';

/** Why an attempt was told to stop. */
export type StopReason = 'timeout' | 'cancel' | 'release' | 'lost';

export type AttemptEnd =
  | { kind: 'answered'; outcome: ActionOutcome }
  | { kind: 'threw'; error: unknown }
  /** The action did not answer in time after it was told to stop. */
  | { kind: 'ignored' };

/** Error messages are kept to this length. */
const MESSAGE_LENGTH = 500;

/**
 * The finish of an attempt; null when the lease is lost (nothing may be written). An answer of success counts even when
 * it came after a stop was asked for: its finish came first.
 */
export function decideFinish(
  run: ClaimedRun,
  end: AttemptEnd,
  stopped: StopReason | null,
  random: () => number = Math.random,
): FinishRequest | null {
  if (stopped === 'lost') return null;
  const { runId, token, fence } = run;
  if (end.kind === 'answered' && end.outcome.kind === 'ok') {
    const { result } = end.outcome;
    const endTask = untilMet(result, run.definition.policy.until);
    return {
      runId,
      token,
      fence,
      outcome: 'succeeded',
      attemptOutcome: 'succeeded',
      retryInMs: 0,
      error: null,
      result: keepResult(result),
      endTask,
    };
  }
  const base = { runId, token, fence, retryInMs: 0, error: null, result: null, endTask: false };
  if (stopped === 'release') return { ...base, outcome: 'released', attemptOutcome: 'released' };
  if (stopped === 'cancel') {
    const error = { code: 'CANCELLED', message: 'cancelled while it ran' };
    return { ...base, outcome: 'cancelled', attemptOutcome: 'cancelled', error };
  }
  if (stopped === 'timeout') {
    const error = { code: 'TIMEOUT', message: `took longer than ${run.timeoutMs} ms` };
    return failed(run, base, run.definition.policy, 'timed_out', error, null, undefined, random);
  }
  const { error, result, final, afterMs } = readFailure(end);
  if (final) return { ...base, outcome: 'failed', attemptOutcome: 'failed', error, result };
  return failed(run, base, run.definition.policy, 'failed', error, result, afterMs, random);
}

type FinishBase = Omit<FinishRequest, 'outcome' | 'attemptOutcome'>;

function failed(
  run: ClaimedRun,
  base: FinishBase,
  policy: TaskPolicy,
  how: 'failed' | 'timed_out',
  error: RunError,
  result: JsonValue,
  afterMs: number | undefined,
  random: () => number,
): FinishRequest {
  const retryInMs = planRetry(policy.retry, run.failures + 1, afterMs, random);
  if (retryInMs === null) return { ...base, outcome: how, attemptOutcome: how, error, result };
  return { ...base, outcome: 'retry', attemptOutcome: how, retryInMs, error, result };
}

function readFailure(end: AttemptEnd): {
  error: RunError;
  result: JsonValue;
  final: boolean;
  afterMs?: number;
} {
  if (end.kind === 'answered' && end.outcome.kind !== 'ok') {
    const { outcome } = end;
    // Handlers are people's own code: nothing that they answer or throw may harm the worker.
    const code = typeof outcome.error?.code === 'string' ? outcome.error.code : 'HANDLER_FAILED';
    const error = { code, message: textOf(outcome.error?.message) };
    const result = outcome.result === undefined ? null : keepResult(outcome.result);
    if (outcome.kind === 'fail') return { error, result, final: true };
    return {
      error,
      result,
      final: false,
      ...(outcome.afterMs === undefined ? {} : { afterMs: outcome.afterMs }),
    };
  }
  const message = end.kind === 'threw' ? textOf(end.error) : 'the action did not answer';
  return { error: { code: 'HANDLER_FAILED', message }, result: null, final: false };
}

/** The message of whatever was thrown. */
function textOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown).slice(0, MESSAGE_LENGTH);
  } catch {
    return 'an error that cannot be read';
  }
}
