import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bench } from './bench.ts';
import { fireSlot, newTask, ownerIn, segment, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench, onFreshStore } from './on-bench.ts';

async function scan(bench: Bench, pageSize: number): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const page = await bench.store.scanTasks(bench.partition, ids.at(-1) ?? null, pageSize);
    assert.ok(page.length <= pageSize, `at most ${pageSize} on a page`);
    if (page.length === 0) return ids;
    ids.push(...page.map((task) => task.id));
    assert.equal(new Set(ids).size, ids.length, 'no task comes twice');
  }
}

export function scanContract(harness: StoreHarness): void {
  describe('scanTasks', () => {
    it(
      'reads every task of the partition by id, whatever its state and owner, in pages',
      onFreshStore(harness, async (bench) => {
        const other = ownerIn(bench.partition);
        const tasks = Array.from({ length: 20 }, () => newTask(bench.ownerId, bench.originAt));
        await bench.store.createTasks(bench.ownerId, tasks, 100);
        const [paused, ended, idle] = [
          await bench.task({}, other),
          await bench.task(),
          await bench.task({ nextAt: null }),
        ];
        await bench.task({}, ownerIn((bench.partition + 1) % 16));
        const pause = taskChange(paused, {
          cursorAt: paused.cursorAt,
          state: 'paused',
          closeAt: paused.cursorAt + 1,
          open: segment(paused.cursorAt + 1, { schedule: null }),
        });
        assert.equal((await bench.store.changeTask(pause)).code, 'changed');
        await bench.fire(ended.id, [fireSlot(bench.slot(0))], { ends: true });
        const expected = [...tasks, paused, ended, idle].map((task) => task.id).sort();
        for (const pageSize of [1, 7, 23, 100]) {
          assert.deepEqual(await scan(bench, pageSize), expected, `pages of ${pageSize}`);
        }
        const [first] = await bench.store.scanTasks(bench.partition, null, 1);
        assert.deepEqual(first, await bench.read(expected[0] as string), 'the whole record');
      }),
    );

    it(
      'goes on after an id that was deleted meanwhile',
      onBench(harness, async (bench) => {
        const tasks = Array.from({ length: 6 }, () => newTask(bench.ownerId, bench.originAt));
        await bench.store.createTasks(bench.ownerId, tasks, 100);
        const ids = tasks.map((task) => task.id).sort();
        await bench.store.deleteTask(ids[2] as string);
        const rest = await bench.store.scanTasks(bench.partition, ids[2] as string, 100);
        assert.deepEqual(
          rest.map((task) => task.id),
          ids.slice(3),
        );
        assert.deepEqual(await bench.store.scanTasks(bench.partition, ids[5] as string, 100), []);
      }),
    );
  });
}
