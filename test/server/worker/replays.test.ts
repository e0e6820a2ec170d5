/** After the store lost acknowledged writes: which executions of this server are made again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../../server/lib/logger.ts';
import { askedRunId, newTaskId, partitionOfId, slotRunId } from '../../../server/store/ids.ts';
import type { ClaimedRun, RunRecord } from '../../../server/store/records.ts';
import { createReplays } from '../../../server/worker/replays.ts';
import { manualClock } from '../../helpers/engine-harness.ts';

const TASK = newTaskId('owner');
const PARTITION = partitionOfId(TASK) as number;

/** What the store knows of a run: the fence of its attempts, and whether the last one has ended. */
type Known = { fences: number[]; ended: boolean };

function bench() {
  const known = new Map<string, Known>();
  const said: unknown[] = [];
  const clock = manualClock();
  let tasks = new Set([TASK]);
  const logger = createLogger({ level: 'silent' });
  logger.error = ((fields: unknown) => said.push(fields)) as typeof logger.error;
  const replays = createReplays({
    store: {
      getTask: async (id) => (tasks.has(id) ? ({} as never) : null),
      async getRun(id) {
        const run = known.get(id);
        if (run === undefined) return null;
        const attempts = run.fences.map((fence, index) => ({
          fence,
          endedAt: index < run.fences.length - 1 || run.ended ? 1 : null,
        }));
        return { attempts } as RunRecord;
      },
    },
    clock,
    logger,
  });
  let fence = 0;
  return {
    replays,
    known,
    said,
    clock,
    deleteTask: () => {
      tasks = new Set();
    },
    /** Claims, and finishes unless told otherwise; the store knows all of it. */
    execute(runId: string, hasEnded = true): number {
      fence += 1;
      replays.began({ runId, fence } as ClaimedRun);
      if (hasEnded) replays.ended(runId, fence);
      known.set(runId, { fences: [fence], ended: hasEnded });
      return fence;
    },
  };
}

test('nothing was lost of it: nothing is counted', async () => {
  const { replays, execute, said } = bench();
  execute(slotRunId(TASK, 1_000));
  execute(slotRunId(TASK, 2_000), false);
  assert.equal(await replays.count(PARTITION), 0);
  assert.deepEqual(said, []);
});

test('a lost run, a lost claim and a lost finish are made again, each counted once', async () => {
  const { replays, execute, known, said } = bench();
  const [lostRun, lostClaim, lostFinish, kept] = [1, 2, 3, 4].map((n) => slotRunId(TASK, n * 1_000)) as [
    string,
    string,
    string,
    string,
  ];
  for (const runId of [lostRun, lostClaim, lostFinish, kept]) execute(runId);
  known.delete(lostRun);
  // Another server has it by now.
  known.set(lostClaim, { fences: [99], ended: true });
  known.set(lostFinish, { fences: known.get(lostFinish)?.fences ?? [], ended: false });
  assert.equal(await replays.count((PARTITION + 1) % 16), 0, 'another partition');
  assert.equal(await replays.count(PARTITION), 3);
  assert.equal(await replays.count(PARTITION), 0);
  const runIds = [lostRun, lostClaim, lostFinish];
  assert.deepEqual(said, [{ partition: PARTITION, replayed: 3, replayedInAll: 3, runIds }]);
});

test('what nobody makes again is not counted: a manual run, a run of a deleted task, one of an hour ago', async () => {
  const { replays, execute, known, clock, deleteTask } = bench();
  const manual = askedRunId(TASK, 'manual');
  execute(manual);
  known.delete(manual);
  assert.equal(await replays.count(PARTITION), 0);
  const old = slotRunId(TASK, 1_000);
  execute(old);
  known.delete(old);
  clock.advance(3_600_000);
  assert.equal(await replays.count(PARTITION), 0);
  const fresh = slotRunId(TASK, 2_000);
  execute(fresh);
  known.delete(fresh);
  deleteTask();
  assert.equal(await replays.count(PARTITION), 0);
});

test('an attempt that is still under way is looked up whatever its age', async () => {
  const { replays, execute, known, clock } = bench();
  const runId = slotRunId(TASK, 1_000);
  execute(runId, false);
  known.set(runId, { fences: [], ended: false });
  clock.advance(3_600_000);
  assert.equal(await replays.count(PARTITION), 1);
});
