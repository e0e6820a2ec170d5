/** An engine on a Redis store of its own prefix, as app.ts joins it, with an action runner of the test's. */
import type { ActionRunner } from '../../../server/actions/action.ts';
import { createEngine } from '../../../server/engine.ts';
import { hostClock, monotonicMs } from '../../../server/lib/clock.ts';
import { createLogger } from '../../../server/lib/logger.ts';
import { createStoreClock } from '../../../server/scheduler/store-clock.ts';
import { openStore } from '../../../server/store/open-store.ts';
import type { Store } from '../../../server/store/store.ts';

export async function openEngine(options: {
  redisUrl: string;
  keyPrefix: string;
  leaseMs: number;
  actions: ActionRunner;
}): Promise<{ store: Store; close(): Promise<void> }> {
  const { redisUrl, keyPrefix, leaseMs, actions } = options;
  const logger = createLogger({ level: 'error' });
  const store = openStore({ redisUrl, keyPrefix, dataDir: '' });
  let engine: ReturnType<typeof createEngine> | null = null;
  await store.start({ onWake: (wake) => engine?.onWake(wake), onRollback() {}, onHealth() {} });
  const clock = createStoreClock({ store, host: hostClock, monotonicMs, logger });
  await clock.start();
  engine = createEngine({
    config: { redisUrl, leaseMs, workerConcurrency: 4, shutdownGraceMs: 1_000 },
    store,
    clock,
    actions,
    http: { request: () => Promise.reject(new Error('no HTTP in this test')) },
    logger,
    id: `engine.${process.pid}.${Math.random().toString(36).slice(2, 8)}`,
    keyPrefix,
    onFatal: () => undefined,
  });
  const started = engine;
  await started.start();
  return {
    store,
    async close() {
      await started.stop();
      await clock.stop();
      await store.stop();
    },
  };
}
