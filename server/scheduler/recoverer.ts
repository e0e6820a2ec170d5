/** Takes back what lost workers held, and makes due retries ready. */
import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import { PARTITIONS } from '../store/ids.ts';
import type { RecoverAnswer } from '../store/requests.ts';
import type { Store } from '../store/store.ts';
import type { Presence } from './presence.ts';

export interface Recoverer extends Part {
  /** One sweep over all partitions of this server; answers how many attempts were lost. */
  runOnce(): Promise<number>;
  /** A retry waits until this instant: the partition is swept then. */
  onRetryAt(partition: number, at: number): void;
  /** The store was away and is back: running workers get one lease to renew what they hold. */
  onStoreBack(): void;
}

/** With a lease of 5 s, a lost run is queued again within 6 s. Embedded leases do not end by time. */
const SWEEP_EVERY_MS = { redis: 900, embedded: 2_000 };
/** A sweep that a broken network delivers later than this, ms, must not judge: by then the leases of living workers have
 * ended too, and onStoreBack gives them time to renew. */
const SWEEP_VALID_MS = 1_000;
/** Runs handled in one step. */
const SWEEP_LIMIT = 100;

export function createRecoverer(deps: {
  store: Store;
  clock: Clock;
  presence: Presence;
  leaseMs: number;
  logger: Logger;
  /** Runs became ready. */
  onReady: (partition: number) => void;
}): Recoverer {
  const { store, clock, presence, leaseMs, logger, onReady } = deps;
  const sweepEveryMs = SWEEP_EVERY_MS[store.kind];
  let quietUntilAt = 0;
  /** Redis only: when the partition answered last; until when nothing is taken back in it; whether what is found there
   * is not the workers' fault. One master of a cluster may be away while the others answer. */
  const parts = Array.from({ length: PARTITIONS }, () => ({
    answeredAt: clock.now(),
    failed: false,
    quietUntilAt: 0,
    forgive: false,
  }));
  let forgive = false;
  let timesBack = 0;
  let running = false;
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<unknown> = Promise.resolve();
  const retryTimers = new Map<number, { at: number; timer: NodeJS.Timeout }>();

  async function recover(partition: number, limit: number): Promise<RecoverAnswer> {
    const part = parts[partition] as (typeof parts)[number];
    try {
      const answer = await store.recoverRuns(partition, {
        limit,
        countLosses: !(forgive || part.forgive),
        validUntilAt: clock.now() + SWEEP_VALID_MS,
      });
      if (limit > 0) part.forgive = false;
      part.failed = false;
      part.answeredAt = clock.now();
      return answer;
    } catch (error) {
      part.failed = true;
      throw error;
    }
  }

  /** True when the partition was away for so long that leases of living workers may have ended: they get one lease to
   * renew what they hold. */
  async function isQuiet(partition: number): Promise<boolean> {
    const part = parts[partition] as (typeof parts)[number];
    if (store.kind === 'embedded') return false;
    if (part.failed && clock.now() - part.answeredAt > leaseMs / 2) {
      await recover(partition, 0);
      part.quietUntilAt = clock.now() + leaseMs;
      part.forgive = true;
    }
    return clock.now() < part.quietUntilAt;
  }

  async function sweep(partition: number): Promise<number> {
    if (await isQuiet(partition)) return 0;
    let lost = 0;
    for (;;) {
      const answer = await recover(partition, SWEEP_LIMIT);
      for (const run of answer.lost)
        logger.warn({ runId: run.runId, state: run.state }, 'an attempt was lost with its worker');
      lost += answer.lost.length;
      if (answer.promoted > 0 || answer.lost.length > 0) onReady(partition);
      if (answer.nextAt !== null) onRetryAt(partition, answer.nextAt);
      if (answer.lost.length + answer.promoted < SWEEP_LIMIT) return lost;
    }
  }

  async function runOnce(): Promise<number> {
    if (clock.now() < quietUntilAt) return 0;
    const mine = Array.from({ length: PARTITIONS }, (_, partition) => partition).filter((p) =>
      presence.owns(p),
    );
    const before = timesBack;
    const lost = await Promise.all(mine.map(sweep));
    // Away and back during this sweep: what the next one finds is still not the workers' fault.
    if (timesBack === before) forgive = false;
    return lost.reduce((sum, n) => sum + n, 0);
  }

  function onRetryAt(partition: number, at: number): void {
    const known = retryTimers.get(partition);
    const inMs = at - clock.now();
    // The regular sweep is soon enough, or an earlier one is planned already.
    if (!running || inMs > sweepEveryMs || (known !== undefined && known.at <= at)) return;
    clearTimeout(known?.timer);
    const timer = setTimeout(
      () => {
        retryTimers.delete(partition);
        if (clock.now() >= quietUntilAt) sweep(partition).catch(() => undefined);
      },
      Math.max(1, inMs),
    );
    retryTimers.set(partition, { at, timer });
  }

  function loop(): void {
    if (!running) return;
    timer = setTimeout(() => {
      sweeping = runOnce()
        .catch((error: unknown) => logger.debug({ err: error }, 'a sweep was not answered; it is repeated'))
        .then(loop);
    }, sweepEveryMs);
  }

  return {
    runOnce,
    onRetryAt,
    onStoreBack() {
      // Embedded leases belong to the boot: they do not end while the store is away.
      if (store.kind === 'embedded') return;
      quietUntilAt = clock.now() + leaseMs;
      forgive = true;
      timesBack += 1;
      for (const part of parts) part.answeredAt = quietUntilAt;
    },
    async start() {
      running = true;
      // What an earlier boot of the embedded store left running is known to be lost at once.
      if (store.kind === 'embedded') await runOnce();
      loop();
    },
    async stop() {
      running = false;
      clearTimeout(timer);
      for (const { timer } of retryTimers.values()) clearTimeout(timer);
      retryTimers.clear();
      await sweeping;
    },
  };
}
