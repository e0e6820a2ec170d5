import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slotRunId } from '../../../server/store/ids.ts';
import { askedRun, catchUp, fireSlot, policy } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

export function lateLineContract(harness: StoreHarness): void {
  describe('the line of caught-up and backfill runs', () => {
    it(
      'goes one at a time, in order of arrival; manual and on-time runs do not wait for it',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          [5, 6, 7].map((k) => catchUp(bench.slot(k))),
        );
        // Asked for later, for earlier slots: a line is a line, first come first served.
        const asked = [3, 2].map((k) => askedRun(task.id, 'backfill', bench.slot(k)));
        await bench.store.askRuns(task.id, asked, 100);
        await bench.fire(task.id, [catchUp(bench.slot(8)), fireSlot(bench.slot(9))], {
          policy: policy('skip'),
        });
        const manual = await bench.ask(askedRun(task.id));
        const expected = [
          ...[5, 6, 7].map((k) => slotRunId(task.id, bench.slot(k))),
          ...asked.map((run) => run.id),
          slotRunId(task.id, bench.slot(8)),
        ];
        assert.deepEqual(await bench.counts(task.id), { live: 1, held: 0, waiting: 5 });
        const [head, ...others] = await bench.claim();
        assert.equal(head?.runId, expected[0]);
        const free = [slotRunId(task.id, bench.slot(9)), manual.id];
        assert.deepEqual(
          others.map((run) => run.runId),
          free,
          'beside it',
        );
        for (const run of others) await bench.finish(run);
        assert.deepEqual(await bench.claim(), [], 'their end does not move the line');
        let present = head;
        for (const [k, id] of expected.entries()) {
          assert.equal(present?.runId, id, `number ${k + 1}`);
          assert.equal((await bench.counts(task.id)).waiting, 5 - k, `behind number ${k + 1}`);
          await bench.finish(present as NonNullable<typeof head>, k % 2 === 0 ? 'succeeded' : 'failed');
          const next = await bench.claim();
          assert.ok(next.length <= 1, 'one at a time');
          present = next[0];
        }
        assert.equal(present, undefined, 'the line is empty');
      }),
    );

    it(
      'is held up by a run that waits for its retry, is given back, or is being cancelled',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          [0, 1, 2].map((k) => catchUp(bench.slot(k))),
        );
        const ids = [0, 1, 2].map((k) => slotRunId(task.id, bench.slot(k)));
        await bench.finish(await bench.claimOne(), 'retry');
        assert.deepEqual(await bench.states(ids), ['retry_wait', 'held', 'held'], 'waits for its retry');
        await bench.promoteRetries(1);
        await bench.finish(await bench.claimOne(), 'released');
        assert.deepEqual(await bench.states(ids), ['queued', 'held', 'held'], 'given back');
        const run = await bench.claimOne();
        await bench.store.cancelRun(run.runId);
        assert.deepEqual(await bench.states(ids), ['cancelling', 'held', 'held'], 'being cancelled');
        await bench.finish(run, 'cancelled');
        assert.deepEqual(await bench.states(ids), ['cancelled', 'queued', 'held'], 'gone');
      }),
    );

    it(
      'closes up when one of it is cancelled',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          [0, 1, 2, 3].map((k) => catchUp(bench.slot(k))),
        );
        const ids = [0, 1, 2, 3].map((k) => slotRunId(task.id, bench.slot(k)));
        await bench.store.cancelRun(ids[1] as string);
        assert.deepEqual(await bench.states(ids), ['queued', 'cancelled', 'held', 'held'], 'a waiting one');
        await bench.store.cancelRun(ids[0] as string);
        assert.deepEqual(
          await bench.states(ids),
          ['cancelled', 'cancelled', 'queued', 'held'],
          'the one at its head',
        );
        assert.deepEqual(await bench.counts(task.id), { live: 0, held: 0, waiting: 1 });
        assert.deepEqual(
          (await bench.claim()).map((run) => run.runId),
          [ids[2]],
        );
      }),
    );

    it(
      'is each task’s own',
      onBench(harness, async (bench) => {
        const [a, b] = [await bench.task(), await bench.task()];
        for (const task of [a, b])
          await bench.fire(task.id, [catchUp(bench.slot(0)), catchUp(bench.slot(1))]);
        assert.deepEqual(
          (await bench.claim()).map((run) => run.taskId),
          [a.id, b.id],
        );
      }),
    );
  });
}
