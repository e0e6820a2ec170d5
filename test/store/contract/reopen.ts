import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Bench, onBench } from './bench.ts';
import {
  askedRun,
  catchUp,
  DAY,
  fireSlot,
  newTask,
  ownerIn,
  policy,
  segment,
  skip,
  taskChange,
} from './build.ts';
import { assertGapless } from './events.ts';
import type { StoreHarness } from './harness.ts';

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

        assert.deepEqual((await bench.claim(10)).length, 2, 'the held one that followed, and the manual one');
        await bench.ask(askedRun(task.id));
        assertGapless(await bench.events());
      }),
    );

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
