import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { finishRequest } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

const BOOM = { code: 'HANDLER_FAILED', message: 'boom 坏了 \u0001 "\\' };

export function finishContract(harness: StoreHarness): void {
  describe('finishRuns: outcomes', () => {
    for (const outcome of ['succeeded', 'failed', 'timed_out'] as const) {
      it(
        `${outcome} ends the run, with its result, error and attempt`,
        onBench(harness, async (bench) => {
          const run = await bench.running();
          const before = await bench.run(run.runId);
          const error = outcome === 'succeeded' ? null : BOOM;
          const result = { list: [], map: {}, 数: [1, null, 0.5, 9_007_199_254_740_991], ok: true };
          const beforeAt = await bench.store.time();
          const answer = await bench.tryFinish(finishRequest(run, outcome, { error, result }));
          const afterAt = await bench.store.time();
          assert.deepEqual(answer, { code: 'finished', runId: run.runId, state: outcome });
          const after = await bench.run(run.runId);
          const endedAt = after.endedAt as number;
          assert.ok(endedAt >= beforeAt && endedAt <= afterAt, 'endedAt is the store time of the step');
          assert.deepEqual(after, {
            ...before,
            state: outcome,
            endedAt,
            result,
            error,
            attempts: [{ ...before.attempts[0], endedAt, outcome, error }],
          });
          assert.deepEqual(await bench.counts(run.taskId), { live: 0, held: 0, waiting: 0 });
          const events = await bench.events();
          for (const topic of [`task:${run.taskId}`, `run:${run.runId}`]) {
            const last = events.filter((event) => event.topic === topic).at(-1);
            assert.deepEqual(
              [last?.type, last?.payload.runId, last?.payload.state],
              ['run.finished', run.runId, outcome],
              topic,
            );
          }
        }),
      );
    }

    it(
      'retry waits for the given time, then the run is ready again',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        const beforeAt = await bench.store.time();
        assert.equal(await bench.finish(run, 'retry', { retryInMs: 150, error: BOOM }), 'retry_wait');
        const afterAt = await bench.store.time();
        const waiting = await bench.run(run.runId);
        const retryAt = waiting.retryAt as number;
        assert.ok(retryAt >= beforeAt + 150 && retryAt <= afterAt + 150, 'retryAt is now + retryInMs');
        assert.equal(waiting.endedAt, null, 'the run has not ended');
        assert.deepEqual([waiting.attempts[0]?.outcome, waiting.attempts[0]?.error], ['failed', BOOM]);
        assert.deepEqual(
          await bench.counts(run.taskId),
          { live: 1, held: 0, waiting: 0 },
          'it is still live',
        );
        const events = (await bench.events()).filter((event) => event.topic === `run:${run.runId}`);
        assert.deepEqual(
          [events.at(-1)?.type, events.at(-1)?.payload.retryAt],
          ['run.retry_scheduled', retryAt],
        );

        await bench.promoteRetries(1);
        assert.ok((await bench.store.time()) >= retryAt, 'not before its time');
        const promoted = await bench.run(run.runId);
        assert.deepEqual([promoted.state, promoted.retryAt], ['queued', null]);
        assert.ok((promoted.queuedAt as number) >= retryAt, 'queuedAt is when it last became ready');
        const second = await bench.claimOne();
        assert.deepEqual([second.runId, second.attempt, second.failures], [run.runId, 2, 1]);
        const again = await bench.run(run.runId);
        assert.deepEqual(
          [again.startedAt, again.lateByMs],
          [run.startedAt, run.lateByMs],
          'those of the first start',
        );
        await bench.finish(second);
        const ended = await bench.run(run.runId);
        assert.deepEqual(
          ended.attempts.map((one) => [one.n, one.outcome]),
          [
            [1, 'failed'],
            [2, 'succeeded'],
          ],
        );
        assert.equal(ended.error, null, 'it succeeded in the end');
      }),
    );

    it(
      'a timed out attempt with tries left is recorded as such',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        assert.equal(
          await bench.finish(run, 'retry', { attemptOutcome: 'timed_out', retryInMs: 60_000 }),
          'retry_wait',
        );
        assert.deepEqual(
          (await bench.run(run.runId)).attempts.map((one) => one.outcome),
          ['timed_out'],
        );
      }),
    );

    it(
      'released is ready again at once and counts nothing',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        assert.equal(await bench.finish(run, 'released'), 'queued');
        const back = await bench.run(run.runId);
        assert.deepEqual([back.state, back.endedAt, back.attempts[0]?.outcome], ['queued', null, 'released']);
        const task = await bench.read(run.taskId);
        assert.deepEqual([task.failures, task.lastEnded, task.live], [0, null, 1]);
        const again = await bench.claimOne();
        assert.deepEqual([again.runId, again.attempt, again.failures], [run.runId, 2, 0]);
        const types = (await bench.events()).filter((e) => e.topic === `run:${run.runId}`).map((e) => e.type);
        assert.ok(types.includes('run.released'), `events: ${types.join(' ')}`);
      }),
    );

    for (const [outcome, state] of [
      ['succeeded', 'succeeded'],
      ['failed', 'failed'],
      ['timed_out', 'timed_out'],
      ['retry', 'cancelled'],
      ['released', 'cancelled'],
      ['cancelled', 'cancelled'],
    ] as const) {
      it(
        `${outcome} of a run in cancelling ends it ${state}`,
        onBench(harness, async (bench) => {
          const run = await bench.running();
          assert.equal((await bench.store.cancelRun(run.runId)).code, 'cancelling');
          assert.equal(await bench.finish(run, outcome, { retryInMs: 60_000 }), state);
          const ended = await bench.run(run.runId);
          assert.deepEqual([ended.state, ended.retryAt, ended.endedAt !== null], [state, null, true]);
          assert.deepEqual(await bench.counts(run.taskId), { live: 0, held: 0, waiting: 0 });
          assert.deepEqual(await bench.claim(), [], 'nobody gets it again');
        }),
      );
    }
  });
}
