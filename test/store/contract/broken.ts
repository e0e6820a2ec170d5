import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { askedRunId } from '../../../server/store/ids.ts';
import type { SlotDecision } from '../../../server/store/records.ts';
import { StoreUnavailableError } from '../../../server/store/status.ts';
import type { Bench } from './bench.ts';
import {
  askedRun,
  catchUp,
  claimRequest,
  fireRequest,
  fireSlot,
  newTask,
  ownerIn,
  segment,
  skip,
  taskChange,
} from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

/** The call rejects, not for want of a store, and nothing in the partition is other than before. */
async function rejects(bench: Bench, call: () => Promise<unknown>, why: string): Promise<void> {
  const look = async () => [
    await bench.store.scanTasks(bench.partition, null, 100),
    await bench.store.listRuns({ ownerId: bench.ownerId }, { limit: 100 }),
    await bench.events(),
  ];
  const before = await look();
  await assert.rejects(
    call(),
    (error) => error instanceof Error && !(error instanceof StoreUnavailableError),
    `${why}: rejects`,
  );
  assert.deepEqual(await look(), before, `${why}: nothing changed`);
}

export function brokenContract(harness: StoreHarness): void {
  describe('what would break the data', () => {
    it(
      'a fire whose slots are out of order, twice, behind the cursor or beyond the next one',
      onBench(harness, async (bench) => {
        const [task, innocent] = [await bench.task(), await bench.task()];
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        const present = await bench.read(task.id);
        const backwards: SlotDecision = { ...skip(bench.slot(3), 'coalesced'), toAt: bench.slot(3) };
        const cases: [string, SlotDecision[]][] = [
          ['out of order', [fireSlot(bench.slot(2)), fireSlot(bench.slot(1)), fireSlot(bench.slot(5))]],
          ['twice', [fireSlot(bench.slot(1)), catchUp(bench.slot(1)), fireSlot(bench.slot(5))]],
          [
            'inside a range',
            [skip(bench.slot(1), 'coalesced', 3), fireSlot(bench.slot(2)), fireSlot(bench.slot(5))],
          ],
          ['decided already', [fireSlot(bench.slot(0)), fireSlot(bench.slot(5))]],
          ['beyond the next cursor', [fireSlot(bench.slot(6))]],
          ['a range of no length', [backwards, fireSlot(bench.slot(5))]],
        ];
        for (const [why, decisions] of cases) {
          const request = fireRequest(present, decisions, { nextCursorAt: bench.slot(5) });
          const other = fireRequest(innocent, [fireSlot(bench.slot(0))]);
          await rejects(
            bench,
            () => bench.store.fireSlots(bench.partition, [other, request], claimRequest(5)),
            why,
          );
        }
        assert.equal((await bench.fire(task.id, [fireSlot(bench.slot(1))])).runs, 1, 'the task goes on');
      }),
    );

    it(
      'a change whose skips are out of order, or whose segment is opened beside another',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const change = taskChange(task, {
          cursorAt: task.cursorAt,
          nextCursorAt: bench.slot(5),
          nextAt: bench.slot(6),
        });
        for (const [why, skips] of [
          ['out of order', [skip(bench.slot(2), 'paused'), skip(bench.slot(1), 'paused')]],
          ['overlapping', [skip(bench.slot(1), 'paused', 3), skip(bench.slot(2), 'paused')]],
          ['beyond the next cursor', [skip(bench.slot(5), 'paused', 2)]],
          ['decided already', [skip(task.cursorAt, 'paused')]],
        ] as const) {
          await rejects(bench, () => bench.store.changeTask({ ...change, skips: [...skips] }), why);
        }
        // Whether that is an error or `stale` is left open; it must not be done.
        const beside = { ...change, open: segment(bench.slot(5) + 1) };
        const code = await bench.store.changeTask(beside).then(
          (answer) => answer.code,
          () => 'rejected',
        );
        assert.ok(code === 'stale' || code === 'rejected', `a segment opened beside an open one: ${code}`);
        assert.deepEqual(await bench.store.listSegments(task.id), [task.segment]);
        assert.deepEqual(await bench.read(task.id), task);
      }),
    );

    it(
      'a task whose id leads to another partition than its owner; a run that is not of its task',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const stray = newTask(ownerIn((bench.partition + 1) % 16), bench.originAt);
        const good = newTask(bench.ownerId, bench.originAt);
        await rejects(
          bench,
          () => bench.store.createTasks(bench.ownerId, [good, stray], 10),
          'another partition',
        );
        const other = await bench.task();
        const run = askedRun(task.id, 'manual', null, { id: askedRunId(other.id, 'manual') });
        await rejects(
          bench,
          () => bench.store.askRuns(task.id, [askedRun(task.id), run], 10),
          'of another task',
        );
      }),
    );

    it(
      'a partition that is none',
      onBench(harness, async (bench) => {
        for (const partition of [-1, 16, 1.5, Number.NaN]) {
          await rejects(
            bench,
            () => bench.store.claimRuns(partition, claimRequest()),
            `claim from ${partition}`,
          );
          await rejects(bench, () => bench.store.fireSlots(partition, []), `fire in ${partition}`);
        }
      }),
    );
  });
}
