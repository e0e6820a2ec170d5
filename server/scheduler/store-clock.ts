/**
 * Store time as this process knows it: monotonic time plus an offset from the store's clock, measured by probes. Good for
 * deciding when to wake; the firing step checks the store's own clock again. The host's wall clock has no part in it: it
 * may be set at any moment, and an hour too far would have slots judged as an hour late.
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
/** Answers in whole ms, each after half a round trip: what so many of them leave possible is narrower than one says. */
const PROBES_KEPT = 8;
/** What two clocks drift apart while a probe is kept (24 s at 500 ppm), and what their whole ms hide. */
const DRIFT_MS = 15;
/** A skew of the host's clock above this is said once per change, in ms. */
const SKEW_WORTH_SAYING_MS = 1_000;
/** The store's clock went back by more than this, ms: reported as clock_went_back. */
const WENT_BACK_MS = 5_000;
/** The wall clock moved by this against the monotonic one, ms: it was set, or the machine slept. */
const JUMP_MS = 50;

interface Probe {
  rttMs: number;
  /** Store time minus monotonic time: the middle of what this answer leaves possible, */
  offsetMs: number;
  /** and its lower end. The store cut its time down to whole ms, at the latest when the answer arrived. */
  atLeastMs: number;
}

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
  const hostOffset = () => host.now() - monotonicMs();
  let probes: Probe[] = [];
  let hostOffsetMs = hostOffset();
  let offsetMs = hostOffsetMs;
  let timer: NodeJS.Timeout | undefined;
  let probing = false;
  let stopped = false;
  let saidMs = 0;

  async function probe(): Promise<void> {
    hostOffsetMs = hostOffset();
    const before = monotonicMs();
    const storeAt = await store.time();
    const rttMs = monotonicMs() - before;
    const next: Probe = {
      rttMs,
      offsetMs: storeAt - (before + rttMs / 2),
      atLeastMs: storeAt - (before + rttMs),
    };
    const best = quickest(probes);
    // Each is right within half its round trip. Further apart: the store's clock was set, or this machine slept.
    if (best !== null && Math.abs(next.offsetMs - best.offsetMs) > (rttMs + best.rttMs) / 2 + DRIFT_MS) {
      if (next.offsetMs < best.offsetMs - WENT_BACK_MS) {
        logger.warn(
          { backMs: Math.round(best.offsetMs - next.offsetMs) },
          'clock_went_back: nothing fires until the store clock has caught up',
        );
      }
      probes = [];
    }
    probes = [...probes.slice(1 - PROBES_KEPT), next];
    // Never ahead of the store (a fire that comes early costs a second call), and 0.6 ms nearer to it than the quickest
    // answer's middle, which is cut down by half a ms on average.
    offsetMs = Math.max(...probes.map((probe) => probe.atLeastMs));
    const skewMs = offsetMs - hostOffsetMs;
    if (Math.abs(skewMs - saidMs) > SKEW_WORTH_SAYING_MS) {
      saidMs = skewMs;
      logger.warn({ skewMs: Math.round(skewMs) }, 'this host and the store disagree about the time');
    }
  }

  function later(): void {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(probeSoon, PROBE_EVERY_MS);
    timer.unref();
  }

  function probeSoon(): void {
    if (stopped || probing) return;
    probing = true;
    const done = () => {
      probing = false;
      later();
    };
    // An unreachable store is the health check's matter; the last offset stays good for a while.
    probe().then(done, done);
  }

  return {
    now() {
      // After a sleep, which monotonic time leaves out, nobody waits for the next probe's turn.
      if (Math.abs(hostOffset() - hostOffsetMs) > JUMP_MS && timer !== undefined) probeSoon();
      return Math.floor(monotonicMs() + offsetMs);
    },
    offsetMs: () => offsetMs - hostOffset(),
    async start() {
      for (let n = 0; n < PROBES_KEPT; n += 1) await probe();
      later();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

const quickest = (probes: readonly Probe[]): Probe | null =>
  probes.reduce<Probe | null>(
    (best, probe) => (best === null || probe.rttMs < best.rttMs ? probe : best),
    null,
  );
