import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fireSlot, skip } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

export function verdictRangesContract(harness: StoreHarness): void {
  describe('listVerdicts', () => {
    it(
      'answers the records that touch the range, whole, from either end',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [
          fireSlot(bench.slot(0)),
          skip(bench.slot(1), 'coalesced', 4),
          fireSlot(bench.slot(5)),
          skip(bench.slot(6), 'coalesced', 4),
          fireSlot(bench.slot(10)),
        ]);
        const from = async (fromAt: number, toAt: number, limit = 10, oldestFirst = true) =>
          (await bench.store.listVerdicts(task.id, fromAt, toAt, { limit, oldestFirst })).map(
            (one) => (one.plannedAt - bench.originAt) / 1_000,
          );
        const s = (k: number) => bench.slot(k);
        assert.deepEqual(await from(s(0), s(10) + 1), [0, 1, 5, 6, 10], 'all');
        assert.deepEqual(await from(s(0), s(10)), [0, 1, 5, 6], 'toAt is excluded');
        assert.deepEqual(await from(s(0) + 1, s(5)), [1], 'fromAt behind the first, toAt at the third');
        assert.deepEqual(await from(s(2), s(3)), [1], 'inside a record');
        assert.deepEqual(await from(s(4), s(6)), [1, 5], 'its last slot is inside');
        assert.deepEqual(await from(s(4) + 1, s(6)), [5], 'its end is at the border');
        assert.deepEqual(await from(s(4) + 1, s(5)), [], 'between two records');
        assert.deepEqual(await from(s(9), s(9) + 1), [6], 'the last slot alone');
        assert.deepEqual(await from(s(3), s(3)), [], 'an empty range');
        assert.deepEqual(await from(s(0), s(99), 2), [0, 1], 'the oldest two');
        assert.deepEqual(await from(s(0), s(99), 2, false), [10, 6], 'the newest two');
        assert.deepEqual(await from(s(3), s(7), 10, false), [6, 5, 1], 'newest first');
        assert.deepEqual(await from(s(20), s(30)), [], 'nothing there');
      }),
    );
  });
}
