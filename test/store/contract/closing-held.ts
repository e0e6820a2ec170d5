import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slotRunId } from '../../../server/store/ids.ts';
import type { Bench } from './bench.ts';
import { askedRun, catchUp, claimRequest, finishRequest, fireSlot, policy, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

/** Carries the end out, as the scheduler does. */
async function end(bench: Bench, taskId: string): Promise<void> {
  const task = await bench.read(taskId);
  const closeAt = Math.max(task.cursorAt, task.closing?.at ?? 0);
  const change = taskChange(task, {
    ...{ cursorAt: task.cursorAt, nextCursorAt: closeAt, closeAt: closeAt + 1, nextAt: null },
    ...{ byUser: false, closes: true, state: 'ended', cancelHeld: true },
  });
  assert.equal((await bench.store.changeTask(change)).code, 'changed');
}

export function closingHeldContract(harness: StoreHarness): void {
  describe('closings: what waits behind the run that ended the task', () => {
    it(
      'is not made ready, nor claimed by the same finish, and is cancelled with the end',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          [catchUp(bench.slot(0)), catchUp(bench.slot(1)), ...[2, 3, 4].map((k) => fireSlot(bench.slot(k)))],
          { policy: policy('buffer_all') },
        );
        const manual = await bench.ask(askedRun(task.id));
        const runs = await bench.claim();
        assert.equal(runs.length, 3, 'one of each line');
        const [late, slot] = [0, 2].map((k) => {
          const run = runs.find(({ runId }) => runId === slotRunId(task.id, bench.slot(k)));
          assert.ok(run !== undefined);
          return finishRequest(run, 'succeeded', { endTask: k === 2 });
        }) as [ReturnType<typeof finishRequest>, ReturnType<typeof finishRequest>];
        const ids = [1, 3, 4].map((k) => slotRunId(task.id, bench.slot(k)));

        const first = await bench.store.finishRuns(bench.partition, [slot], claimRequest(10));
        assert.equal(first.finished[0]?.code, 'finished');
        assert.deepEqual(first.claimed, [], 'no call too many');
        const second = await bench.store.finishRuns(bench.partition, [late], claimRequest(10));
        assert.deepEqual(second.claimed, [], 'nor in the line of late runs');
        assert.deepEqual(await bench.claim(), []);
        assert.deepEqual(await bench.states(ids), ['held', 'held', 'held']);
        assert.deepEqual(await bench.counts(task.id), { live: 0, held: 2, waiting: 1 });
        const { tasks } = await bench.store.inspectTasks(bench.partition, { taskIds: [task.id] });
        assert.deepEqual(tasks[0]?.faults, [], 'it waits for its end, and stands in nobody’s way');

        await end(bench, task.id);
        assert.deepEqual(await bench.states(ids), ['cancelled', 'cancelled', 'cancelled']);
        assert.deepEqual(await bench.claim(), []);
        assert.deepEqual(await bench.counts(task.id), { live: 0, held: 0, waiting: 0 });
        assert.equal((await bench.run(manual.id)).state, 'running', 'what runs may finish');
      }),
    );

    it(
      'goes on when a pause was asked for, not an end',
      onBench(harness, async (bench) => {
        const task = await bench.task({ pauseAfterFailures: 1 });
        await bench.fire(task.id, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1))], {
          policy: policy('buffer_one'),
        });
        const run = await bench.claimOne();
        const { claimed } = await bench.store.finishRuns(
          bench.partition,
          [finishRequest(run, 'failed')],
          claimRequest(10),
        );
        assert.equal((await bench.read(task.id)).closing?.reason, 'paused');
        assert.deepEqual(
          claimed.map(({ plannedAt }) => plannedAt),
          [bench.slot(1)],
        );
      }),
    );
  });
}
