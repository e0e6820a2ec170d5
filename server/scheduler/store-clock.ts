/**
 * Store time as this process knows it: the host's clock plus an offset from the store's, measured by probes. Good for
 * deciding when to wake; the firing step checks the store's own clock again.
 */
import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import type { Store } from '../store/store.ts';

export interface StoreClock extends Clock, Part {
  /** Store time minus host time, ms. */
  offsetMs(): number;
}

const PROBE_EVERY_MS = 3_000;
/** The offset is that of the quickest answer among this many. */
const PROBES_KEPT = 8;
/** A skew above this is said once per change, in ms. */
const SKEW_WORTH_SAYING_MS = 1_000;
/** The store's clock went back by more than this, ms: reported as clock_went_back. */
const WENT_BACK_MS = 5_000;

export function createStoreClock(deps: {
  store: Store;
  host: Clock;
  monotonicMs: () => number;
  logger: Logger;
}): StoreClock {
  const { store, host, monotonicMs, logger } = deps;
  // The embedded store lives on the host's clock: there is nothing to measure.
  if (store.kind === 'embedded') {
    return { now: () => host.now(), offsetMs: () => 0, start: async () => {}, stop: async () => {} };
  }
  let probes: { rttMs: number; offsetMs: number }[] = [];
  let offsetMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let saidMs = 0;
  let lastHostAt = host.now();
  let lastMonotonicMs = monotonicMs();

  async function probe(): Promise<void> {
    const before = monotonicMs();
    const hostBefore = host.now();
    const storeAt = await store.time();
    const rttMs = monotonicMs() - before;
    // A host clock that jumped makes the older probes worthless.
    const jumpMs = hostBefore - lastHostAt - (before - lastMonotonicMs);
    lastHostAt = hostBefore;
    lastMonotonicMs = before;
    if (Math.abs(jumpMs) > 50) probes = [];
    const measured = storeAt - (hostBefore + rttMs / 2);
    if (measured < offsetMs - WENT_BACK_MS && probes.length > 0) {
      logger.warn(
        { backMs: Math.round(offsetMs - measured) },
        'clock_went_back: nothing fires until the store clock has caught up',
      );
      probes = [];
    }
    probes = [...probes.slice(1 - PROBES_KEPT), { rttMs, offsetMs: measured }];
    offsetMs = probes.reduce((best, p) => (p.rttMs < best.rttMs ? p : best)).offsetMs;
    if (Math.abs(offsetMs - saidMs) > SKEW_WORTH_SAYING_MS) {
      saidMs = offsetMs;
      logger.warn({ skewMs: Math.round(offsetMs) }, 'this host and the store disagree about the time');
    }
  }

  function later(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      // An unreachable store is the health check's matter; the last offset stays good for a while.
      probe().then(later, later);
    }, PROBE_EVERY_MS);
    timer.unref();
  }

  return {
    now: () => Math.floor(host.now() + offsetMs),
    offsetMs: () => offsetMs,
    async start() {
      for (let n = 0; n < 3; n += 1) await probe();
      later();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
