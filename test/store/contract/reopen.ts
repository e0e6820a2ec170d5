import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bench } from './bench.ts';
import { askedRun, catchUp, fireSlot, newTask, policy, segment, skip, taskChange } from './build.ts';
import { assertGapless } from './events.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

/** All that can be read of a task. */
async function picture(bench: Bench, taskId: string) {
  const { store } = bench;
  const runs = await store.listRuns({ taskId }, { limit: 500 });
  return {
    task: await store.getTask(taskId),
    segments: await store.listSegments(taskId),
    runs,
    logs: await Promise.all(runs.items.map((run) => store.listRunLog(run.id))),
    verdicts: await store.listVerdicts(taskId, 0, Number.MAX_SAFE_INTEGER, { limit: 500 }),
    days: await store.listDays(taskId, '00000000'),
    due: await store.loadDue(bench.partition, bench.slot(9_999), 100),
    list: await store.listTasks(bench.ownerId),
  };
}

export function reopenContract(harness: StoreHarness): void {
  describe('after a restart', () => {
    it(
      'all is as it was, and goes on from there',
      onBench(harness, async (bench) => {
        const task = await bench.task({ pauseAfterFailures: 2 });
        const paused = await bench.task();
        await bench.store.changeTask(
          taskChange(paused, {
            cursorAt: paused.cursorAt,
            state: 'paused',
            closeAt: paused.cursorAt + 1,
            open: segment(paused.cursorAt + 1, { schedule: null }),
          }),
        );
        await bench.fire(
          task.id,
          [skip(bench.slot(0), 'coalesced', 3), catchUp(bench.slot(3)), catchUp(bench.slot(4))],
          {
            episode: { startedAt: bench.slot(9), runFromAt: bench.slot(3) },
          },
        );
        await bench.fire(
          task.id,
          [5, 6, 7].map((k) => fireSlot(bench.slot(k))),
          { policy: policy('buffer_all') },
        );
        await bench.ask(askedRun(task.id));
        const [late, slot] = await bench.claim(2);
        assert.ok(late !== undefined && slot !== undefined);
        await bench.store.appendRunLog(
          slot.runId,
          slot,
          [{ at: 1, attempt: 1, level: 'warn', text: '日志' }],
          12,
        );
        await bench.finish(slot, 'failed', { result: { list: [], map: {} }, endTask: true });
        await bench.finish(late, 'retry', { retryInMs: 3_600_000 });
        const before = await picture(bench, task.id);
        const events = await bench.events();

        await bench.reopen();
        assert.deepEqual(await picture(bench, task.id), before);
        assert.deepEqual(await bench.events(), events, 'events');
        assert.deepEqual(await bench.events(), events, 'and epoch, position and pages');
        assert.equal((await bench.read(paused.id)).state, 'paused');

        assert.equal(
          (await bench.claim(10)).length,
          1,
          'the manual one; what is held waits for the end of the task',
        );
        await bench.ask(askedRun(task.id));
        assertGapless(await bench.events());
      }),
    );

    it(
      'repeats are known still: creation, fire, finish, ask',
      onBench(harness, async (bench) => {
        const asked = newTask(bench.ownerId, bench.originAt);
        await bench.store.createTasks(bench.ownerId, [asked], 1);
        const task = await bench.read(asked.id);
        const fire = {
          taskId: task.id,
          version: 1,
          cursorAt: task.cursorAt,
          decisions: [fireSlot(bench.slot(0))],
          nextCursorAt: bench.slot(0),
          nextAt: bench.slot(1),
          episode: null,
          ends: false,
          policy: policy(),
        };
        await bench.tryFire(fire);
        const manual = askedRun(task.id);
        await bench.ask(manual);
        const run = await bench.claimOne();
        await bench.finish(run);
        await bench.reopen();
        assert.equal((await bench.store.createTasks(bench.ownerId, [asked], 1))[0]?.code, 'exists');
        assert.equal(
          (await bench.store.createTasks(bench.ownerId, [{ ...asked, fingerprint: 'x' }], 9))[0]?.code,
          'conflict',
        );
        assert.equal((await bench.tryFire(fire)).code, 'already_fired');
        assert.equal((await bench.store.askRuns(task.id, [manual], 9))[0]?.code, 'exists');
        const finish = {
          ...run,
          outcome: 'succeeded',
          attemptOutcome: 'succeeded',
          retryInMs: 0,
          error: null,
          result: null,
          endTask: false,
        } as const;
        assert.equal((await bench.tryFinish(finish)).code, 'already_done');
      }),
    );

    it(
      'documents stay, with version and expiry; a deleted task stays deleted',
      onBench(harness, async (bench) => {
        const { ownerId } = bench;
        const expiresAt = (await bench.store.time()) + 3_600_000;
        await bench.store.putDocument(ownerId, 'note', 'a', { list: [] }, { ifVersion: 0, expiresAt });
        const document = await bench.store.putDocument(
          ownerId,
          'note',
          'a',
          { map: {} },
          { ifVersion: 1, expiresAt },
        );
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        await bench.store.deleteTask(task.id);
        await bench.reopen();
        assert.deepEqual(await bench.store.getDocument(ownerId, 'note', 'a'), document);
        assert.equal(await bench.store.putDocument(ownerId, 'note', 'a', 1, { ifVersion: 1 }), null);
        assert.equal(await bench.store.getTask(task.id), null);
        assert.deepEqual(await bench.claim(), []);
        assert.deepEqual(await bench.store.loadDue(bench.partition, bench.slot(99), 10), []);
      }),
    );
  });
}
