import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slotRunId } from '../../../server/store/ids.ts';
import type { RunState } from '../../../shared/run.ts';
import type { Bench } from './bench.ts';
import { fireSlot, policy } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

/** Cancels, and checks answer and record. */
async function cancel(bench: Bench, runId: string, code: string, state: RunState): Promise<void> {
  const answer = await bench.store.cancelRun(runId);
  assert.equal(answer.code, code, 'the answer');
  assert.ok(answer.code !== 'gone');
  assert.equal(answer.run.state, state, 'the run in the answer');
  assert.deepEqual(await bench.store.getRun(runId), answer.run, 'is the run as it is kept');
}

export function cancelContract(harness: StoreHarness): void {
  describe('cancelRun', () => {
    it(
      'ends a queued, held or waiting run at once',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          [0, 1, 2].map((k) => fireSlot(bench.slot(k))),
          { policy: policy('buffer_all') },
        );
        const ids = [0, 1, 2].map((k) => slotRunId(task.id, bench.slot(k)));
        await cancel(bench, ids[1] as string, 'cancelled', 'cancelled');
        assert.deepEqual(await bench.counts(task.id), { live: 1, held: 1, waiting: 0 }, 'held');
        await cancel(bench, ids[0] as string, 'cancelled', 'cancelled');
        assert.deepEqual(
          await bench.counts(task.id),
          { live: 1, held: 0, waiting: 0 },
          'queued; the next one follows',
        );
        await bench.finish(await bench.claimOne(), 'retry', { retryInMs: 60_000 });
        await cancel(bench, ids[2] as string, 'cancelled', 'cancelled');
        assert.deepEqual(
          await bench.counts(task.id),
          { live: 0, held: 0, waiting: 0 },
          'waiting for its retry',
        );
        for (const id of ids) {
          const run = await bench.run(id);
          assert.ok(run.endedAt !== null && run.retryAt === null, 'ended');
        }
        const { nextAt } = await bench.store.recoverRuns(bench.partition, { limit: 10, countLosses: true });
        assert.equal(nextAt, null, 'no retry is left to come');
      }),
    );

    it(
      'asks a running run to stop, wakes its worker, and lets it end',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        await cancel(bench, run.runId, 'cancelling', 'cancelling');
        await bench.wake('of the run', (wake) => wake.kind === 'cancel' && wake.runId === run.runId);
        const before = await bench.events();
        await cancel(bench, run.runId, 'cancelling', 'cancelling');
        assert.deepEqual(await bench.events(), before, 'a repeat changes nothing');
        assert.deepEqual(
          await bench.counts(run.taskId),
          { live: 1, held: 0, waiting: 0 },
          'it is live still',
        );
        const last = before.filter((event) => event.topic === `run:${run.runId}`).at(-1);
        assert.equal(last?.type, 'run.cancelling');
        await bench.finish(run, 'cancelled');
        await cancel(bench, run.runId, 'ended', 'cancelled');
      }),
    );

    for (const outcome of ['succeeded', 'failed', 'timed_out'] as const) {
      it(
        `leaves a run that ended ${outcome} as it is`,
        onBench(harness, async (bench) => {
          const run = await bench.running();
          await bench.finish(run, outcome);
          const before = [await bench.run(run.runId), await bench.read(run.taskId), await bench.events()];
          await cancel(bench, run.runId, 'ended', outcome);
          assert.deepEqual(
            [await bench.run(run.runId), await bench.read(run.taskId), await bench.events()],
            before,
          );
        }),
      );
    }

    it(
      'of a cancelled run again: ended; of an unknown one: gone',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        const id = slotRunId(task.id, bench.slot(0));
        await cancel(bench, id, 'cancelled', 'cancelled');
        await cancel(bench, id, 'ended', 'cancelled');
        assert.deepEqual(await bench.store.cancelRun(slotRunId(task.id, bench.slot(1))), { code: 'gone' });
        const [verdict] = await bench.store.listVerdicts(task.id, 0, bench.slot(9), { limit: 10 });
        assert.equal(verdict?.verdict, 'fired', 'the verdict of its slot stays');
      }),
    );

    it(
      'reaches a run that is being claimed at the same moment, in one of the two ways',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          Array.from({ length: 20 }, (_, k) => fireSlot(bench.slot(k))),
        );
        const ids = Array.from({ length: 20 }, (_, k) => slotRunId(task.id, bench.slot(k)));
        const [claimed, ...answers] = await Promise.all([
          bench.claim(20),
          ...ids.map((id) => bench.store.cancelRun(id)),
        ]);
        const handedOut = new Set(claimed.map((run) => run.runId));
        for (const [k, id] of ids.entries()) {
          const expected = handedOut.has(id) ? 'cancelling' : 'cancelled';
          // Cancelled first and never handed out, or handed out first and asked to stop.
          assert.deepEqual([answers[k]?.code, (await bench.run(id)).state], [expected, expected], id);
        }
      }),
    );
  });
}
