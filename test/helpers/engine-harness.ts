/** Parts of the engine on a real embedded store whose clock the test moves, and a store that fails when told to. */
import assert from 'node:assert/strict';
import { createLogger } from '../../server/lib/logger.ts';
import type { ClaimPort } from '../../server/scheduler/fire-due.ts';
import { createPresence, type Presence } from '../../server/scheduler/presence.ts';
import { createScheduler, type Scheduler } from '../../server/scheduler/scheduler.ts';
import { newTaskId, PARTITIONS } from '../../server/store/ids.ts';
import type { ClaimedRun, RunRecord, TaskRecord, VerdictRecord } from '../../server/store/records.ts';
import type { FinishRequest, StoreListener, Wake } from '../../server/store/requests.ts';
import { createSqliteStore } from '../../server/store/sqlite/sqlite-store.ts';
import { StoreUnavailableError } from '../../server/store/status.ts';
import type { Store } from '../../server/store/store.ts';
import { newTask } from '../../server/tasks/task-changes.ts';
import type { Schedule, TaskDefinition, TaskPolicy } from '../../shared/task.ts';
import { tempDir } from './temp-dir.ts';

/** 2026-11-23 00:00:00 UTC. */
export const T = Date.UTC(2026, 10, 23);
export const logger = createLogger({ level: 'silent' });

export interface ManualClock {
  now(): number;
  advance(ms: number): void;
}

export function manualClock(at = T): ManualClock {
  return {
    now: () => at,
    advance(ms) {
      at += ms;
    },
  };
}

/** An embedded store in a folder of its own; wakes go to every `onWake`. */
export interface Embedded {
  /** Changes with `reopen`. */
  store: Store;
  readonly clock: ManualClock;
  readonly onWake: Set<(wake: Wake) => void>;
  /** Stop, then start on the same data: another boot. */
  reopen(): Promise<Store>;
}

export async function openEmbedded(
  t: { after(fn: () => unknown): void },
  clock = manualClock(),
): Promise<Embedded> {
  const dir = tempDir();
  const onWake = new Set<(wake: Wake) => void>();
  const listener: StoreListener = {
    onWake(wake) {
      for (const hear of onWake) hear(wake);
    },
    onRollback() {},
    onHealth() {},
  };
  const start = async () => {
    const store = createSqliteStore({ dir, clock: clock.now });
    await store.start(listener);
    return store;
  };
  const embedded: Embedded = {
    store: await start(),
    clock,
    onWake,
    async reopen() {
      await embedded.store.stop();
      onWake.clear();
      embedded.store = await start();
      return embedded.store;
    },
  };
  t.after(() => embedded.store.stop());
  return embedded;
}

/** Whichever boot of the store is open: what a server uses that outlives one, as if it had been frozen. */
export const presentStore = (embedded: Embedded): Store =>
  new Proxy(embedded.store, {
    get(_target, name: keyof Store) {
      const member = embedded.store[name];
      return typeof member === 'function' ? member.bind(embedded.store) : member;
    },
  });

export type Fault = 'before' | 'after' | null;

/** The store, but `decide` may have an operation fail before it is applied, or after: then the answer is lost. */
export function faultyStore(store: Store, decide: (operation: keyof Store, args: unknown[]) => Fault): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const member = target[name];
      if (typeof member !== 'function' || name === 'start' || name === 'stop') return member;
      return async (...args: unknown[]) => {
        const fault = decide(name, args);
        if (fault === 'before') throw new StoreUnavailableError(`${name}: not sent`);
        const answer = await (member as (...args: unknown[]) => Promise<unknown>).apply(target, args);
        if (fault === 'after') throw new StoreUnavailableError(`${name}: the answer was lost`);
        return answer;
      };
    },
  });
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A firing step that hands out nothing. */
export const noClaims: ClaimPort = {
  free: () => 0,
  reserve: () => null,
  received: () => assert.fail('nothing was reserved'),
  unanswered: () => assert.fail('nothing was reserved'),
  ready: () => undefined,
  holdFinishes: () => undefined,
};

let servers = 0;

/** A server that only schedules. Dropped without a word, it is a crashed one. */
export async function schedulingServer(
  { store, clock, onWake }: Pick<Embedded, 'store' | 'clock' | 'onWake'>,
  claims: ClaimPort = noClaims,
): Promise<{ scheduler: Scheduler; presence: Presence }> {
  servers += 1;
  const id = `server${servers}`;
  const presence = createPresence({ store, clock, id, roles: ['scheduler'], leaseMs: 5_000, logger });
  await presence.start();
  const scheduler = createScheduler({ store, clock, presence, claims, logger });
  onWake.add((wake) => scheduler.onWake(wake));
  return { scheduler, presence };
}

export const definition = (schedule: Schedule, policy: TaskPolicy = {}): TaskDefinition => ({
  name: 't',
  schedule,
  action: { kind: 'handler', name: 'noop' },
  policy,
  requires: null,
  visibleTo: null,
});

/** A task as the service would make it at `now`. */
export async function makeTask(
  store: Store,
  now: number,
  schedule: Schedule,
  policy: TaskPolicy = {},
  ownerId = 'owner',
): Promise<TaskRecord> {
  const task = newTask(newTaskId(ownerId), definition(schedule, policy), now, 'f');
  const [answer] = await store.createTasks(ownerId, [task], 10_000);
  assert.equal(answer?.code, 'created');
  return (answer as { task: TaskRecord }).task;
}

export async function readTask(store: Store, taskId: string): Promise<TaskRecord> {
  const task = await store.getTask(taskId);
  assert.ok(task !== null, `task ${taskId} is there`);
  return task;
}

export const verdictsOf = (store: Store, taskId: string): Promise<VerdictRecord[]> =>
  store.listVerdicts(taskId, 0, Number.MAX_SAFE_INTEGER, { limit: 10_000, oldestFirst: true });

/** Oldest first. */
export const runsOf = async (store: Store, taskId: string): Promise<RunRecord[]> =>
  (await store.listRuns({ taskId }, { limit: 1_000 })).items.toReversed();

export const finishRequest = (run: ClaimedRun, more: Partial<FinishRequest> = {}): FinishRequest => ({
  runId: run.runId,
  token: run.token,
  fence: run.fence,
  outcome: 'succeeded',
  attemptOutcome: 'succeeded',
  retryInMs: 0,
  error: null,
  result: null,
  endTask: false,
  ...more,
});

let claims = 0;

/** Claims everything that is ready and ends it; answers the runs in the order of their claims. */
export async function workOff(
  store: Store,
  finish: (run: ClaimedRun) => Partial<FinishRequest> = () => ({}),
): Promise<ClaimedRun[]> {
  const done: ClaimedRun[] = [];
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    for (;;) {
      claims += 1;
      const requestId = claims.toString(16).padStart(32, 'c');
      const runs = await store.claimRuns(partition, { requestId, worker: 'w', limit: 50, leaseMs: 5_000 });
      if (runs.length === 0) break;
      await store.finishRuns(
        partition,
        runs.map((run) => finishRequest(run, finish(run))),
      );
      done.push(...runs);
    }
  }
  return done;
}
