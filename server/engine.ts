/** Everything that fires and runs, joined: presence, scheduler, worker, heartbeat, recoverer, keeper, watchman. */
import type { ActionHttp, ActionRunner } from './actions/action.ts';
import type { Config } from './config.ts';
import type { Part } from './lib/lifecycle.ts';
import type { Logger } from './lib/logger.ts';
import { createKeeper } from './scheduler/keeper.ts';
import { createPresence } from './scheduler/presence.ts';
import { createRecoverer } from './scheduler/recoverer.ts';
import { createScheduler } from './scheduler/scheduler.ts';
import type { StoreClock } from './scheduler/store-clock.ts';
import { createWatchman } from './scheduler/watchman.ts';
import type { Wake } from './store/requests.ts';
import type { Store } from './store/store.ts';
import { createHeartbeat } from './worker/heartbeat.ts';
import { createWorker } from './worker/worker.ts';

export interface Engine extends Part {
  onWake(wake: Wake): void;
  onRollback(partition: number): void;
  onStoreBack(): void;
  /** Resolves once nothing that is ready is left and every finish is answered. */
  settled(): Promise<void>;
  /** Why no more work should be sent here; null when all is well. */
  notReady(): string | null;
}

/** EX_TEMPFAIL: start me again. */
const RESTART_CODE = 75;

export function createEngine(deps: {
  config: Pick<Config, 'redisUrl' | 'leaseMs' | 'workerConcurrency' | 'shutdownGraceMs'>;
  store: Store;
  clock: StoreClock;
  actions: ActionRunner;
  http: ActionHttp;
  logger: Logger;
  id: string;
  keyPrefix?: string;
  onFatal: (code: number, why: string) => void;
}): Engine {
  const { config, store, clock, logger, id } = deps;
  const { leaseMs, workerConcurrency: concurrency } = config;
  let stuck = false;
  let working = false;

  const presence = createPresence({
    store,
    clock,
    id,
    roles: ['scheduler', 'worker'],
    leaseMs,
    logger,
  });
  const heartbeat = createHeartbeat({
    redisUrl: config.redisUrl,
    keyPrefix: deps.keyPrefix,
    leaseMs,
    // A finish under way holds its row while its place is taken again; a store that is away lets them pile up.
    rows: concurrency * 8 + 64,
    offsetMs: clock.offsetMs,
    logger,
  });
  const worker = createWorker({
    store,
    clock,
    id,
    owns: presence.owns,
    actions: deps.actions,
    http: deps.http,
    leases: heartbeat.table,
    concurrency,
    leaseMs,
    graceMs: config.shutdownGraceMs,
    logger,
    onRetryAt: (partition, at) => recoverer.onRetryAt(partition, at),
    onStuck() {
      if (stuck) return;
      stuck = true;
      deps.onFatal(RESTART_CODE, 'half of the worker is held by actions that ignore their signal');
    },
  });
  const recoverer = createRecoverer({
    store,
    clock,
    presence,
    leaseMs,
    logger,
    onReady: worker.claims.ready,
  });
  const scheduler = createScheduler({ store, clock, presence, claims: worker.claims, logger });
  const keeper = createKeeper({ store, clock, presence, logger });
  const watchman = createWatchman({ store, clock, presence, leaseMs, claims: worker.claims, logger });
  heartbeat.onAnswers(worker.onRenewAnswers);

  return {
    onWake(wake) {
      // A server without this role, or not started yet, takes no work.
      if (!working) return;
      scheduler.onWake(wake);
      worker.onWake(wake);
    },
    onRollback(partition) {
      scheduler.reload(partition);
      worker.onRollback(partition);
    },
    onStoreBack() {
      recoverer.onStoreBack();
      scheduler.reload(null);
    },
    settled: () => worker.settle(),
    notReady: () => (stuck ? 'actions that ignore their signal hold half of the worker' : null),
    async start() {
      working = true;
      await presence.start();
      await heartbeat.start();
      await recoverer.start();
      await worker.start();
      await scheduler.start();
      await keeper.start();
      await watchman.start();
    },
    async stop() {
      await watchman.stop();
      await keeper.stop();
      await scheduler.stop();
      // The partitions go to others now and not after the drain; this server's parts keep its last share in mind.
      await presence.stop();
      await worker.stop();
      await recoverer.stop();
      working = false;
      await heartbeat.stop();
    },
  };
}
