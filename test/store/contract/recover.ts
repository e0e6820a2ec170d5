import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slotRunId } from '../../../server/store/ids.ts';
import { type Bench, poll } from './bench.ts';
import { catchUp, DAY, fireSlot, policy } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

/** Claims the one ready run with a short lease, and loses it. */
async function loseOnce(bench: Bench, countLosses = true) {
  const run = await bench.claimOne({ leaseMs: 50 });
  const [lost] = await bench.loseLeases([run.runId], countLosses);
  return { run, lost };
}

export function recoverContract(harness: StoreHarness): void {
  describe('recoverRuns', () => {
    it(
      'finds nothing where nothing waits',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0)), catchUp(bench.slot(1)), catchUp(bench.slot(2))]);
        const answer = await bench.store.recoverRuns(bench.partition, { limit: 10, countLosses: true });
        assert.deepEqual(answer, { lost: [], promoted: 0, nextAt: null });
      }),
    );

    it(
      'leaves a fresh lease alone',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        const run = await bench.claimOne();
        const answer = await bench.store.recoverRuns(bench.partition, { limit: 10, countLosses: true });
        assert.deepEqual([answer.lost, answer.promoted], [[], 0]);
        assert.deepEqual(await bench.states([run.runId]), ['running']);
        if (harness.leasesExpire === 'time') {
          assert.equal(answer.nextAt, run.startedAt + 30_000, 'nextAt is the end of its lease');
        }
      }),
    );

    it(
      'takes back an expired lease: the run is ready again and its attempt lost',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        const lost = await bench.loseLeases([run.runId]);
        assert.deepEqual(lost, [{ runId: run.runId, taskId: run.taskId, state: 'queued' }]);
        const back = await bench.run(run.runId);
        assert.equal(back.state, 'queued');
        assert.deepEqual([back.startedAt, back.lateByMs, back.endedAt], [run.startedAt, run.lateByMs, null]);
        assert.ok((back.queuedAt as number) >= run.startedAt, 'queuedAt is when it last became ready');
        const [attempt] = back.attempts;
        assert.equal(attempt?.outcome, 'lost');
        assert.ok(attempt.endedAt !== null);
        const { live, failures, lastEnded } = await bench.read(run.taskId);
        assert.deepEqual([live, failures, lastEnded], [1, 0, null], 'no failure of the task');
        const next = await bench.claimOne();
        assert.deepEqual([next.runId, next.attempt, next.failures], [run.runId, 2, 0]);
        const events = await bench.events();
        for (const topic of [`task:${run.taskId}`, `run:${run.runId}`]) {
          const types = events.filter((event) => event.topic === topic).map((event) => event.type);
          assert.ok(types.includes('run.lost'), `${topic}: ${types.join(' ')}`);
        }
      }),
    );

    it(
      'fails a run that lost its third worker',
      onBench(harness, async (bench) => {
        const task = await bench.task({ pauseAfterFailures: 1 });
        await bench.fire(task.id, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1))], {
          policy: policy('buffer_one'),
        });
        for (const state of ['queued', 'queued', 'failed'] as const) {
          assert.equal((await loseOnce(bench)).lost?.state, state);
        }
        const run = await bench.run(slotRunId(task.id, bench.slot(0)));
        assert.deepEqual([run.state, run.error?.code], ['failed', 'WORKER_LOST']);
        assert.ok(run.endedAt !== null);
        assert.deepEqual(
          run.attempts.map((one) => one.outcome),
          ['lost', 'lost', 'lost'],
        );
        const after = await bench.read(task.id);
        assert.deepEqual(
          [after.failures, after.lastEnded, after.closing?.reason],
          [1, 'failed', 'paused'],
          'a failure',
        );
        assert.equal((await bench.store.listDays(task.id, DAY))[0]?.failed, 1, 'counted');
        assert.equal((await bench.claimOne()).plannedAt, bench.slot(1), 'the held one follows');
      }),
    );

    it(
      'does not count losses when told so',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        for (const [n, countLosses] of [false, true, false, false, true].entries()) {
          assert.equal((await loseOnce(bench, countLosses)).lost?.state, 'queued', `loss ${n + 1}`);
        }
        assert.equal((await loseOnce(bench)).lost?.state, 'failed', 'the third that counts');
      }),
    );

    it(
      'losses, retries and releases are counted apart',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        await loseOnce(bench);
        await bench.finish(await bench.claimOne(), 'retry');
        await bench.promoteRetries(1);
        await bench.finish(await bench.claimOne(), 'released');
        await loseOnce(bench);
        const run = await bench.claimOne();
        assert.deepEqual([run.attempt, run.failures], [5, 1], 'only the retry is a failure');
        await bench.finish(run);
        const outcomes = (await bench.run(run.runId)).attempts.map((one) => one.outcome);
        assert.deepEqual(outcomes, ['lost', 'failed', 'released', 'lost', 'succeeded']);
      }),
    );

    it(
      'ends a run in cancelling whose lease expired',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        const run = await bench.claimOne({ leaseMs: 50 });
        await bench.fire(task.id, [fireSlot(bench.slot(1))], { policy: policy('cancel_other') });
        const lost = await bench.loseLeases([run.runId]);
        assert.deepEqual(lost, [{ runId: run.runId, taskId: task.id, state: 'cancelled' }]);
        const ended = await bench.run(run.runId);
        assert.ok(ended.state === 'cancelled' && ended.endedAt !== null);
        assert.equal(ended.attempts[0]?.outcome, 'lost');
        assert.equal((await bench.claimOne()).plannedAt, bench.slot(1), 'the newer slot waited for it');
      }),
    );

    it(
      'keeps to its limit and comes to all in the end',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          [0, 1, 2, 3, 4].map((k) => fireSlot(bench.slot(k))),
        );
        const runs = await bench.claim(5, { leaseMs: 50 });
        if (harness.leasesExpire === 'boot') await bench.reopen();
        else await bench.until((runs.at(-1)?.startedAt as number) + 60);
        const seen: string[] = [];
        await poll('all five are taken back', async () => {
          const { lost } = await bench.store.recoverRuns(bench.partition, { limit: 2, countLosses: true });
          assert.ok(lost.length <= 2, `at most 2 a call: ${lost.length}`);
          seen.push(...lost.map((one) => one.runId));
          return seen.length >= 5 ? true : undefined;
        });
        assert.deepEqual(seen.sort(), runs.map((run) => run.runId).sort(), 'each once');
      }),
    );

    it(
      'makes a retry ready at its time, not before, and tells when that will be',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        await bench.finish(run, 'retry', { retryInMs: 300 });
        const retryAt = (await bench.run(run.runId)).retryAt as number;
        const recover = () => bench.store.recoverRuns(bench.partition, { limit: 10, countLosses: true });
        const first = await recover();
        if (first.promoted === 0) assert.equal(first.nextAt, retryAt, 'nextAt is the retry');
        else assert.ok((await bench.store.time()) >= retryAt, 'a slow machine: it was due already');
        const seen = bench.wakes.length;
        await bench.until(retryAt);
        if (first.promoted === 0) await bench.promoteRetries(1);
        assert.deepEqual(await bench.states([run.runId]), ['queued']);
        assert.equal((await recover()).nextAt, null, 'nothing waits any more');
        if (first.promoted > 0) return;
        await bench.wake('for the retry', (wake) => wake.kind === 'ready', seen);
      }),
    );

    it(
      'forgets what was cancelled or deleted while it waited',
      onBench(harness, async (bench) => {
        const [cancelled, deleted] = [await bench.running(), await bench.running()];
        for (const run of [cancelled, deleted]) await bench.finish(run, 'retry');
        const leased = await bench.running();
        await bench.store.cancelRun(cancelled.runId);
        await bench.store.deleteTask(deleted.taskId);
        await bench.store.deleteTask(leased.taskId);
        if (harness.leasesExpire === 'boot') await bench.reopen();
        else await bench.until(leased.startedAt + 60);
        const answer = await bench.store.recoverRuns(bench.partition, { limit: 10, countLosses: true });
        assert.deepEqual(answer, { lost: [], promoted: 0, nextAt: null });
        assert.deepEqual(await bench.claim(), []);
      }),
    );
  });
}
