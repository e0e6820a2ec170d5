/** The product's own engine with its default settings on a store, with an action that only reports that it was called. */
import { readConfig } from '../../dist/server/config.js';
import { createEngine } from '../../dist/server/engine.js';
import { hostClock, monotonicMs } from '../../dist/server/lib/clock.js';
import { createLogger } from '../../dist/server/lib/logger.js';
import { createStoreClock } from '../../dist/server/scheduler/store-clock.js';
import { openStore } from '../../dist/server/store/open-store.js';
import { tempFolder } from './ends.mjs';

/** `redisUrl` null: the embedded store in a temporary folder. `onRun(context)` is the action; what it answers is awaited. */
export async function openEngine({ redisUrl, onRun, concurrency = 50 }) {
  const folder = tempFolder();
  const logger = createLogger({ level: 'error' });
  const config = readConfig({
    REDIS_URL: redisUrl ?? '',
    DATA_DIR: folder.path,
    WORKER_CONCURRENCY: String(concurrency),
    SHUTDOWN_GRACE_MS: '1000',
  });
  const store = openStore({ redisUrl, dataDir: folder.path });
  let engine = null;
  await store.start({ onWake: (wake) => engine?.onWake(wake), onRollback() {}, onHealth() {} });
  const clock = createStoreClock({ store, host: hostClock, monotonicMs, logger });
  await clock.start();
  const actions = {
    async run(_action, context) {
      await onRun(context);
      return { kind: 'ok' };
    },
  };
  engine = createEngine({
    config,
    store,
    clock,
    actions,
    http: null,
    logger,
    id: `bench.${process.pid}`,
    onFatal: (code, why) => console.error(code, why),
  });
  return {
    store,
    clock,
    engine,
    dataDir: folder.path,
    async close() {
      await engine.stop();
      await clock.stop();
      await store.stop();
      folder.remove();
    },
  };
}
