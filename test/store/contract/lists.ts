import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RUNS_KEPT_PER_TASK } from '../../../server/store/limits.ts';
import type { RunRecord } from '../../../server/store/records.ts';
import type { RunState } from '../../../shared/run.ts';
import type { Bench } from './bench.ts';
import { askedRun, catchUp, fireSlot, newTask, ownerIn } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

type Of = { taskId: string } | { ownerId: string };

/** All of a list, read in pages. */
async function readAll(bench: Bench, of: Of, limit: number, states?: RunState[]): Promise<RunRecord[]> {
  const all: RunRecord[] = [];
  for (;;) {
    const before = all.at(-1)?.id;
    const page = await bench.store.listRuns(of, {
      limit,
      ...(before === undefined ? {} : { before }),
      ...(states === undefined ? {} : { states }),
    });
    assert.ok(page.items.length <= limit, `at most ${limit} on a page`);
    all.push(...page.items);
    assert.equal(new Set(ids(all)).size, all.length, 'no run comes twice');
    if (!page.more) return all;
    assert.ok(page.items.length > 0, 'a page that says more has something to go on from');
  }
}

const ids = (runs: RunRecord[]) => runs.map((run) => run.id);

export function listsContract(harness: StoreHarness): void {
  describe('listRuns', () => {
    it(
      'answers a task’s runs, newest first, in pages of any size',
      onBench(harness, async (bench) => {
        const [task, other] = [await bench.task(), await bench.task()];
        for (let k = 0; k < 60; k += 20) {
          await bench.fire(
            task.id,
            Array.from({ length: 20 }, (_, n) => fireSlot(bench.slot(k + n))),
          );
          await bench.until((await bench.store.time()) + 2);
        }
        await bench.fire(other.id, [fireSlot(bench.slot(0))]);
        const manual = await bench.ask(askedRun(task.id));
        const expected = [
          manual.id,
          ...Array.from({ length: 60 }, (_, k) => `${task.id}:${bench.slot(59 - k)}`),
        ];
        for (const limit of [1, 7, 61, 100]) {
          assert.deepEqual(
            ids(await readAll(bench, { taskId: task.id }, limit)),
            expected,
            `pages of ${limit}`,
          );
        }
        const [first] = (await bench.store.listRuns({ taskId: task.id }, { limit: 1 })).items;
        assert.deepEqual(first, await bench.run(manual.id), 'the whole record');
        const page = await bench.store.listRuns({ taskId: task.id }, { limit: 10 });
        assert.equal(page.more, true, 'older ones exist');
      }),
    );

    it(
      'answers those of all an owner’s tasks, and nobody else’s',
      onBench(harness, async (bench) => {
        const tasks = Array.from({ length: 5 }, () => newTask(bench.ownerId, bench.originAt));
        await bench.store.createTasks(bench.ownerId, tasks, 10);
        const stranger = await bench.task({}, ownerIn(bench.partition));
        await bench.fire(stranger.id, [fireSlot(bench.slot(0))]);
        for (let k = 0; k < 6; k++) {
          for (const task of tasks) await bench.fire(task.id, [fireSlot(bench.slot(k))]);
        }
        const whole = await readAll(bench, { ownerId: bench.ownerId }, 100);
        assert.equal(whole.length, 30);
        assert.ok(whole.every((run) => run.ownerId === bench.ownerId));
        assert.ok(
          whole.every((run, k) => k === 0 || run.createdAt <= (whole[k - 1] as RunRecord).createdAt),
          'createdAt never grows along the list',
        );
        for (const limit of [1, 4, 30]) {
          assert.deepEqual(
            ids(await readAll(bench, { ownerId: bench.ownerId }, limit)),
            ids(whole),
            `pages of ${limit}`,
          );
        }
        assert.deepEqual(await bench.store.listRuns({ ownerId: ownerIn() }, { limit: 5 }), {
          items: [],
          more: false,
        });
      }),
    );

    it(
      'passes over the runs of a deleted task',
      onBench(harness, async (bench) => {
        const [kept, deleted] = [await bench.task(), await bench.task()];
        await bench.fire(
          kept.id,
          [0, 1, 2].map((k) => fireSlot(bench.slot(k))),
        );
        for (let k = 0; k < 3; k++) {
          const asked = Array.from({ length: 100 }, () => askedRun(deleted.id));
          await bench.store.askRuns(deleted.id, asked, 1_000);
        }
        await bench.fire(kept.id, [fireSlot(bench.slot(3))]);
        await bench.store.deleteTask(deleted.id);
        const expected = [3, 2, 1, 0].map((k) => `${kept.id}:${bench.slot(k)}`);
        for (const limit of [2, 10]) {
          assert.deepEqual(
            ids(await readAll(bench, { ownerId: bench.ownerId }, limit)),
            expected,
            `pages of ${limit}`,
          );
        }
        const queued = await readAll(bench, { ownerId: bench.ownerId }, 10, ['queued']);
        assert.deepEqual(ids(queued), expected, 'with a filter');
      }),
    );

    it(
      'filters by state, page by page',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          Array.from({ length: 40 }, (_, k) => fireSlot(bench.slot(k))),
        );
        await bench.fire(task.id, [catchUp(bench.slot(40)), catchUp(bench.slot(41))]);
        const runs = await bench.claim(36);
        for (const [k, run] of runs.entries()) {
          if (k % 6 === 0) await bench.finish(run, 'failed');
          if (k % 6 === 1) await bench.finish(run, 'succeeded');
          if (k % 6 === 2) await bench.store.cancelRun(run.runId);
          if (k % 6 === 3) await bench.finish(run, 'retry', { retryInMs: 3_600_000 });
        }
        const everything = await readAll(bench, { taskId: task.id }, 100);
        assert.equal(everything.length, 42);
        const filters: RunState[][] = [
          ['failed'],
          ['succeeded', 'failed'],
          ['running', 'cancelling'],
          ['retry_wait'],
          ['held'],
          ['queued'],
          ['timed_out'],
        ];
        for (const states of filters) {
          const expected = ids(everything.filter((run) => states.includes(run.state)));
          for (const of of [{ taskId: task.id }, { ownerId: bench.ownerId }]) {
            for (const limit of [2, 100]) {
              assert.deepEqual(
                ids(await readAll(bench, of, limit, states)),
                expected,
                `${states} of ${Object.keys(of)}`,
              );
            }
          }
        }
      }),
    );

    it(
      'keeps the newest runs of a task; older ones go, but not before they have ended',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const oldest = await bench.ask(askedRun(task.id));
        const lease = await bench.claimOne({ leaseMs: 600_000 });
        for (let k = 0; k < 600; k += 100) {
          await bench.fire(
            task.id,
            Array.from({ length: 100 }, (_, n) => fireSlot(bench.slot(k + n))),
          );
          const items = (await bench.claim(100)).map((run) => ({
            ...run,
            outcome: 'succeeded' as const,
            attemptOutcome: 'succeeded' as const,
            retryInMs: 0,
            error: null,
            result: null,
            endTask: false,
          }));
          const { finished } = await bench.store.finishRuns(bench.partition, items);
          assert.ok(finished.every((answer) => answer.code === 'finished'));
        }
        const kept = await readAll(bench, { taskId: task.id }, 100);
        const slots = kept.filter((run) => run.trigger === 'slot').map((run) => run.plannedAt);
        assert.ok(
          slots.length >= RUNS_KEPT_PER_TASK - 1 && slots.length <= RUNS_KEPT_PER_TASK,
          `${slots.length} kept`,
        );
        assert.deepEqual(
          slots,
          Array.from({ length: slots.length }, (_, k) => bench.slot(599 - k)),
          'the newest',
        );
        assert.equal(kept.at(-1)?.id, oldest.id, 'the oldest still runs and is there');
        assert.equal(
          await bench.store.getRun(`${task.id}:${bench.slot(0)}`),
          null,
          'the oldest ended one is gone',
        );
        assert.equal(
          (await readAll(bench, { ownerId: bench.ownerId }, 100)).length,
          kept.length,
          'for the owner, too',
        );
        assert.equal(await bench.finish(lease), 'succeeded');
        assert.equal((await bench.store.countVerdicts(task.id)).records, 600, 'verdicts stay');
      }),
    );
  });
}
