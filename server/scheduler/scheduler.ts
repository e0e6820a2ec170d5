/**
 * Fires slots on time. Loads what is due soon from the store's index, sleeps in Node until the instant, and performs the
 * firing step. No leader and no lock: servers race on the step's compare-and-swap, and a crash leaves either the slot
 * undecided (someone else fires it) or decided.
 */
import type { Clock } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import { createRepeatLog } from '../lib/repeat-log.ts';
import { PARTITIONS, partitionOfId } from '../store/ids.ts';
import type { Wake } from '../store/requests.ts';
import type { Store } from '../store/store.ts';
import type { ClaimPort } from './fire-due.ts';
import { createFiringLine } from './firing-line.ts';
import { createLookahead } from './lookahead.ts';
import type { Presence } from './presence.ts';

export interface Scheduler extends Part {
  /** Loads what is due soon and fires what is due; resolves when both are done. Tests call it; the loop does the same. */
  runOnce(): Promise<void>;
  onWake(wake: Wake): void;
  /** Reads the partition (null: all) again from the store. */
  reload(partition: number | null): void;
  /** Entries in memory, and when the last pass of the loop was (store time). */
  state(): { known: number; lastPassAt: number };
}

/** How far ahead tasks are loaded, ms; and how often the window is moved on. (Every 400 ms cost 1 % of an idle core.) */
const HORIZON_MS = 2_500;
const REFILL_EVERY_MS = 800;
/** Another server's tasks are fired only when overdue by this: it had its turn. Looked for this often, so that they are fired
 * before they are late (1,000 ms) and catch-up rules would judge them. */
const OTHERS_OVERDUE_MS = 250;
const OTHERS_EVERY_MS = 400;
/** Our own tasks that are overdue by this were missed by every wake: the poll behind the wakes finds them. */
const OWN_OVERDUE_MS = 100;
/** A server that is behind knows what it owes: reading all of it again, slice by slice, would put it further behind (measured at
 * 5,000 a second). What others missed is looked for all the same, after so many looks left out. */
const LOOKS_LEFT_OUT = 5;
/** Tasks loaded in one call: decoding 200 takes about 3 ms. */
const LOAD_SLICE = 200;
/** Fewer tasks than this in a window: reading them costs less than further calls. */
const QUIET_BELOW = 64;
/** Taken from the look-ahead in one turn of the loop: about 1 µs each. */
const MOST_AT_ONCE = 10_000;
/** Timers are never longer, ms: laptops suspend, clocks jump. */
const LONGEST_SLEEP_MS = 1_000;

export function createScheduler(deps: {
  store: Store;
  clock: Clock;
  presence: Presence;
  claims: ClaimPort;
  logger: Logger;
}): Scheduler {
  const { store, clock, presence, claims, logger } = deps;
  const lookahead = createLookahead();
  const sayRepeated = createRepeatLog({ clock, logger });
  const line = createFiringLine({ store, clock, lookahead, claims, logger, sayRepeated, onAnswered: arm });
  /** Per partition: tasks with nextAt up to here are in memory. */
  const loadedThroughAt = new Array<number>(PARTITIONS).fill(-1);
  /** The same, for a load under way: it may have read the index before a task came into it. */
  const loadingThroughAt = new Array<number>(PARTITIONS).fill(-1);
  /** Per partition: the span of slots that wakes announced and nobody has loaded yet. */
  const announced = new Map<number, { fromAt: number; toAt: number }>();
  let running = false;
  let timer: NodeJS.Timeout | undefined;
  let othersTimer: NodeJS.Timeout | undefined;
  let announceTimer: NodeJS.Immediate | undefined;
  let refillAt = 0;
  let refilling = false;
  let reloads = 0;
  let lastRead = 0;
  let leftOut = 0;
  let lastPassAt = 0;
  const pending = new Set<Promise<unknown>>();

  /** Keeps track of what stop() has to wait for. */
  function track<T>(work: Promise<T>): Promise<T> {
    pending.add(work);
    const done = () => pending.delete(work);
    work.then(done, done);
    return work;
  }

  /** Answers how many tasks were read. */
  async function load(partition: number, untilAt: number, fromAt: number): Promise<number> {
    let read = 0;
    const now = clock.now();
    let after: { nextAt: number; taskId: string } | undefined =
      fromAt < 0 ? undefined : { nextAt: fromAt, taskId: '~' };
    for (;;) {
      const tasks = await store.loadDue(partition, untilAt, LOAD_SLICE, after);
      for (const task of tasks) {
        // Whatever this process believes of a task, an overdue one sleeps no longer than a retry.
        const overdue = (task.closing?.at ?? task.nextAt ?? untilAt) < now - OWN_OVERDUE_MS;
        lookahead.offer(task, overdue ? now + LONGEST_SLEEP_MS : undefined);
      }
      const last = tasks.at(-1);
      read += tasks.length;
      if (last === undefined || tasks.length < LOAD_SLICE) return read;
      after = { nextAt: last.nextAt ?? last.closing?.at ?? untilAt, taskId: last.id };
    }
  }

  /** What other servers should have fired by now. */
  async function loadOthersOverdue(): Promise<void> {
    const untilAt = clock.now() - OTHERS_OVERDUE_MS;
    const others = Array.from({ length: PARTITIONS }, (_, p) => p).filter((p) => !presence.owns(p));
    await Promise.all(others.map((partition) => load(partition, untilAt, -1)));
  }

  /** Moves the window of one of our own partitions on, and looks for what was missed in it; answers how much was read. */
  async function refillOne(
    partition: number,
    now: number,
    isQuiet: boolean,
    looksBack: boolean,
  ): Promise<number> {
    const untilAt = now + HORIZON_MS;
    const before = reloads;
    const from = loadedThroughAt[partition] as number;
    loadingThroughAt[partition] = untilAt;
    let read = 0;
    // With little to read, one call from the beginning does both.
    if (from >= 0 && !isQuiet && looksBack) read += await load(partition, now - OWN_OVERDUE_MS, -1);
    read += await load(partition, untilAt, isQuiet && looksBack ? -1 : from);
    // A reload meanwhile has forgotten what was in memory.
    if (before === reloads)
      loadedThroughAt[partition] = Math.max(loadedThroughAt[partition] as number, untilAt);
    return read;
  }

  /**
   * All partitions of ours: at once while there is little to read (one batch instead of thirty), else one after the other,
   * because all answers in one turn of the loop are 5 to 10 ms of decoding, and so much lateness for what is due.
   */
  async function refill(): Promise<void> {
    const now = clock.now();
    const mine: number[] = [];
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      if (presence.owns(partition)) mine.push(partition);
      else loadedThroughAt[partition] = -1;
    }
    const looksBack = !line.isBusy() || leftOut >= LOOKS_LEFT_OUT;
    leftOut = looksBack ? 0 : leftOut + 1;
    let read = 0;
    if (lastRead < QUIET_BELOW) {
      const reads = mine.map((partition) => refillOne(partition, now, true, looksBack));
      for (const n of await Promise.all(reads)) read += n;
    } else {
      for (const partition of mine) read += await refillOne(partition, now, false, looksBack);
    }
    lastRead = read;
  }

  /** Answers how many were due. */
  function fireDue(): number {
    const now = clock.now();
    const due = lookahead.takeDue(now, MOST_AT_ONCE).filter((entry) => {
      const mine = presence.owns(entry.partition) || entry.at <= now - OTHERS_OVERDUE_MS;
      // Its owner has its turn; if it does not take it, loadOthersOverdue finds the task again.
      if (!mine) lookahead.settle(entry, null, null);
      return mine;
    });
    lastPassAt = now;
    line.join(due);
    return due.length;
  }

  function arm(): void {
    if (!running) return;
    clearTimeout(timer);
    const now = clock.now();
    // While a refill is under way its end arms the timer again.
    const pollAt = refilling ? now + LONGEST_SLEEP_MS : refillAt;
    const nextAt = Math.min(lookahead.nextAt() ?? pollAt, pollAt);
    timer = setTimeout(pass, Math.min(LONGEST_SLEEP_MS, Math.max(0, nextAt - now)));
  }

  function pass(): void {
    const now = clock.now();
    if (!refilling && (now >= refillAt || refillAt - now > LONGEST_SLEEP_MS)) {
      refillAt = now + REFILL_EVERY_MS;
      refilling = true;
      // Loading never delays firing: both go on side by side.
      track(refill())
        .catch((error: unknown) =>
          logger.debug({ err: error }, 'the look-ahead could not be loaded; tried again'),
        )
        .finally(() => {
          refilling = false;
          arm();
        });
    }
    fireDue();
    arm();
  }

  function watchOthers(): void {
    othersTimer = setTimeout(() => {
      track(loadOthersOverdue())
        .then(arm, () => undefined)
        .finally(() => {
          if (running) watchOthers();
        });
    }, OTHERS_EVERY_MS);
  }

  async function loadAnnounced(): Promise<void> {
    const spans = [...announced];
    announced.clear();
    await Promise.all(spans.map(([partition, span]) => load(partition, span.toAt, span.fromAt - 1)));
    arm();
  }

  return {
    async runOnce() {
      await Promise.all([refill(), loadOthersOverdue(), loadAnnounced()]);
      if (fireDue() > 0) await line.settled();
    },
    onWake(wake) {
      if (wake.kind !== 'due' || !presence.owns(wake.partition)) return;
      // Later slots are loaded when the window gets there.
      if (wake.at > Math.max(loadedThroughAt[wake.partition] ?? -1, loadingThroughAt[wake.partition] ?? -1))
        return;
      const span = announced.get(wake.partition);
      announced.set(wake.partition, {
        fromAt: Math.min(span?.fromAt ?? wake.at, wake.at),
        toAt: Math.max(span?.toAt ?? wake.at, wake.at),
      });
      if (!running || announceTimer !== undefined) return;
      announceTimer = setImmediate(() => {
        announceTimer = undefined;
        track(loadAnnounced()).catch((error: unknown) =>
          logger.debug({ err: error }, 'announced slots not loaded; the poll finds them'),
        );
      });
    },
    reload(partition) {
      reloads += 1;
      if (partition === null) loadedThroughAt.fill(-1);
      else loadedThroughAt[partition] = -1;
      lookahead.forget(partition === null ? null : (taskId) => partitionOfId(taskId) === partition);
      refillAt = 0;
      arm();
    },
    state: () => ({ known: lookahead.size, lastPassAt }),
    async start() {
      running = true;
      presence.onChange(() => {
        refillAt = 0;
        arm();
      });
      pass();
      watchOthers();
    },
    async stop() {
      running = false;
      clearTimeout(timer);
      clearTimeout(othersTimer);
      clearImmediate(announceTimer);
      await line.stop();
      while (pending.size > 0) await Promise.allSettled(pending);
    },
  };
}
