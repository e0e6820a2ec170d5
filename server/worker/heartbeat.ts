/** Starts the heartbeat thread and keeps the lease table that it renews from. */
import { Worker } from 'node:worker_threads';
import { monotonicEpochMs } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { RenewAnswer } from '../store/requests.ts';
import { createLeaseTable, type LeaseTable, leaseMemory } from './lease-table.ts';

/** A lease that is lost, or whose run is to be cancelled; named by its token, for the run may have a newer one by now. */
export type LeaseNews = RenewAnswer & { token: string };

export interface Heartbeat extends Part {
  readonly table: LeaseTable;
  /** Called with leases that are lost, or whose run is to be cancelled. */
  onAnswers(listener: (answers: LeaseNews[]) => void): void;
}

/** What the thread (server/heartbeat-thread.ts) is given. */
export interface HeartbeatData {
  memory: SharedArrayBuffer;
  /** Null on the embedded store, whose leases need no renewal. */
  redisUrl: string | null;
  keyPrefix: string | undefined;
  leaseMs: number;
  /** Store time minus host time when the thread was started, ms. */
  offsetMs: number;
}

const SIGN_OF_LIFE_EVERY_MS = 1_000;

export function createHeartbeat(deps: {
  redisUrl: string | null;
  keyPrefix?: string | undefined;
  leaseMs: number;
  rows: number;
  offsetMs: () => number;
  logger: Logger;
}): Heartbeat {
  const table = createLeaseTable(leaseMemory(deps.rows));
  let listener: (answers: LeaseNews[]) => void = () => {};
  let thread: Worker | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;

  function spawn(): void {
    const { redisUrl, keyPrefix, leaseMs } = deps;
    const data: HeartbeatData = {
      memory: table.memory,
      redisUrl,
      keyPrefix,
      leaseMs,
      offsetMs: deps.offsetMs(),
    };
    thread = new Worker(new URL('../heartbeat-thread.js', import.meta.url), { workerData: data });
    thread.unref();
    thread.on('message', (answers: LeaseNews[]) => listener(answers));
    thread.on('error', (error) =>
      deps.logger.error({ err: error }, 'the heartbeat thread failed; it is started again'),
    );
    thread.on('exit', () => {
      thread = undefined;
      // Without it leases would end under running handlers.
      const again = () => {
        if (!stopping) spawn();
      };
      if (!stopping) setTimeout(again, SIGN_OF_LIFE_EVERY_MS / 4);
    });
  }

  return {
    table,
    onAnswers(next) {
      listener = next;
    },
    async start() {
      table.alive(monotonicEpochMs());
      timer = setInterval(() => table.alive(monotonicEpochMs()), SIGN_OF_LIFE_EVERY_MS);
      timer.unref();
      spawn();
    },
    async stop() {
      if (stopping) return;
      stopping = true;
      clearInterval(timer);
      const ended = new Promise((resolve) => thread?.once('exit', resolve) ?? resolve(null));
      thread?.postMessage('stop');
      await ended;
    },
  };
}
