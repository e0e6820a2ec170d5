/**
 * For a server that only answers HTTP: says so when no server that fires and runs lives beside it. It announces itself to the
 * others, which count only schedulers when they share the partitions.
 */
import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Store } from '../store/store.ts';

export interface WorkerWatch extends Part {
  /** One look; answers how many workers live. */
  runOnce(): Promise<number>;
}

const LOOK_EVERY_MS = 2_000;
/** Two looks may fail. */
const TTL_MS = 3 * LOOK_EVERY_MS;
/** A worker that restarts is away for some seconds: that is not said. */
const ALONE_MS = 10_000;

export function createWorkerWatch(deps: {
  store: Store;
  clock: Clock;
  id: string;
  logger: Logger;
}): WorkerWatch {
  const { store, clock, id, logger } = deps;
  let startedAt: number | null = null;
  let aloneSince: number | null = null;
  let isSaid = false;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let looking: Promise<unknown> = Promise.resolve();

  async function runOnce(): Promise<number> {
    const now = clock.now();
    startedAt ??= now;
    const servers = await store.beat({ id, roles: ['api'], startedAt }, TTL_MS);
    const workers = servers.filter(({ roles }) => roles.includes('worker')).length;
    if (workers > 0) {
      if (isSaid) logger.info({ workers }, 'a worker lives again: tasks are fired');
      aloneSince = null;
      isSaid = false;
      return workers;
    }
    aloneSince ??= now;
    if (!isSaid && now - aloneSince >= ALONE_MS) {
      isSaid = true;
      logger.error('no worker lives beside this server (ROLE=api): nothing is fired until one is started');
    }
    return 0;
  }

  function look(): void {
    const later = () => {
      if (!stopped) timer = setTimeout(look, LOOK_EVERY_MS);
    };
    // A store that is away is the health check's matter.
    looking = runOnce().then(later, later);
  }

  return {
    runOnce,
    async start() {
      stopped = false;
      look();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking.catch(() => undefined);
      if (startedAt !== null) await store.beat({ id, roles: ['api'], startedAt }, 0).catch(() => undefined);
    },
  };
}
