/**
 * Looks for what should have moved and did not, independent of who should have moved it. Goes through all tasks and index
 * entries of this server's partitions, slice by slice without end, and through one partition of others' with each round. What
 * it finds must be found again, unmoved, some seconds later; then it is repaired, counted and said.
 */
import { type Clock, monotonicMs } from '../lib/clock.ts';
import type { Part } from '../lib/lifecycle.ts';
import type { Logger } from '../lib/logger.ts';
import { PARTITIONS } from '../store/ids.ts';
import { StoreUnavailableError } from '../store/status.ts';
import type { Store } from '../store/store.ts';
import { createFindingLog, type FindingLog } from './finding-log.ts';
import type { ClaimPort } from './fire-due.ts';
import type { Presence } from './presence.ts';
import { createLooks, type Finding, type TaskLook } from './watchman-looks.ts';
import { repairFinding, STORE_FAULTS } from './watchman-repairs.ts';

export interface Watchman extends Part {
  /** One whole round, without pauses, and the second looks that are due. Tests call it; the loop does the same in slices. */
  runOnce(): Promise<void>;
  /** Since the start: findings that stood, and those put right, by kind; tasks looked at; ended rounds. */
  state(): ReturnType<FindingLog['counts']> & { looked: number; rounds: number; lastRoundAt: number | null };
}

/** Tasks of one slice. A task costs 0.1 ms of ours and 0.08 ms of Redis (20,000 daily tasks, 2026-11-23), so that no fire
 * waits longer than 2 ms behind a slice. */
const SLICE = 20;
/** Entries of an index looked at in one call; each is a short read. */
const ENTRIES = 500;
/** Between slices, ms: at least, in proportion to what the slice took, and at most. 100,000 tasks are 5,000 slices: 5 to 10
 * minutes of looking at about 3 % of a core, shared by all servers. */
const LEAST_PAUSE_MS = 50;
const PAUSE_OF_SLICE = 30;
const LONGEST_PAUSE_MS = 200;
/** Between the beginnings of rounds, ms. A round over nothing costs 30 ms, 0.1 % of a core. */
const ROUND_EVERY_MS = 30_000;
/** Whether a second look or a round is due is asked this often, ms. */
const BETWEEN_ROUNDS_MS = 1_000;
/** Between the two looks at a finding, ms. A wake, a poll (1 s), a sweep (0.9 s) and another server's turn fit in many times. */
const SECOND_LOOK_MS = 5_000;
/** Suspects kept in mind; the next round finds the others. */
const MOST_SUSPECTS = 5_000;
/** Second looks of one step. */
const SECOND_LOOKS = 50;

interface Suspect {
  finding: Finding;
  firstAt: number;
}

export function createWatchman(deps: {
  store: Store;
  clock: Clock;
  presence: Presence;
  leaseMs: number;
  claims: Pick<ClaimPort, 'ready'>;
  logger: Logger;
}): Watchman {
  const { store, clock, presence, logger } = deps;
  const looks = createLooks({ store, clock });
  const log = createFindingLog({ clock, logger });
  const suspects = new Map<string, Suspect>();
  let looked = 0;
  let rounds = 0;
  let lastRoundAt: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let looking: Promise<unknown> = Promise.resolve();

  const keyOf = ({ kind, id, what }: Finding) => `${kind} ${id} ${what}`;

  function suspect(findings: readonly Finding[]): void {
    for (const finding of findings) {
      const key = keyOf(finding);
      if (!suspects.has(key) && suspects.size < MOST_SUSPECTS)
        suspects.set(key, { finding, firstAt: clock.now() });
    }
  }

  /** Yields after each slice of tasks. */
  async function* atPartition(partition: number): AsyncGenerator<void> {
    for (let after: string | null = null, more = true; more; ) {
      const { findings, tasks, next } = await looks.atTasks(partition, { after, limit: SLICE });
      suspect(findings);
      looked += tasks.length;
      const task = tasks[rounds % Math.max(1, tasks.length)];
      const visit = Math.floor(rounds / Math.max(1, tasks.length));
      if (task !== undefined) suspect(present(await looks.atDay(partition, task, visit)));
      after = next;
      more = next !== null;
      if (tasks.length > 0) yield;
    }
    for (let after: string | null = null, more = true; more; ) {
      const { findings, next } = await looks.atIndexes(partition, after, ENTRIES);
      suspect(findings);
      after = next;
      more = next !== null;
    }
  }

  /** Yields after each slice. */
  async function* round(): AsyncGenerator<void> {
    const mine: number[] = [];
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      // Others': in case that their server lives and does nothing.
      if (presence.owns(partition) || partition === rounds % PARTITIONS) mine.push(partition);
    }
    let isSaid = false;
    for (const partition of mine) {
      try {
        yield* atPartition(partition);
      } catch (error) {
        if (error instanceof StoreUnavailableError) throw error;
        // An index that cannot be read must not keep the other partitions from being looked at.
        if (!isSaid) logger.error({ err: error, partition }, 'watchman: a partition could not be looked at');
        isSaid = true;
      }
      yield;
    }
    rounds += 1;
    lastRoundAt = clock.now();
  }

  /** Looks again where the first look is long enough ago; repairs what stands. */
  async function secondLooks(): Promise<void> {
    const now = clock.now();
    const due: Suspect[] = [];
    for (const one of suspects.values()) {
      // A clock that stepped back must not keep them for ever.
      if (Math.abs(now - one.firstAt) >= SECOND_LOOK_MS) due.push(one);
      if (due.length === SECOND_LOOKS) break;
    }
    const standing: Finding[] = [];
    const inspected = new Map<string, Promise<TaskLook>>();
    for (const { finding } of due) {
      const again = await lookAgain(finding, inspected);
      suspects.delete(keyOf(finding));
      if (again !== null) standing.push(again);
    }
    // One step puts right all that a store holds against a task.
    const repairedTasks = new Set<string>();
    for (const finding of standing) {
      if (stopped) return;
      const isStoreFault = STORE_FAULTS.has(finding.kind);
      const repaired =
        (isStoreFault && repairedTasks.has(finding.id)) || (await repairFinding(finding, deps));
      if (repaired && isStoreFault) repairedTasks.add(finding.id);
      log.say(finding, repaired);
    }
  }

  /** The finding as it is now, when it is the same; null when it has moved. */
  async function lookAgain(
    finding: Finding,
    inspected: Map<string, Promise<TaskLook>>,
  ): Promise<Finding | null> {
    const { partition, id, task, day, stray } = finding;
    // Its repair is its second look.
    if (stray !== undefined) return finding;
    const isSame = (one: Finding) => keyOf(one) === keyOf(finding);
    if (task !== undefined && day !== undefined) {
      const again = await looks.atDay(partition, task, day.visit);
      return again !== null && isSame(again) ? again : null;
    }
    const taskId = id.split(':')[0] as string;
    const look = inspected.get(taskId) ?? looks.atTasks(partition, { taskIds: [taskId] });
    inspected.set(taskId, look);
    return (await look).findings.find(isSame) ?? null;
  }

  let current: AsyncGenerator<void> | null = null;
  let roundFromAt = 0;

  /** One slice and what is due of the second looks; answers how long to rest. */
  async function step(): Promise<number> {
    const beganMs = monotonicMs();
    await secondLooks();
    const now = clock.now();
    if (current === null && Math.abs(now - roundFromAt) < ROUND_EVERY_MS) return BETWEEN_ROUNDS_MS;
    if (current === null) {
      roundFromAt = now;
      current = round();
    }
    if ((await current.next()).done) current = null;
    return Math.min(LONGEST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, PAUSE_OF_SLICE * (monotonicMs() - beganMs)));
  }

  function later(inMs: number): void {
    if (stopped) return;
    timer = setTimeout(() => {
      looking = step().then(later, (error: unknown) => {
        const isAway = error instanceof StoreUnavailableError;
        logger[isAway ? 'debug' : 'error']({ err: error }, 'watchman: a look failed; it begins again');
        current = null;
        later(SECOND_LOOK_MS);
      });
    }, inMs);
    timer.unref();
  }

  return {
    async runOnce() {
      await secondLooks();
      for await (const _slice of round()) if (stopped) return;
    },
    state: () => ({ ...log.counts(), looked, rounds, lastRoundAt }),
    async start() {
      stopped = false;
      later(SECOND_LOOK_MS);
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}

const present = (finding: Finding | null): Finding[] => (finding === null ? [] : [finding]);
