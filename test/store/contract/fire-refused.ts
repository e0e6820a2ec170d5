import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newTaskId, slotRunId } from '../../../server/store/ids.ts';
import type { FireRequest } from '../../../server/store/requests.ts';
import type { Bench } from './bench.ts';
import { EVERY_MS, fireRequest, fireSlot, segment, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

/** The fire is answered with the code and leaves no trace. */
async function refuses(bench: Bench, request: FireRequest, code: string, why: string): Promise<void> {
  const [before, events] = [await bench.store.getTask(request.taskId), await bench.events()];
  const answer = await bench.tryFire(request);
  assert.equal(answer.code, code, why);
  assert.equal(answer.taskId, request.taskId, why);
  assert.deepEqual(await bench.store.getTask(request.taskId), before, `${why}: the task is as before`);
  assert.deepEqual(await bench.events(), events, `${why}: no event`);
}

export function fireRefusedContract(harness: StoreHarness): void {
  describe('fireSlots: what it refuses', () => {
    it(
      'a repeat: already_fired, nothing twice',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const request = fireRequest(task, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1))]);
        assert.equal((await bench.tryFire(request)).code, 'fired');
        await refuses(bench, request, 'already_fired', 'the very same step again');
        await refuses(bench, fireRequest(task, [fireSlot(bench.slot(0))]), 'already_fired', 'a part of it');
        const { items } = await bench.store.listRuns({ taskId: task.id }, { limit: 10 });
        assert.equal(items.length, 2, 'one run per slot');
        await bench.fire(task.id, [fireSlot(bench.slot(2))]);
        await refuses(bench, request, 'already_fired', 'a cursor that went on since');
      }),
    );

    it(
      'a repeat of the last step of a task that ended by it: already_fired',
      onBench(harness, async (bench) => {
        const request = fireRequest(await bench.task(), [fireSlot(bench.slot(0))], { ends: true });
        assert.equal((await bench.tryFire(request)).code, 'fired');
        await refuses(bench, request, 'already_fired', 'the task has ended by this very step');
      }),
    );

    it(
      'a step ahead of the store’s clock: early, with the store’s now',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const aheadAt = (await bench.store.time()) + 3_600_000;
        const slots = [fireSlot(bench.slot(0)), fireSlot(aheadAt)];
        await refuses(bench, fireRequest(task, slots), 'early', 'its last slot lies ahead');
        const ahead = fireRequest(task, [fireSlot(bench.slot(0))], { nextCursorAt: aheadAt });
        await refuses(bench, ahead, 'early', 'its cursor would lie ahead');
        const answer = await bench.tryFire(ahead);
        assert.ok(
          answer.code === 'early' && Math.abs(answer.now - (await bench.store.time())) < 60_000,
          'now',
        );
        assert.equal(await bench.store.getRun(slotRunId(task.id, bench.slot(0))), null, 'nor a part of it');
        assert.equal((await bench.store.listVerdicts(task.id, 0, aheadAt + 1, { limit: 10 })).length, 0);
      }),
    );

    it(
      'fires a slot at the very millisecond of now',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const nowAt = await bench.store.time();
        assert.equal((await bench.fire(task.id, [fireSlot(nowAt)])).runs, 1);
      }),
    );

    it(
      'another cursor, version or state: stale',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const ask = (more: Partial<FireRequest> = {}) =>
          fireRequest(task, [fireSlot(bench.slot(8)), fireSlot(bench.slot(9))], more);
        await refuses(bench, ask({ cursorAt: bench.slot(3) }), 'stale', 'a cursor that never was');
        await refuses(bench, ask({ version: task.version + 1 }), 'stale', 'a version not yet reached');
        await bench.fire(task.id, [fireSlot(bench.slot(5))]);
        await refuses(bench, ask(), 'stale', 'a cursor that moved');

        const renamed = await bench.store.changeTask(taskChange(task));
        assert.ok(renamed.code === 'changed');
        const cursorAt = bench.slot(5);
        await refuses(bench, ask({ cursorAt }), 'stale', 'a version that moved');
        const old = fireRequest(task, [fireSlot(bench.slot(5))]);
        await refuses(bench, old, 'stale', 'fired before, but under another version by now');

        const pause = taskChange(renamed.task, {
          byUser: false,
          cursorAt,
          nextCursorAt: cursorAt,
          closeAt: cursorAt + 1,
          open: segment(cursorAt + 1, { schedule: null }),
          state: 'paused',
        });
        assert.equal((await bench.store.changeTask(pause)).code, 'changed');
        await refuses(bench, ask({ cursorAt, version: 2 }), 'stale', 'a paused task');
      }),
    );

    it(
      'a pending closing: stale',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        await bench.finish(await bench.claimOne(), 'succeeded', { endTask: true });
        const request = fireRequest(await bench.read(task.id), [fireSlot(bench.slot(1))]);
        await refuses(bench, request, 'stale', 'a closing is pending');
      }),
    );

    it(
      'an ended or unknown task: stale, gone',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))], { ends: true });
        const request = fireRequest(await bench.read(task.id), [fireSlot(bench.slot(1))]);
        await refuses(bench, request, 'stale', 'an ended task');
        const id = newTaskId(bench.ownerId);
        await refuses(bench, { ...request, taskId: id }, 'gone', 'an unknown task');
        await bench.store.deleteTask(task.id);
        await refuses(bench, request, 'gone', 'a deleted task');
      }),
    );

    it(
      'judges the fires of a batch one by one, in the order asked',
      onBench(harness, async (bench) => {
        const [a, b, c] = [await bench.task(), await bench.task(), await bench.task()];
        const unknown = newTaskId(bench.ownerId);
        const first = fireRequest(a, [fireSlot(bench.slot(0))]);
        const second = fireRequest({ ...a, cursorAt: bench.slot(0) }, [fireSlot(bench.slot(1))]);
        const aheadAt = (await bench.store.time()) + 3_600_000;
        const { fires } = await bench.store.fireSlots(bench.partition, [
          first,
          fireRequest({ ...a, id: unknown }, [fireSlot(bench.slot(0))]),
          fireRequest(b, [fireSlot(aheadAt)]),
          first,
          fireRequest({ ...c, version: 9 }, [fireSlot(bench.slot(0))]),
          second,
          fireRequest(c, [fireSlot(bench.slot(0))]),
        ]);
        assert.deepEqual(
          fires.map((answer) => [answer.taskId, answer.code]),
          [
            [a.id, 'fired'],
            [unknown, 'gone'],
            [b.id, 'early'],
            [a.id, 'already_fired'],
            [c.id, 'stale'],
            [a.id, 'fired'],
            [c.id, 'fired'],
          ],
          'one that is refused does not touch the others; a task may come twice',
        );
        assert.deepEqual(await bench.counts(a.id), { live: 2, held: 0, waiting: 0 });
      }),
    );

    it(
      'lets one of many racing servers fire a slot',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const request = fireRequest(task, [fireSlot(bench.slot(0))], { nextAt: bench.slot(0) + EVERY_MS });
        const answers = await Promise.all(Array.from({ length: 20 }, () => bench.tryFire(request)));
        assert.equal(answers.filter((answer) => answer.code === 'fired').length, 1, 'one fired it');
        assert.equal(
          answers.filter((answer) => answer.code === 'already_fired').length,
          19,
          'the others saw it',
        );
        assert.equal((await bench.claim()).length, 1, 'one run');
      }),
    );
  });
}
