import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DayCount, InspectedTask } from '../../../server/store/inspection.ts';
import type { Bench } from './bench.ts';
import { askedRun, catchUp, DAY, fireSlot, newTask, policy, skip, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench, onFreshStore } from './on-bench.ts';

async function faultsOf(bench: Bench, taskId: string) {
  const { tasks, broken } = await bench.store.inspectTasks(bench.partition, { taskIds: [taskId] });
  assert.deepEqual(broken, []);
  return tasks[0]?.faults;
}

/** All of the partition's stray entries. */
async function strays(bench: Bench) {
  const found = [];
  let after: string | null = null;
  do {
    const page = await bench.store.inspectIndexes(bench.partition, after, 2);
    found.push(...page.strays, ...page.unlisted);
    assert.notEqual(page.next, after, 'it goes on');
    after = page.next;
  } while (after !== null);
  return found;
}

export function inspectContract(harness: StoreHarness): void {
  describe('inspectTasks, inspectIndexes and the repairs', () => {
    it(
      'looks at every task once, in pages, with its whole record',
      onFreshStore(harness, async (bench) => {
        const tasks = Array.from({ length: 9 }, () => newTask(bench.ownerId, bench.originAt));
        await bench.store.createTasks(bench.ownerId, tasks, 100);
        for (const limit of [1, 4, 9, 100]) {
          const seen: InspectedTask[] = [];
          let after: string | null = null;
          do {
            const page = await bench.store.inspectTasks(bench.partition, { after, limit });
            assert.ok(page.tasks.length <= limit);
            assert.deepEqual(page.broken, []);
            seen.push(...page.tasks);
            after = page.next;
          } while (after !== null);
          assert.deepEqual(
            seen.map(({ task }) => task.id),
            tasks.map(({ id }) => id).sort(),
            `pages of ${limit}`,
          );
        }
        const named = await bench.store.inspectTasks(bench.partition, {
          taskIds: [tasks[0]?.id as string, 'nobody'],
        });
        assert.deepEqual(named.tasks, [{ task: await bench.read(tasks[0]?.id as string), faults: [] }]);
        assert.equal(named.next, null);
      }),
    );

    it(
      'finds nothing in any state that runs and tasks come into, and repairs nothing',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const clean = async (when: string) => {
          assert.deepEqual(await faultsOf(bench, task.id), [], when);
          assert.deepEqual(await strays(bench), [], when);
          const before = await bench.read(task.id);
          assert.deepEqual(await bench.store.repairTask(task.id, 5_000), [], when);
          assert.deepEqual(await bench.read(task.id), before, `${when}: unchanged`);
        };
        await clean('new');
        const slots = [catchUp(bench.slot(0)), catchUp(bench.slot(1)), skip(bench.slot(2), 'overlap', 2)];
        await bench.fire(task.id, [...slots, fireSlot(bench.slot(4)), fireSlot(bench.slot(5))], {
          policy: policy('buffer_all'),
        });
        await bench.ask(askedRun(task.id));
        await clean('ready, held and waiting');
        const runs = await bench.claim();
        await clean('running');
        assert.equal(runs.length, 3);
        const [first, second, third] = runs as [(typeof runs)[0], (typeof runs)[0], (typeof runs)[0]];
        await bench.finish(first, 'retry', { retryInMs: 60_000 });
        await bench.store.cancelRun(second.runId);
        await clean('a retry and a cancelling run');
        await bench.finish(second, 'cancelled');
        await bench.finish(third, 'succeeded', { endTask: true });
        await clean('a closing');
        const closing = await bench.read(task.id);
        const end = taskChange(closing, {
          cursorAt: closing.cursorAt,
          byUser: false,
          closes: true,
          state: 'ended',
          closeAt: closing.cursorAt + 1,
          nextAt: null,
          cancelHeld: true,
        });
        assert.equal((await bench.store.changeTask(end)).code, 'changed');
        await clean('ended');
        await bench.store.deleteTask(task.id);
        assert.deepEqual(await strays(bench), [], 'nothing is left of it');
        assert.equal(await faultsOf(bench, task.id), undefined);
        assert.deepEqual(await bench.store.repairTask(task.id, 5_000), []);
      }),
    );

    it(
      'sets the counters of a day only while they are as they were seen',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0)), skip(bench.slot(1), 'paused', 3)]);
        const count = async (): Promise<DayCount> => {
          const [day] = await bench.store.listDays(task.id, DAY);
          assert.ok(day !== undefined);
          return { fired: day.fired, caughtUp: day.caughtUp, skipped: day.skipped };
        };
        const right = await count();
        assert.deepEqual(right, { fired: 1, caughtUp: 0, skipped: { paused: 3 } });
        const wrong: DayCount = { fired: 7, caughtUp: 2, skipped: { overlap: 4 } };
        assert.equal(await bench.store.repairDay(task.id, DAY, wrong, right), false, 'they are others');
        assert.deepEqual(await count(), right);
        assert.equal(await bench.store.repairDay(task.id, DAY, right, wrong), true);
        assert.deepEqual(await count(), wrong);
        assert.equal(await bench.store.repairDay(task.id, DAY, wrong, right), true);
        assert.deepEqual(await count(), right);
        await bench.fire(task.id, [fireSlot(bench.slot(9))]);
        assert.equal((await count()).fired, 2, 'and go on from there');
        assert.equal(await bench.store.repairDay('0fnobody', DAY, right, wrong), false);
      }),
    );

    it(
      'removes no entry that points at something',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        const run = await bench.claimOne();
        const owner = bench.ownerId;
        const entries = [
          { index: 'due', id: task.id, owner: '' },
          { index: 'task', id: task.id, owner: '' },
          { index: 'owner', id: task.id, owner },
          { index: 'lease', id: run.runId, owner: '' },
        ] as const;
        assert.equal(await bench.store.repairIndexes(bench.partition, [...entries]), 0);
        assert.equal(await bench.store.repairIndexes(bench.partition, []), 0);
        assert.deepEqual(await faultsOf(bench, task.id), []);
        assert.equal(await bench.finish(run), 'succeeded');
      }),
    );
  });
}
