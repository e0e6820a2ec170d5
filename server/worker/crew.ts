/** The attempts that this worker has under way: begun, told to stop, ended. */
import type { ActionHttp, ActionRunner } from '../actions/action.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { ClaimedRun } from '../store/records.ts';
import type { FinishRequest } from '../store/requests.ts';
import type { Store } from '../store/store.ts';
import { type Execution, execute } from './execute.ts';
import type { LeaseTable } from './lease-table.ts';
import { decideFinish, type StopReason } from './outcome.ts';

/** An attempt that has ended: what to tell the store, and the row of its lease until that is answered. */
export interface Ended {
  finish: FinishRequest;
  row: number;
}

export interface Crew {
  /** Attempts that have not ended. */
  size(): number;
  /** Actions that ignored their signal and have not returned. */
  stuck(): number;
  begin(run: ClaimedRun): void;
  /** `token`: only the attempt of that lease. */
  stop(runId: string, reason: StopReason, token?: string): void;
  stopAll(reason: StopReason): void;
}

export function createCrew(deps: {
  store: Store;
  clock: Clock;
  actions: ActionRunner;
  http: ActionHttp;
  leases: LeaseTable;
  logger: Logger;
  /** Null: the lease was lost, nothing may be written. */
  onEnded: (run: ClaimedRun, ended: Ended | null) => void;
  /** The action itself has returned: its place is free. */
  onReturned: () => void;
  /** One more action ignores its signal; `stuck` of them do now. */
  onIgnored: (stuck: number) => void;
}): Crew {
  const { leases, logger } = deps;
  const executions = new Map<string, Execution>();
  const stuck = new Set<Execution>();

  /** The action goes on without a lease and keeps its place until it returns. */
  function ignored(execution: Execution): void {
    stuck.add(execution);
    const { runId } = execution.run;
    logger.warn({ runId, stuck: stuck.size }, 'an action ignores its signal and keeps its place');
    deps.onIgnored(stuck.size);
  }

  return {
    size: () => executions.size,
    stuck: () => stuck.size,
    begin(run) {
      const { runId, token, fence, deadlineAt } = run;
      const row = leases.add({ runId, token, fence, deadlineAt });
      const execution = execute(run, deps);
      // A newer lease of the same run: the older attempt has lost its own.
      executions.get(runId)?.stop('lost');
      executions.set(runId, execution);
      let returned = false;
      void execution.ended.then(({ end, stopped }) => {
        if (executions.get(runId) === execution) executions.delete(runId);
        const finish = decideFinish(run, end, stopped);
        if (finish === null) leases.remove(row);
        deps.onEnded(run, finish === null ? null : { finish, row });
        if (end.kind === 'ignored' && !returned) ignored(execution);
      });
      void execution.returned.then(() => {
        returned = true;
        stuck.delete(execution);
        deps.onReturned();
      });
    },
    stop(runId, reason, token) {
      const found = executions.get(runId);
      if (token === undefined || found?.run.token === token) found?.stop(reason);
    },
    stopAll(reason) {
      for (const execution of executions.values()) execution.stop(reason);
    },
  };
}
