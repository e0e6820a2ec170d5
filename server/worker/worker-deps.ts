/** What a worker is made of. */
import type { ActionHttp, ActionRunner } from '../actions/action.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Store } from '../store/store.ts';
import type { LeaseTable } from './lease-table.ts';

export interface WorkerDeps {
  store: Store;
  clock: Clock;
  id: string;
  owns: (partition: number) => boolean;
  actions: ActionRunner;
  http: ActionHttp;
  leases: LeaseTable;
  concurrency: number;
  leaseMs: number;
  /** How long stop() waits for running actions before it gives them back, ms. */
  graceMs: number;
  logger: Logger;
  /** A retry was scheduled for this instant. */
  onRetryAt: (partition: number, at: number) => void;
  /** Half the places are held by actions that ignore their signal. */
  onStuck: () => void;
}
