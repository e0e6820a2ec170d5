/**
 * What is due stands in line here, owners in turn, and goes to the store in waves: ten thousand fires of one owner must
 * not stand before the one of another, nor before what falls due a moment later.
 */
import { createFairQueue } from '../lib/fair-queue.ts';
import { type FireDeps, fireEntries } from './fire-due.ts';
import type { Entry } from './lookahead.ts';

export interface FiringLine {
  /** Takes its place; sent in this turn of the loop if the line is free. */
  join(due: Entry[]): void;
  /** Something waits in line, or for its answer. */
  isBusy(): boolean;
  /** Resolves once the line is empty and everything is answered. */
  settled(): Promise<void>;
  /** Nothing more is sent; what is under way is answered. */
  stop(): Promise<void>;
}

/** Tasks planned and sent in one turn of the loop: 400 cost it 2 to 6 ms, and fill the sixteen partitions' steps. */
const WAVE = 400;
/** Waves under way before the next one waits. With one alone Redis would wait for the network in between. */
const WAVES_UNDER_WAY = 2;

/** `onAnswered`: a wave is answered, its tasks' next slots are known. */
export function createFiringLine(deps: FireDeps & { onAnswered: () => void }): FiringLine {
  const queue = createFairQueue<Entry>();
  const underWay = new Set<Promise<void>>();
  let advancing: Promise<void> | null = null;
  let stopped = false;

  function send(): void {
    const wave = fireEntries(queue.take(WAVE), deps).then(() => {
      underWay.delete(wave);
      deps.onAnswered();
    });
    underWay.add(wave);
  }

  async function advance(): Promise<void> {
    // A finish that goes before a fire makes it late; after it, it costs nobody anything.
    deps.claims.holdFinishes(true);
    while (queue.size > 0) {
      if (underWay.size >= WAVES_UNDER_WAY) await Promise.race(underWay);
      // Lets the loop hear answers and begin runs.
      else await new Promise((resolve) => setImmediate(resolve));
      // Stopped meanwhile, the queue is empty.
      if (queue.size > 0) send();
    }
    advancing = null;
    deps.claims.holdFinishes(false);
  }

  async function settled(): Promise<void> {
    while (advancing !== null || underWay.size > 0) await Promise.all([advancing, ...underWay]);
  }

  return {
    join(due) {
      if (stopped) return;
      for (const entry of due) queue.push(entry.task.ownerId, entry);
      if (advancing !== null || queue.size === 0) return;
      send();
      if (queue.size > 0) advancing = advance();
    },
    isBusy: () => queue.size > 0 || underWay.size > 0,
    settled,
    async stop() {
      stopped = true;
      queue.clear();
      await settled();
    },
  };
}
