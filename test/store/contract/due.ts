import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TaskRecord } from '../../../server/store/records.ts';
import type { Bench } from './bench.ts';
import { fireSlot, newTask, ownerIn, segment, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench, onFreshStore } from './on-bench.ts';

const ids = (tasks: TaskRecord[]) => tasks.map((task) => task.id);

/** All that is due, read in pages. */
async function readDue(bench: Bench, untilAt: number, pageSize: number): Promise<TaskRecord[]> {
  const all: TaskRecord[] = [];
  for (;;) {
    const last = all.at(-1);
    const page: TaskRecord[] = await bench.store.loadDue(
      bench.partition,
      untilAt,
      pageSize,
      last && { nextAt: last.nextAt as number, taskId: last.id },
    );
    assert.ok(page.length <= pageSize, `at most ${pageSize} on a page, got ${page.length}`);
    if (page.length === 0) return all;
    all.push(...page);
    assert.equal(new Set(ids(all)).size, all.length, 'no task comes twice');
  }
}

export function dueContract(harness: StoreHarness): void {
  describe('loadDue', () => {
    it(
      'lists the tasks of the partition up to the instant, earliest first',
      onFreshStore(harness, async (bench) => {
        const late = await bench.task({ nextAt: bench.slot(30) });
        const early = await bench.task({ nextAt: bench.slot(10) });
        const neighbour = await bench.task({ nextAt: bench.slot(20) }, ownerIn(bench.partition));
        await bench.task({ nextAt: bench.slot(5) }, ownerIn((bench.partition + 1) % 16));
        const due = (untilAt: number, limit = 10) => bench.store.loadDue(bench.partition, untilAt, limit);
        assert.deepEqual(await due(bench.slot(10) - 1), [], 'before the first');
        assert.deepEqual(
          await due(bench.slot(10)),
          [early],
          'nextAt equal to the instant is due; the record is whole',
        );
        assert.deepEqual(
          ids(await due(bench.slot(99))),
          [early.id, neighbour.id, late.id],
          'all of the partition',
        );
        assert.deepEqual(ids(await due(bench.slot(99), 2)), [early.id, neighbour.id], 'the limit');
      }),
    );

    it(
      'continues after the last one seen, many tasks of one instant included',
      onBench(harness, async (bench) => {
        const tasks = Array.from({ length: 23 }, (_, k) =>
          newTask(bench.ownerId, bench.originAt, { nextAt: bench.slot(k < 17 ? 1 : k) }),
        );
        await bench.store.createTasks(bench.ownerId, tasks, 100);
        const whole = ids(await bench.store.loadDue(bench.partition, bench.slot(50), 100));
        assert.equal(new Set(whole).size, 23);
        for (const pageSize of [1, 4, 17, 23]) {
          assert.deepEqual(
            ids(await readDue(bench, bench.slot(50), pageSize)),
            whole,
            `pages of ${pageSize}`,
          );
        }
      }),
    );

    it(
      'follows the next slot that a fire or a change sets',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const due = async (untilAt: number) => ids(await bench.store.loadDue(bench.partition, untilAt, 10));
        await bench.fire(task.id, [fireSlot(bench.slot(0))], { nextAt: bench.slot(7) });
        assert.deepEqual(await due(bench.slot(6)), [], 'not under its old instant');
        assert.deepEqual(await due(bench.slot(7)), [task.id], 'under its new one');
        assert.equal((await bench.read(task.id)).nextAt, bench.slot(7));

        const nowAt = bench.slot(3);
        const present = await bench.read(task.id);
        const edit = taskChange(present, {
          cursorAt: present.cursorAt,
          nextCursorAt: nowAt,
          closeAt: nowAt + 1,
          open: segment(nowAt + 1),
          nextAt: bench.slot(4),
        });
        assert.equal((await bench.store.changeTask(edit)).code, 'changed');
        assert.deepEqual(await due(bench.slot(4)), [task.id], 'an edit brings it forward');
      }),
    );

    it(
      'leaves out tasks that are paused, ended, without a next slot, or deleted',
      onBench(harness, async (bench) => {
        const [paused, ended, idle, deleted] = [
          await bench.task(),
          await bench.task(),
          await bench.task(),
          await bench.task(),
        ];
        const pause = taskChange(paused, {
          cursorAt: paused.cursorAt,
          state: 'paused',
          closeAt: paused.cursorAt + 1,
          open: segment(paused.cursorAt + 1, { schedule: null }),
        });
        assert.equal((await bench.store.changeTask(pause)).code, 'changed');
        await bench.fire(ended.id, [fireSlot(bench.slot(0))], { ends: true });
        await bench.fire(idle.id, [fireSlot(bench.slot(0))], { nextAt: null });
        await bench.store.deleteTask(deleted.id);
        assert.deepEqual(await bench.store.loadDue(bench.partition, bench.slot(9_999), 10), []);
      }),
    );

    it(
      'lists a task with a pending closing, whether or not it had a next slot',
      onBench(harness, async (bench) => {
        const soon = await bench.task();
        const never = await bench.task();
        await bench.fire(soon.id, [fireSlot(bench.slot(0))], { nextAt: bench.slot(99_999) });
        await bench.fire(never.id, [fireSlot(bench.slot(0))], { nextAt: null });
        const runs = await bench.claim();
        const seen = bench.wakes.length;
        for (const run of runs) await bench.finish(run, 'succeeded', { endTask: true });
        const due = await bench.store.loadDue(bench.partition, await bench.store.time(), 10);
        assert.deepEqual(ids(due).sort(), [soon.id, never.id].sort(), 'both are due at once');
        for (const task of due) {
          assert.equal(task.closing?.reason, 'ended');
          // Paging goes on from the nextAt of the last one seen, so the record must carry what it is listed under.
          assert.ok(task.nextAt !== null, 'it is listed under an instant');
        }
        assert.equal(
          (await readDue(bench, await bench.store.time(), 1)).length,
          2,
          'and paging reaches both',
        );
        await bench.wake('for the closing', (wake) => wake.kind === 'due', seen);
      }),
    );
  });
}
