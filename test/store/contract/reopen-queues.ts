import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askedRun, catchUp, DAY, fireSlot, ownerIn, policy } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

export function reopenQueuesContract(harness: StoreHarness): void {
  describe('after a restart: what waits and what runs', () => {
    it(
      'ready runs keep their order, by priority, turn and age',
      onBench(harness, async (bench) => {
        const owners = [bench.ownerId, ownerIn(bench.partition)];
        const expected: Record<string, number[]> = {};
        for (const ownerId of owners) {
          const task = await bench.task({}, ownerId);
          await bench.fire(
            task.id,
            [0, 1, 2, 3].map((k) => fireSlot(bench.slot(k))),
          );
          await bench.fire(task.id, [fireSlot(bench.slot(4))], {
            policy: policy('allow_all', { priority: 5 }),
          });
          expected[ownerId] = [4, 0, 1, 2, 3].map((k) => bench.slot(k));
        }
        await bench.reopen();
        const runs = [...(await bench.claim(2)), ...(await bench.claim(2)), ...(await bench.claim(100))];
        assert.equal(runs.length, 10);
        assert.deepEqual(
          runs.slice(0, 2).map((run) => run.plannedAt),
          [bench.slot(4), bench.slot(4)],
          'priority',
        );
        assert.deepEqual(new Set(runs.slice(2, 4).map((run) => run.ownerId)), new Set(owners), 'in turn');
        for (const ownerId of owners) {
          assert.deepEqual(
            runs.filter((run) => run.ownerId === ownerId).map((run) => run.plannedAt),
            expected[ownerId],
          );
        }
      }),
    );

    it(
      'the late line keeps its order, and held runs theirs',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          [0, 1].map((k) => catchUp(bench.slot(k))),
        );
        const backfill = await bench.ask(askedRun(task.id, 'backfill', bench.slot(0)));
        await bench.fire(
          task.id,
          [2, 3, 4].map((k) => fireSlot(bench.slot(k))),
          { policy: policy('buffer_all') },
        );
        await bench.reopen();
        const order: string[] = [];
        for (let round = 0; round < 3; round++) {
          for (const run of await bench.claim()) {
            order.push(run.runId);
            await bench.finish(run);
          }
        }
        const id = (k: number) => `${task.id}:${bench.slot(k)}`;
        const late = [id(0), id(1), backfill.id];
        assert.deepEqual(
          order.filter((one) => late.includes(one)),
          late,
          'the late line',
        );
        assert.deepEqual(
          order.filter((one) => !late.includes(one)),
          [id(2), id(3), id(4)],
          'held ones',
        );
        const verdicts = await bench.store.listDays(task.id, DAY);
        assert.deepEqual([verdicts[0]?.fired, verdicts[0]?.caughtUp, verdicts[0]?.succeeded], [3, 2, 5]);
      }),
    );

    it(
      'a waiting retry becomes ready, and a run that was running can be taken back',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          [0, 1, 2].map((k) => fireSlot(bench.slot(k))),
        );
        const [waiting, running, cancelling] = await bench.claim(3, { leaseMs: 50 });
        assert.ok(waiting !== undefined && running !== undefined && cancelling !== undefined);
        await bench.finish(waiting, 'retry');
        await bench.store.cancelRun(cancelling.runId);
        await bench.reopen();
        let promoted = 0;
        const lost = new Map<string, string>();
        const deadlineAt = performance.now() + 10_000;
        while (promoted < 1 || lost.size < 2) {
          assert.ok(performance.now() < deadlineAt, `promoted ${promoted}, lost ${lost.size}`);
          const answer = await bench.store.recoverRuns(bench.partition, { limit: 10, countLosses: true });
          promoted += answer.promoted;
          for (const one of answer.lost) lost.set(one.runId, one.state);
        }
        assert.deepEqual(
          [promoted, lost.get(running.runId), lost.get(cancelling.runId)],
          [1, 'queued', 'cancelled'],
        );
        const again = await bench.claim();
        assert.deepEqual(new Set(again.map((run) => run.runId)), new Set([waiting.runId, running.runId]));
        assert.ok(
          again.every((run) => run.attempt === 2 && run.fence > waiting.fence && run.fence > running.fence),
          'with a higher fence',
        );
      }),
    );
  });
}
