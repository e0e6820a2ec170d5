import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { catchUp, claimRequest, EVERY_MS, fireRequest, fireSlot, newTask, ownerIn } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

export function fireBatchContract(harness: StoreHarness): void {
  describe('fireSlots: many at once, and claimed in the same call', () => {
    it(
      'takes a batch of 200 tasks and up to 1,000 decisions for one',
      onBench(harness, async (bench) => {
        const owners = [bench.ownerId, ownerIn(bench.partition)];
        const tasks = owners.flatMap((owner) =>
          Array.from({ length: 100 }, () => newTask(owner, bench.originAt)),
        );
        await bench.store.createTasks(bench.ownerId, tasks.slice(0, 100), 1_000);
        await bench.store.createTasks(owners[1] as string, tasks.slice(100), 1_000);
        const fires = tasks.map((task, k) => {
          const count = k === 0 ? 1_000 : 1;
          const slots = Array.from({ length: count }, (_, n) => catchUp(bench.slot(n)));
          return fireRequest({ ...task, version: 1 }, slots);
        });
        const answer = await bench.store.fireSlots(bench.partition, fires);
        assert.deepEqual(answer.claimed, []);
        assert.deepEqual(
          answer.fires.map((one) => [one.taskId, one.code === 'fired' ? one.runs : one.code]),
          tasks.map((task, k) => [task.id, k === 0 ? 1_000 : 1]),
        );
        assert.deepEqual(await bench.counts(tasks[0]?.id as string), { live: 0, held: 0, waiting: 999 });
      }),
    );

    it(
      'hands out what it made ready when a claim comes with it, the same again to a repeat',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const request = fireRequest(task, [
          fireSlot(bench.slot(0)),
          fireSlot(bench.slot(1)),
          fireSlot(bench.slot(2)),
        ]);
        const claim = claimRequest(2);
        const first = await bench.store.fireSlots(bench.partition, [request], claim);
        assert.equal(first.fires[0]?.code, 'fired');
        assert.deepEqual(
          first.claimed.map((run) => run.plannedAt),
          [bench.slot(0), bench.slot(1)],
        );
        const repeat = await bench.store.fireSlots(bench.partition, [request], claim);
        assert.deepEqual(repeat.fires, [{ code: 'already_fired', taskId: task.id }]);
        assert.deepEqual(repeat.claimed, first.claimed, 'the claim is repeated, too');
        assert.equal((await bench.claim()).length, 1, 'one was left');
        assert.ok(first.claimed.every((run) => run.startedAt >= run.plannedAt && run.lateByMs > EVERY_MS));
      }),
    );
  });
}
