import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slotRunId } from '../../../server/store/ids.ts';
import { askedRun, catchUp, DAY, finishRequest, fireSlot, newTask, policy, skip } from './build.ts';
import { assertGapless } from './events.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

export function deleteContract(harness: StoreHarness): void {
  describe('deleteTask', () => {
    it(
      'removes all that belongs to the task, and nothing of its neighbours',
      onBench(harness, async (bench) => {
        const [task, neighbour] = [await bench.task(), await bench.task()];
        for (const { id } of [task, neighbour]) {
          await bench.fire(id, [
            skip(bench.slot(0), 'coalesced', 2),
            catchUp(bench.slot(2)),
            catchUp(bench.slot(3)),
          ]);
          await bench.fire(
            id,
            [4, 5].map((k) => fireSlot(bench.slot(k))),
            { policy: policy('buffer_one') },
          );
          await bench.ask(askedRun(id));
        }
        const ids = [2, 3, 4, 5].map((k) => slotRunId(task.id, bench.slot(k)));
        const first = await bench.claimOne();
        assert.equal(first.taskId, task.id);
        await bench.store.appendRunLog(
          first.runId,
          first,
          [{ at: 1, attempt: 1, level: 'info', text: 'x' }],
          5,
        );

        assert.equal(await bench.store.deleteTask(task.id), true);
        assert.equal(await bench.store.deleteTask(task.id), false, 'a repeat finds none');
        const { store } = bench;
        assert.equal(await store.getTask(task.id), null);
        assert.deepEqual(
          (await store.listTasks(bench.ownerId)).map((one) => one.id),
          [neighbour.id],
        );
        for (const id of ids) assert.equal(await store.getRun(id), null, id);
        assert.deepEqual(await store.listRuns({ taskId: task.id }, { limit: 10 }), {
          items: [],
          more: false,
        });
        const owned = await store.listRuns({ ownerId: bench.ownerId }, { limit: 100 });
        assert.ok(
          owned.items.length === 5 && owned.items.every((run) => run.taskId === neighbour.id),
          'the owner’s runs',
        );
        assert.deepEqual(await store.listVerdicts(task.id, 0, bench.slot(99), { limit: 10 }), []);
        assert.deepEqual(await store.countVerdicts(task.id), { records: 0, oldestAt: null });
        assert.deepEqual(await store.listDays(task.id, DAY), []);
        assert.deepEqual(await store.listSegments(task.id), []);
        assert.deepEqual(await store.listRunLog(first.runId), []);
        const due = await store.loadDue(bench.partition, bench.slot(99), 10);
        assert.deepEqual(
          due.map((one) => one.id),
          [neighbour.id],
          'the due list',
        );
        const ready = await bench.claim();
        assert.ok(ready.length === 3 && ready.every((run) => run.taskId === neighbour.id), 'the ready queue');
        assert.equal((await store.countVerdicts(neighbour.id)).records, 5);
      }),
    );

    it(
      'tells running runs to stop; their worker finds them gone',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1))]);
        const [run, cancelling] = await bench.claim(2, { leaseMs: 50 });
        assert.ok(run !== undefined && cancelling !== undefined);
        await bench.store.cancelRun(cancelling.runId);
        await bench.store.deleteTask(task.id);
        await bench.wake('of the running run', (wake) => wake.kind === 'cancel' && wake.runId === run.runId);
        const { runId, token, fence } = run;
        const [renewed] = await bench.store.renewRuns(bench.partition, [{ runId, token, fence }], 1_000);
        // Either makes a worker stop.
        assert.ok(renewed?.code === 'cancelling' || renewed?.code === 'lost', `renew: ${renewed?.code}`);
        assert.equal(await bench.store.appendRunLog(runId, run, [], 5), false);
        for (const outcome of ['cancelled', 'succeeded', 'retry'] as const) {
          assert.deepEqual(await bench.tryFinish(finishRequest(run, outcome)), { code: 'gone', runId });
        }
        assert.equal((await bench.tryFinish(finishRequest(cancelling, 'cancelled'))).code, 'gone');
        if (harness.leasesExpire === 'boot') await bench.reopen();
        else await bench.until(run.startedAt + 60);
        const { lost } = await bench.store.recoverRuns(bench.partition, { limit: 10, countLosses: true });
        assert.deepEqual(lost, []);
        assert.deepEqual(await bench.claim(), []);
      }),
    );

    it(
      'says so on both topics',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.store.deleteTask(task.id);
        const events = await bench.events();
        for (const topic of [`tasks:${bench.ownerId}`, `task:${task.id}`]) {
          const own = events.filter((event) => event.topic === topic);
          assert.deepEqual(
            own.map((event) => [event.seq, event.type]),
            [
              [1, 'task.created'],
              [2, 'task.deleted'],
            ],
          );
        }
      }),
    );

    it(
      'frees the id: a task created under it has nothing of the former one',
      onBench(harness, async (bench) => {
        const asked = newTask(bench.ownerId, bench.originAt);
        await bench.store.createTasks(bench.ownerId, [asked], 10);
        await bench.fire(asked.id, [fireSlot(bench.slot(0)), skip(bench.slot(1), 'coalesced', 9)], {
          policy: policy('buffer_one'),
        });
        const old = await bench.claimOne();
        await bench.store.deleteTask(asked.id);
        const [answer] = await bench.store.createTasks(
          bench.ownerId,
          [{ ...asked, fingerprint: 'another' }],
          10,
        );
        assert.ok(answer?.code === 'created', `created anew: ${answer?.code}`);
        const { version, cursorAt, segmentSlots, live, held, waiting } = answer.task;
        assert.deepEqual(
          [version, cursorAt, segmentSlots, live, held, waiting],
          [1, bench.slot(0) - 1, 0, 0, 0, 0],
        );
        assert.equal((await bench.store.countVerdicts(asked.id)).records, 0);
        await bench.fire(asked.id, [fireSlot(bench.slot(0))], { policy: policy('skip') });
        const again = await bench.claimOne();
        assert.ok(again.runId === old.runId && again.attempt === 1, 'the same slot, a new run');
        assert.equal(
          (await bench.tryFinish(finishRequest(old))).code,
          'refused',
          'the former lease has no say',
        );
        assert.equal(await bench.finish(again), 'succeeded');
        // A client that knew the former topic must not take new events for old ones.
        // (A new task plans slots after its creation only, so that a run's id comes twice in this test alone.)
        assertGapless((await bench.events()).filter((event) => event.topic.startsWith('task')));
      }),
    );
  });
}
