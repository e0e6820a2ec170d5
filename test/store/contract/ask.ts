import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newTaskId } from '../../../server/store/ids.ts';
import { askedRun, DAY, fireSlot, policy, segment, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

export function askContract(harness: StoreHarness): void {
  describe('askRuns', () => {
    it(
      'creates a manual run that is ready at once, planned for the store’s now',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const asked = askedRun(task.id, 'manual', null, {
          retryOf: `${task.id}:123`,
          policy: policy('skip', { priority: -3, timeoutMs: 700, lateAfterMs: 9 }),
        });
        const beforeAt = await bench.store.time();
        const run = await bench.ask(asked);
        const afterAt = await bench.store.time();
        const nowAt = run.createdAt;
        assert.ok(nowAt >= beforeAt && nowAt <= afterAt, 'createdAt is the store time of the step');
        assert.deepEqual(run, {
          id: asked.id,
          taskId: task.id,
          ownerId: bench.ownerId,
          trigger: 'manual',
          line: 'free',
          state: 'queued',
          retryOf: `${task.id}:123`,
          plannedAt: nowAt,
          nominalAt: nowAt,
          verdict: null,
          createdAt: nowAt,
          lateByMs: null,
          waitedMs: 0,
          queuedAt: nowAt,
          retryAt: null,
          startedAt: null,
          endedAt: null,
          progress: null,
          result: null,
          error: null,
          attempts: [],
          timeoutMs: 700,
          lateAfterMs: 9,
          priority: -3,
        });
        assert.deepEqual(await bench.store.getRun(run.id), run, 'getRun answers the same');
        const claimed = await bench.claimOne();
        assert.deepEqual([claimed.runId, claimed.trigger, claimed.plannedAt], [run.id, 'manual', nowAt]);
        await bench.wake('a run is ready', (wake) => wake.kind === 'ready');
      }),
    );

    it(
      'puts backfill runs into the late line and touches no verdict, cursor or count of the task',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1))]);
        const before = await bench.read(task.id);
        const asked = [0, 1].map((k) => askedRun(task.id, 'backfill', bench.slot(k)));
        const answers = await bench.store.askRuns(task.id, asked, 100);
        assert.deepEqual(
          answers.map((answer) =>
            answer.code === 'created' ? [answer.run.state, answer.run.line, answer.run.plannedAt] : answer,
          ),
          [
            ['queued', 'late', bench.slot(0)],
            ['held', 'late', bench.slot(1)],
          ],
        );
        const after = await bench.read(task.id);
        assert.deepEqual({ ...after, updatedAt: 0 }, { ...before, updatedAt: 0, waiting: 1 });
        assert.equal((await bench.store.countVerdicts(task.id)).records, 2);
        assert.equal((await bench.store.listDays(task.id, DAY))[0]?.fired, 2);
        const events = await bench.events();
        for (const [k, type] of (['run.queued', 'run.held'] as const).entries()) {
          for (const topic of [`task:${task.id}`, `run:${asked[k]?.id}`]) {
            const own = events.filter(
              (event) => event.topic === topic && event.payload.runId === asked[k]?.id,
            );
            assert.deepEqual(
              own.map((event) => event.type),
              [type],
              topic,
            );
          }
        }
      }),
    );

    it(
      'creates once: a repeat answers the run as it is by now',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const asked = askedRun(task.id);
        await bench.ask(asked);
        const claimed = await bench.claimOne();
        const running = await bench.run(asked.id);
        assert.deepEqual(await bench.store.askRuns(task.id, [asked], 1), [{ code: 'exists', run: running }]);
        await bench.finish(claimed);
        const ended = await bench.run(asked.id);
        assert.deepEqual(await bench.store.askRuns(task.id, [asked], 0), [{ code: 'exists', run: ended }]);
        assert.deepEqual(await bench.claim(), [], 'it is not run again');
      }),
    );

    it(
      'keeps to the most unended asked runs of the task, one by one',
      onBench(harness, async (bench) => {
        const [task, other] = [await bench.task(), await bench.task()];
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        const ask = async (...runs: ReturnType<typeof askedRun>[]) =>
          (await bench.store.askRuns(task.id, runs, 3)).map((answer) => answer.code);
        const [a, b, c, d] = [0, 1, 2, 3].map((k) =>
          askedRun(task.id, k % 2 === 0 ? 'manual' : 'backfill', bench.slot(k)),
        );
        assert.ok(a !== undefined && b !== undefined && c !== undefined && d !== undefined);
        assert.deepEqual(await ask(a, b, a, c, d), ['created', 'created', 'exists', 'created', 'limit']);
        assert.equal(await bench.store.getRun(d.id), null);
        await bench.store.askRuns(other.id, [askedRun(other.id)], 1);
        await bench.store.cancelRun(b.id);
        assert.deepEqual(await ask(d), ['created'], 'room after one was cancelled');
        for (const run of await bench.claim()) await bench.finish(run);
        const more = [askedRun(task.id), askedRun(task.id)];
        assert.deepEqual(await ask(...more), ['created', 'created'], 'room after they ended');
      }),
    );

    it(
      'puts 100 at once in line',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const asked = Array.from({ length: 100 }, (_, k) => askedRun(task.id, 'backfill', bench.slot(k)));
        const answers = await bench.store.askRuns(task.id, asked, 100);
        assert.ok(answers.every((answer) => answer.code === 'created'));
        assert.equal((await bench.counts(task.id)).waiting, 99);
        for (const run of asked.slice(0, 3)) {
          const claimed = await bench.claimOne();
          assert.equal(claimed.runId, run.id, 'in the order asked');
          await bench.finish(claimed);
        }
      }),
    );

    it(
      'runs on a paused task, and is gone for one that is not there',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const pause = taskChange(task, {
          cursorAt: task.cursorAt,
          state: 'paused',
          closeAt: task.cursorAt + 1,
          open: segment(task.cursorAt + 1, { schedule: null }),
        });
        assert.equal((await bench.store.changeTask(pause)).code, 'changed');
        const asked = await bench.ask(askedRun(task.id));
        assert.equal((await bench.claimOne()).runId, asked.id);
        const unknown = newTaskId(bench.ownerId);
        const answers = await bench.store.askRuns(unknown, [askedRun(unknown), askedRun(unknown)], 10);
        assert.deepEqual(answers, [{ code: 'gone' }, { code: 'gone' }]);
      }),
    );
  });
}
