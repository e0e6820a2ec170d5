import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slotRunId } from '../../../server/store/ids.ts';
import { askedRun, claimRequest, definition, fireRequest, fireSlot, policy, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

export function claimContract(harness: StoreHarness): void {
  describe('claimRuns', () => {
    it(
      'hands out a run with its lease and all that its worker needs',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))], {
          policy: policy('skip', { timeoutMs: 2_500 }),
        });
        const beforeAt = await bench.store.time();
        const request = claimRequest(10, { worker: 'worker-七' });
        const [claimed, ...others] = await bench.store.claimRuns(bench.partition, request);
        const afterAt = await bench.store.time();
        assert.ok(claimed !== undefined && others.length === 0, 'one run');
        const { startedAt, fence, ...rest } = claimed;
        const runId = slotRunId(task.id, bench.slot(0));
        assert.ok(startedAt >= beforeAt && startedAt <= afterAt, 'startedAt is the store time of the step');
        assert.ok(fence >= beforeAt * 1024 && fence <= afterAt * 1024, `fence ${fence} is store time × 1024`);
        assert.deepEqual(rest, {
          runId,
          taskId: task.id,
          ownerId: bench.ownerId,
          trigger: 'slot',
          plannedAt: bench.slot(0),
          nominalAt: bench.slot(0) - 7,
          attempt: 1,
          failures: 0,
          token: request.requestId,
          lateByMs: startedAt - bench.slot(0),
          timeoutMs: 2_500,
          deadlineAt: startedAt + 2_500 + 15_000,
          definition: definition(),
        });
        const run = await bench.run(runId);
        assert.equal(run.state, 'running');
        assert.deepEqual([run.startedAt, run.lateByMs, run.endedAt], [startedAt, rest.lateByMs, null]);
        assert.deepEqual(run.attempts, [
          { n: 1, fence, worker: 'worker-七', startedAt, endedAt: null, outcome: null, error: null },
        ]);
        assert.deepEqual(await bench.counts(task.id), { live: 1, held: 0, waiting: 0 }, 'running is live');
      }),
    );

    it(
      'keeps to the limit, and to the order in which the runs of an owner became ready',
      onBench(harness, async (bench) => {
        const [a, b] = [await bench.task(), await bench.task()];
        await bench.fire(b.id, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1))]);
        await bench.fire(a.id, [fireSlot(bench.slot(0))]);
        const asked = await bench.ask(askedRun(b.id));
        await bench.store.fireSlots(bench.partition, [
          fireRequest(await bench.read(b.id), [fireSlot(bench.slot(2))]),
          fireRequest(await bench.read(a.id), [fireSlot(bench.slot(1))]),
        ]);
        const expected = [
          slotRunId(b.id, bench.slot(0)),
          slotRunId(b.id, bench.slot(1)),
          slotRunId(a.id, bench.slot(0)),
          asked.id,
          slotRunId(b.id, bench.slot(2)),
          slotRunId(a.id, bench.slot(1)),
        ];
        const ids = async (limit: number) => (await bench.claim(limit)).map((run) => run.runId);
        assert.deepEqual(await ids(0), [], 'a limit of 0');
        assert.deepEqual(await ids(1), expected.slice(0, 1));
        assert.deepEqual(await ids(3), expected.slice(1, 4));
        assert.deepEqual(await ids(100), expected.slice(4));
        assert.deepEqual(await ids(100), [], 'nothing is left');
      }),
    );

    it(
      'gives each attempt the next number and a higher fence',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        let fence = 0;
        for (const [attempt, failures] of [
          [1, 0],
          [2, 0],
          [3, 0],
        ] as const) {
          const run = await bench.claimOne();
          assert.deepEqual([run.attempt, run.failures], [attempt, failures], 'given back ones do not count');
          assert.ok(run.fence > fence, 'the fence grows');
          fence = run.fence;
          await bench.finish(run, 'released');
        }
        const fourth = await bench.claimOne();
        await bench.finish(fourth, 'retry');
        await bench.promoteRetries(1);
        const fifth = await bench.claimOne();
        assert.deepEqual([fifth.attempt, fifth.failures], [5, 1], 'one has failed');
        assert.ok(fifth.fence > fourth.fence && Number.isSafeInteger(fifth.fence));
        assert.equal(
          fifth.deadlineAt,
          fifth.startedAt + fifth.timeoutMs + 15_000,
          'each attempt has its deadline',
        );
        assert.equal(
          fifth.lateByMs,
          (await bench.run(fifth.runId)).lateByMs,
          'lateness is that of the first start',
        );
      }),
    );

    it(
      'carries the definition of that moment',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        const renamed = definition({ name: 'renamed', policy: { timeoutMs: 77 } });
        await bench.store.changeTask(taskChange(task, { definition: renamed }));
        assert.deepEqual((await bench.claimOne()).definition, renamed);
      }),
    );

    it(
      'hands out nothing that was cancelled or deleted meanwhile',
      onBench(harness, async (bench) => {
        const [kept, deleted] = [await bench.task(), await bench.task()];
        await bench.fire(deleted.id, [fireSlot(bench.slot(0))]);
        await bench.fire(
          kept.id,
          [0, 1, 2].map((k) => fireSlot(bench.slot(k))),
        );
        await bench.store.cancelRun(slotRunId(kept.id, bench.slot(0)));
        await bench.store.deleteTask(deleted.id);
        const left = [1, 2].map((k) => slotRunId(kept.id, bench.slot(k)));
        assert.deepEqual(
          (await bench.claim(2)).map((run) => run.runId),
          left,
          'they take no place of the limit either',
        );
      }),
    );

    it(
      'comes to a ready run behind thousands that are no longer',
      onBench(harness, async (bench) => {
        const [deleted, kept] = [await bench.task(), await bench.task()];
        for (let k = 0; k < 25; k++) {
          const asked = Array.from({ length: 100 }, () => askedRun(deleted.id));
          await bench.store.askRuns(deleted.id, asked, 10_000);
        }
        await bench.fire(kept.id, [fireSlot(bench.slot(0))]);
        await bench.store.deleteTask(deleted.id);
        // A store may clear them away in more than one call, but not in many.
        const answers = [
          await bench.claim(1),
          await bench.claim(1),
          await bench.claim(1),
          await bench.claim(1),
        ];
        assert.deepEqual(
          answers.flat().map((run) => run.taskId),
          [kept.id],
        );
      }),
    );

    it(
      'hands a run to one of many who ask at once',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          Array.from({ length: 60 }, (_, k) => fireSlot(bench.slot(k))),
        );
        const answers = await Promise.all(Array.from({ length: 20 }, () => bench.claim(7)));
        const ids = answers.flat().map((run) => run.runId);
        assert.equal(ids.length, 60, 'all are handed out');
        assert.equal(new Set(ids).size, 60, 'none twice');
        assert.ok(
          answers.every((runs) => runs.length <= 7),
          'each within its limit',
        );
      }),
    );

    it(
      'says so on the task and on the run',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        const { runId } = await bench.claimOne();
        for (const topic of [`task:${task.id}`, `run:${runId}`]) {
          const last = (await bench.events()).filter((event) => event.topic === topic).at(-1);
          assert.deepEqual([last?.type, last?.payload.runId], ['run.started', runId], topic);
        }
      }),
    );
  });
}
