import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LATENESS_BUCKETS, latenessBucket } from '../../../server/store/lateness.ts';
import type { DayRecord } from '../../../server/store/records.ts';
import type { Bench } from './bench.ts';
import { askedRun, catchUp, DAY, fireSlot, policy } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

const sum = (numbers: number[]) => numbers.reduce((total, n) => total + n, 0);

const histogram = (lateness: number[]) => {
  const counts = Array<number>(LATENESS_BUCKETS).fill(0);
  for (const ms of lateness) (counts[latenessBucket(ms)] as number) += 1;
  return counts;
};

async function day(bench: Bench, taskId: string): Promise<DayRecord> {
  const [only, ...others] = await bench.store.listDays(taskId, DAY);
  assert.ok(only !== undefined && others.length === 0, 'one day');
  return only;
}

export function finishTaskContract(harness: StoreHarness): void {
  describe('finishRuns: what the task keeps', () => {
    it(
      'counts the ends of slot runs by the day of the slot, and only those',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const slots = [0, 1, 2, 3, 4].map((k) => fireSlot(bench.slot(k)));
        await bench.fire(task.id, [...slots, catchUp(bench.slot(5))]);
        await bench.ask(askedRun(task.id));
        await bench.store.cancelRun(`${task.id}:${bench.slot(4)}`);
        const runs = await bench.claim();
        const outcomes = ['succeeded', 'failed', 'timed_out', 'succeeded', 'succeeded', 'failed'] as const;
        for (const [k, run] of runs.entries()) {
          if (run.plannedAt === bench.slot(3)) await bench.store.cancelRun(run.runId);
          await bench.finish(
            run,
            run.plannedAt === bench.slot(3) ? 'cancelled' : (outcomes[k] ?? 'succeeded'),
          );
        }
        const record = await day(bench, task.id);
        const states = await bench.states([0, 1, 2, 3, 4, 5].map((k) => `${task.id}:${bench.slot(k)}`));
        assert.deepEqual(states, ['succeeded', 'failed', 'timed_out', 'cancelled', 'cancelled', 'succeeded']);
        assert.deepEqual([record.fired, record.caughtUp], [5, 1]);
        assert.deepEqual(
          [record.succeeded, record.failed, record.cancelled],
          [2, 2, 2],
          'timed_out counts as failed',
        );
        assert.equal(sum(record.onTime) + sum(record.late), 5, 'lateness of those that had started');
        await bench.ask(askedRun(task.id, 'backfill', bench.slot(0)));
        await bench.finish(await bench.claimOne());
        assert.deepEqual(await day(bench, task.id), record, 'backfill and manual runs are not counted');
      }),
    );

    it(
      'sorts lateness into buckets, on time and late apart, once per run',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0)), fireSlot(bench.slot(900))], {
          policy: policy('allow_all', { lateAfterMs: 1_000 }),
        });
        const nowAt = await bench.store.time();
        await bench.fire(task.id, [fireSlot(nowAt - 4_000), fireSlot(nowAt)], {
          policy: policy('allow_all', { lateAfterMs: 60_000 }),
        });
        const runs = await bench.claim();
        for (const run of runs) await bench.finish(run, 'retry');
        assert.equal(sum((await day(bench, task.id)).late), 0, 'not while they wait for a retry');
        await bench.promoteRetries(4);
        for (const run of await bench.claim()) await bench.finish(run);
        const lateness = runs.map((run) => run.lateByMs);
        const record = await day(bench, task.id);
        assert.deepEqual(record.late, histogram(lateness.slice(0, 2)), 'later than their lateAfterMs');
        assert.deepEqual(record.onTime, histogram(lateness.slice(2)), 'within it');
        assert.equal(record.onTime.length, LATENESS_BUCKETS);
      }),
    );

    it(
      'knows how the last slot run ended',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const outcomes = ['succeeded', 'failed', 'timed_out', 'succeeded'] as const;
        for (const [k, outcome] of outcomes.entries()) {
          await bench.fire(task.id, [fireSlot(bench.slot(k))]);
          await bench.finish(await bench.claimOne(), outcome);
          assert.equal((await bench.read(task.id)).lastEnded, outcome);
        }
        await bench.ask(askedRun(task.id));
        await bench.finish(await bench.claimOne(), 'failed');
        assert.equal((await bench.read(task.id)).lastEnded, 'succeeded', 'a manual run is no slot run');
        await bench.fire(task.id, [fireSlot(bench.slot(9))]);
        await bench.store.cancelRun(`${task.id}:${bench.slot(9)}`);
        assert.equal(
          (await bench.read(task.id)).lastEnded,
          'cancelled',
          'a queued one that was cancelled has ended, too',
        );
      }),
    );

    it(
      'knows that the last slot was late once its run has shown it',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))], {
          policy: policy('skip', { lateAfterMs: 1_000 }),
        });
        await bench.finish(await bench.claimOne());
        assert.equal((await bench.read(task.id)).lastLate, true, 'it started an hour late');
        const nowAt = await bench.store.time();
        await bench.fire(task.id, [fireSlot(nowAt)], { policy: policy('skip', { lateAfterMs: 60_000 }) });
        await bench.finish(await bench.claimOne());
        assert.equal((await bench.read(task.id)).lastLate, false, 'it started in time');
      }),
    );
  });
}
