/** The product's own engine on a store, with an action that only reports that it was called. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine } from '../../dist/server/engine.js';
import { hostClock, monotonicMs } from '../../dist/server/lib/clock.js';
import { createLogger } from '../../dist/server/lib/logger.js';
import { createStoreClock } from '../../dist/server/scheduler/store-clock.js';
import { openStore } from '../../dist/server/store/open-store.js';

/** `redisUrl` null: the embedded store in a temporary folder. `onRun(context)` is the action. */
export async function openEngine({ redisUrl, onRun, concurrency = 50 }) {
  const dataDir = mkdtempSync(join(tmpdir(), 'zhundian-bench-'));
  const logger = createLogger({ level: 'error' });
  const store = openStore({ redisUrl, dataDir });
  let engine = null;
  await store.start({ onWake: (wake) => engine?.onWake(wake), onRollback() {}, onHealth() {} });
  const clock = createStoreClock({ store, host: hostClock, monotonicMs, logger });
  await clock.start();
  const actions = {
    async run(_action, context) {
      onRun(context);
      return { kind: 'ok' };
    },
  };
  engine = createEngine({
    config: { redisUrl, leaseMs: 5_000, workerConcurrency: concurrency, shutdownGraceMs: 1_000 },
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
    async close() {
      await engine.stop();
      await clock.stop();
      await store.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export const definition = (schedule, policy = {}) => ({
  name: 'bench',
  schedule,
  action: { kind: 'handler', name: 'noop' },
  policy,
  requires: null,
  visibleTo: null,
});
