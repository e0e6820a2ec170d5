import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askedRun, fireSlot, segment, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

export function closingContract(harness: StoreHarness): void {
  describe('closings', () => {
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
          [0, 1, 2, 3].map((k) => fireSlot(bench.slot(k))),
        );
        const [a, b, c, d] = await bench.claim();
        assert.ok(a !== undefined && b !== undefined && c !== undefined && d !== undefined);
        await bench.finish(a, 'failed');
        const first = await bench.read(task.id);
        assert.equal(first.closing?.reason, 'paused');
        await bench.until((first.closing?.at as number) + 2);
        await bench.finish(d, 'failed');
        assert.deepEqual(
          (await bench.read(task.id)).closing,
          first.closing,
          'a further failure does not move it',
        );
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
