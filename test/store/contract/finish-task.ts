import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LATENESS_BUCKETS, latenessBucket } from '../../../server/store/lateness.ts';
import type { DayRecord } from '../../../server/store/records.ts';
import { type Bench, onBench } from './bench.ts';
import { askedRun, catchUp, DAY, fireSlot, policy, segment, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';

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

    it(
      'counts failures in a row and leaves a closing `paused` when they reach the limit',
      onBench(harness, async (bench) => {
        const task = await bench.task({ pauseAfterFailures: 3 });
        let k = 0;
        const end = async (outcome: 'succeeded' | 'failed' | 'timed_out') => {
          await bench.fire(task.id, [fireSlot(bench.slot(k++))]);
          await bench.finish(await bench.claimOne(), outcome);
          return bench.read(task.id);
        };
        assert.equal((await end('failed')).failures, 1);
        assert.equal((await end('timed_out')).failures, 2);
        assert.equal((await end('succeeded')).failures, 0, 'a success begins anew');
        await bench.ask(askedRun(task.id));
        await bench.finish(await bench.claimOne(), 'failed');
        assert.equal((await bench.read(task.id)).failures, 0, 'manual runs do not count');
        await end('failed');
        await bench.fire(task.id, [fireSlot(bench.slot(k++))]);
        await bench.finish(await bench.claimOne(), 'retry', { retryInMs: 60_000 });
        assert.equal((await bench.read(task.id)).failures, 1, 'nor do attempts that will be repeated');
        const second = await end('failed');
        assert.deepEqual([second.failures, second.closing], [2, null]);
        const beforeAt = await bench.store.time();
        const third = await end('failed');
        assert.equal(third.failures, 3);
        assert.equal(third.closing?.reason, 'paused');
        const at = third.closing.at;
        assert.ok(
          at >= beforeAt && at <= (await bench.store.time()),
          'closing.at is the store time of the finish',
        );
        assert.equal(third.state, 'active', 'the scheduler has yet to carry it out');
        assert.equal(third.version, task.version);
      }),
    );

    it(
      'leaves no second closing, and none `paused` on a task that is paused already',
      onBench(harness, async (bench) => {
        const task = await bench.task({ pauseAfterFailures: 1 });
        await bench.fire(
          task.id,
          [0, 1, 2].map((k) => fireSlot(bench.slot(k))),
        );
        const [a, b, c] = await bench.claim();
        assert.ok(a !== undefined && b !== undefined && c !== undefined);
        await bench.finish(a, 'failed');
        const first = await bench.read(task.id);
        assert.equal(first.closing?.reason, 'paused');
        await bench.finish(b, 'succeeded', { endTask: true });
        assert.deepEqual(
          (await bench.read(task.id)).closing,
          first.closing,
          'the pending one stays as it is',
        );
        const pause = taskChange(first, {
          byUser: false,
          closes: true,
          cursorAt: first.cursorAt,
          state: 'paused',
          closeAt: first.cursorAt + 1,
          open: segment(first.cursorAt + 1, { schedule: null }),
        });
        const paused = await bench.store.changeTask(pause);
        assert.ok(paused.code === 'changed' && paused.task.closing === null, 'carried out');
        await bench.finish(c, 'failed');
        assert.equal((await bench.read(task.id)).closing, null, 'it is paused; nothing is left to carry out');
      }),
    );

    it(
      'endTask leaves a closing `ended`, on a paused task too, but not on an ended one or for a refused finish',
      onBench(harness, async (bench) => {
        const [active, paused, ended] = [await bench.task(), await bench.task(), await bench.task()];
        for (const task of [active, paused]) await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        await bench.fire(ended.id, [fireSlot(bench.slot(0))], { ends: true });
        const pause = taskChange(paused, {
          cursorAt: bench.slot(0),
          nextCursorAt: bench.slot(0),
          state: 'paused',
          closeAt: bench.slot(0) + 1,
          open: segment(bench.slot(0) + 1, { schedule: null }),
        });
        assert.equal((await bench.store.changeTask(pause)).code, 'changed');
        const runs = await bench.claim();
        const of = (taskId: string) => runs.find((run) => run.taskId === taskId) as (typeof runs)[number];
        const stranger = { ...of(active.id), fence: 1 };
        const { finished } = await bench.store.finishRuns(bench.partition, [
          {
            ...stranger,
            outcome: 'succeeded',
            attemptOutcome: 'succeeded',
            retryInMs: 0,
            error: null,
            result: null,
            endTask: true,
          },
        ]);
        assert.equal(finished[0]?.code, 'refused');
        assert.equal((await bench.read(active.id)).closing, null, 'refused: nothing written');
        for (const task of [active, paused, ended])
          await bench.finish(of(task.id), 'succeeded', { endTask: true });
        assert.equal((await bench.read(active.id)).closing?.reason, 'ended');
        assert.equal((await bench.read(paused.id)).closing?.reason, 'ended');
        assert.equal((await bench.read(ended.id)).closing, null, 'it has ended already');
      }),
    );
  });
}
