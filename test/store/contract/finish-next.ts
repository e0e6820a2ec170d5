import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slotRunId } from '../../../server/store/ids.ts';
import { claimRequest, finishRequest, fireSlot, policy } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

export function finishNextContract(harness: StoreHarness): void {
  describe('finishRuns: what comes next', () => {
    it(
      'lets the next held run go, and says how long it was held',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const slots = [0, 1, 2].map((k) => fireSlot(bench.slot(k)));
        await bench.fire(task.id, slots, { policy: policy('buffer_all') });
        const heldId = slotRunId(task.id, bench.slot(1));
        const run = await bench.claimOne();
        assert.deepEqual(await bench.claim(), [], 'held ones are not handed out');
        await bench.until((await bench.run(heldId)).createdAt + 30);
        await bench.finish(run);
        const next = await bench.run(heldId);
        assert.equal(next.state, 'queued');
        assert.ok(next.waitedMs >= 30, `waited ${next.waitedMs} ms`);
        assert.equal(next.waitedMs, (next.queuedAt as number) - next.createdAt);
        assert.deepEqual(await bench.counts(task.id), { live: 1, held: 1, waiting: 0 });
        assert.equal((await bench.claimOne()).runId, heldId);
        assert.equal((await bench.run(heldId)).waitedMs, next.waitedMs, 'it stays so');
      }),
    );

    it(
      'claims in the same call when asked to, what the finish itself made ready included',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const slots = [0, 1].map((k) => fireSlot(bench.slot(k)));
        await bench.fire(task.id, slots, { policy: policy('buffer_one') });
        const run = await bench.claimOne();
        const items = [finishRequest(run)];
        const claim = claimRequest(5);
        const first = await bench.store.finishRuns(bench.partition, items, claim);
        assert.deepEqual(first.finished, [{ code: 'finished', runId: run.runId, state: 'succeeded' }]);
        assert.deepEqual(
          first.claimed.map((one) => one.plannedAt),
          [bench.slot(1)],
        );
        const repeat = await bench.store.finishRuns(bench.partition, items, claim);
        assert.deepEqual(repeat.finished, [{ code: 'already_done', runId: run.runId, state: 'succeeded' }]);
        assert.deepEqual(repeat.claimed, first.claimed, 'a repeat after a lost answer');
        assert.deepEqual((await bench.store.finishRuns(bench.partition, [], claimRequest(5))).claimed, []);
      }),
    );

    it(
      'keeps the last 50 attempts',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        await bench.finish(run, 'released');
        for (let n = 2; n <= 60; n++)
          await bench.finish(await bench.claimOne(), n < 60 ? 'released' : 'succeeded');
        const { attempts } = await bench.run(run.runId);
        assert.deepEqual(
          attempts.map((one) => one.n),
          Array.from({ length: 50 }, (_, k) => 11 + k),
        );
      }),
    );

    it(
      'wakes claimers for a run that became ready',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        const seen = bench.wakes.length;
        await bench.finish(run, 'released');
        await bench.wake('for the released run', (wake) => wake.kind === 'ready', seen);
      }),
    );
  });
}
