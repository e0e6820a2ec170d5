/** Runs one claimed attempt: context, timeout, stop. Resolves with how it ended; never rejects. */
import type { ActionHttp, ActionRunner } from '../actions/action.ts';
import type { Clock } from '../lib/clock.ts';
import type { ClaimedRun } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { AttemptEnd, StopReason } from './outcome.ts';
import { createRunLog } from './run-log.ts';

export interface Execution {
  readonly run: ClaimedRun;
  /** Tells the action to stop; the first reason counts. */
  stop(reason: StopReason): void;
  /** How the attempt ended, at the latest STOP_GRACE_MS after it was told to stop. */
  readonly ended: Promise<{ end: AttemptEnd; stopped: StopReason | null }>;
  /** When the action itself has returned; later than `ended` if it ignores its signal. */
  readonly returned: Promise<void>;
}

/** An action has this long to answer after it was told to stop, ms. */
const STOP_GRACE_MS = 1_000;

export function execute(
  run: ClaimedRun,
  deps: { actions: ActionRunner; http: ActionHttp; store: Store; clock: Clock },
): Execution {
  // Made when it is asked for: it costs as much as all the rest of a short run, and its leftovers more.
  let controller: AbortController | undefined;
  const control = () => {
    controller ??= new AbortController();
    return controller;
  };
  const log = createRunLog(run, deps.store, deps.clock);
  let stopped: StopReason | null = null;
  let grace: NodeJS.Timeout | undefined;
  let finish: (end: AttemptEnd) => void = () => {};

  function stop(reason: StopReason): void {
    if (stopped !== null) return;
    stopped = reason;
    control().abort(new Error(`stopped: ${reason}`));
    grace = setTimeout(() => finish({ kind: 'ignored' }), STOP_GRACE_MS);
  }
  const timeout = setTimeout(stop, run.timeoutMs, 'timeout');

  async function act(): Promise<AttemptEnd> {
    try {
      const outcome = await deps.actions.run(run.definition.action, {
        taskId: run.taskId,
        userId: run.ownerId,
        runId: run.runId,
        attempt: run.attempt,
        fence: run.fence,
        plannedAt: run.plannedAt,
        lateByMs: run.lateByMs,
        get signal() {
          return control().signal;
        },
        log: log.log,
        progress: log.progress,
        http: deps.http,
      });
      return { kind: 'answered', outcome };
    } catch (error) {
      return { kind: 'threw', error };
    }
  }

  const acting = act();
  const ended = new Promise<{ end: AttemptEnd; stopped: StopReason | null }>((resolve) => {
    let done = false;
    finish = (end) => {
      if (done) return;
      done = true;
      clearTimeout(timeout);
      clearTimeout(grace);
      log.flush();
      resolve({ end, stopped });
    };
  });
  return { run, stop, ended, returned: acting.then((end) => finish(end)) };
}
