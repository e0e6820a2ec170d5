import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { claimRequest, fireSlot } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

export function claimRepeatContract(harness: StoreHarness): void {
  describe('claimRuns: repeats', () => {
    it(
      'answers a repeat of the request with the same runs',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1))]);
        const request = claimRequest(10);
        const first = await bench.store.claimRuns(bench.partition, request);
        assert.equal(first.length, 2);
        await bench.fire(task.id, [fireSlot(bench.slot(2))]);
        const events = await bench.events();
        assert.deepEqual(
          await bench.store.claimRuns(bench.partition, request),
          first,
          'same runs, tokens, fences and attempts, though more is ready by now and the limit was not reached',
        );
        assert.deepEqual(await bench.events(), events, 'the repeat changed nothing');
        assert.deepEqual((await bench.run(first[0]?.runId as string)).attempts.length, 1, 'one attempt');
        assert.equal((await bench.claim()).length, 1, 'another request gets the rest');
      }),
    );

    it(
      'answers a late repeat with nothing that was not in the first answer, and changes nothing by it',
      onBench(harness, async (bench) => {
        const [task, deleted] = [await bench.task(), await bench.task()];
        await bench.fire(
          task.id,
          [0, 1, 2].map((k) => fireSlot(bench.slot(k))),
        );
        await bench.fire(deleted.id, [fireSlot(bench.slot(0))]);
        const request = claimRequest(3);
        const [a, b, c] = await bench.store.claimRuns(bench.partition, request);
        assert.ok(a !== undefined && b !== undefined && c !== undefined);
        await bench.finish(a);
        await bench.finish(b, 'released');
        await bench.store.deleteTask(deleted.id);
        const before = [await bench.states([a.runId, b.runId, c.runId]), await bench.events()];
        // Whether a run that has gone on is listed again is left open: its lease has ended, so nothing comes of it.
        const repeat = await bench.store.claimRuns(bench.partition, request);
        for (const run of repeat)
          assert.deepEqual(
            run,
            [a, b, c].find((one) => one.runId === run.runId),
          );
        assert.ok(
          repeat.some((run) => run.runId === c.runId),
          'the one that still runs is in it',
        );
        assert.deepEqual([await bench.states([a.runId, b.runId, c.runId]), await bench.events()], before);
      }),
    );
  });
}
