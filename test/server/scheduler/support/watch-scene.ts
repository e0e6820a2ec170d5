/** A watchman over one partition of a store, with a clock that the test moves, and what it logs. */
import assert from 'node:assert/strict';
import { createLogger } from '../../../../server/lib/logger.ts';
import { createRepeatLog } from '../../../../server/lib/repeat-log.ts';
import { fireEntries } from '../../../../server/scheduler/fire-due.ts';
import { createLookahead } from '../../../../server/scheduler/lookahead.ts';
import type { Presence } from '../../../../server/scheduler/presence.ts';
import { createWatchman, type Watchman } from '../../../../server/scheduler/watchman.ts';
import type { FindingKind } from '../../../../server/scheduler/watchman-looks.ts';
import { newTaskId } from '../../../../server/store/ids.ts';
import type { TaskRecord } from '../../../../server/store/records.ts';
import type { Store } from '../../../../server/store/store.ts';
import { createHistoryService } from '../../../../server/tasks/history-service.ts';
import { newTask } from '../../../../server/tasks/task-changes.ts';
import type { Schedule } from '../../../../shared/task.ts';
import { definition, noClaims } from '../../../helpers/engine-harness.ts';

/** What stores are opened with: time is the store's plus what the test adds for the watchman. */
export interface WatchScene {
  store: Store;
  watchman: Watchman;
  lines: Record<string, unknown>[];
  /** Two whole rounds, far enough apart that what the first finds is believed. */
  lookTwice(): Promise<void>;
  /** The watchman's time goes on; the store's does not. */
  wait(ms: number): void;
  /** Found and repaired so far: exactly these kinds, so many of each. */
  assertRepaired(kinds: Partial<Record<FindingKind, number>>): void;
}

/** Owns every partition, without beats. */
export const ownsAll = { id: 'w', owns: () => true, servers: () => [] } as unknown as Presence;

export async function watchScene(store: Store, presence: Presence = ownsAll): Promise<WatchScene> {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    level: 'debug',
    destination: { write: (line: string) => void lines.push(JSON.parse(line)) },
  });
  let aheadMs = 0;
  const base = await store.time();
  const began = performance.now();
  const clock = { now: () => Math.floor(base + (performance.now() - began)) + aheadMs };
  const watchman = createWatchman({
    store,
    clock,
    presence,
    leaseMs: 1_000,
    claims: { ready: () => {} },
    logger,
  });
  return {
    store,
    watchman,
    lines,
    async lookTwice() {
      await watchman.runOnce();
      aheadMs += 5_000;
      await watchman.runOnce();
      aheadMs -= 5_000;
    },
    wait(ms) {
      aheadMs += ms;
    },
    assertRepaired(kinds) {
      const { found, repaired } = watchman.state();
      assert.deepEqual({ found, repaired }, { found: kinds, repaired: kinds });
      const said = lines.filter(({ msg }) => msg === 'watchman: found and put right');
      assert.equal(
        said.length,
        Object.values(kinds).reduce((sum, n) => sum + n, 0),
        'a line for each',
      );
    },
  };
}

/** Of one owner, from `agoMs` before now on; never fired so far. */
export async function ownTask(
  store: Store,
  schedule: Schedule,
  agoMs = 0,
  ownerId = 'owner',
): Promise<TaskRecord> {
  const task = newTask(newTaskId(ownerId), definition(schedule), (await store.time()) - agoMs, 'f');
  const [answer] = await store.createTasks(ownerId, [task], 10_000);
  assert.ok(answer?.code === 'created');
  return answer.task;
}

/** Every slot of the task's life up to its cursor has its verdict. */
export async function assertAudited(store: Store, task: TaskRecord): Promise<void> {
  const { cursorAt } = (await store.getTask(task.id)) as TaskRecord;
  const history = createHistoryService({ store, clock: { now: () => cursorAt } });
  const audit = await history.audit(task.ownerId, task.id, {
    fromAt: task.segment.fromAt,
    toAt: cursorAt + 1,
  });
  assert.ok(audit.ok && audit.planned > 0, JSON.stringify(audit));
}

/** Fires what is due of the one task, as its scheduler would. */
export async function fireNow(store: Store, taskId: string): Promise<void> {
  const task = await store.getTask(taskId);
  assert.ok(task !== null);
  const lookahead = createLookahead();
  lookahead.offer(task);
  const now = await store.time();
  const logger = createLogger({ level: 'silent' });
  const due = lookahead.takeDue(now, 1);
  assert.equal(due.length, 1, 'it is due');
  const clock = { now: () => now };
  const sayRepeated = createRepeatLog({ clock, logger });
  await fireEntries(due, { store, clock, lookahead, claims: noClaims, logger, sayRepeated });
}
