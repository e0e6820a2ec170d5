import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { VerdictRecord } from '../../../server/store/records.ts';
import type { Bench } from './bench.ts';
import { catchUp, fireSlot, policy, skip, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

/** [first slot, one past the last, count, verdict or reason], slots as k. */
async function listed(bench: Bench, taskId: string): Promise<[number, number, number, string][]> {
  const records = await bench.store.listVerdicts(taskId, 0, Number.MAX_SAFE_INTEGER, {
    limit: 1_000,
    oldestFirst: true,
  });
  const k = (at: number) => (at - bench.originAt) / 1_000;
  return records.map((r: VerdictRecord) => [k(r.plannedAt), k(r.toAt - 1), r.count, r.reason ?? r.verdict]);
}

export function verdictsContract(harness: StoreHarness): void {
  describe('verdicts', () => {
    it(
      'are kept for each slot, in order, with reason where skipped',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [
          skip(bench.slot(0), 'outside_catch_up_window', 5),
          catchUp(bench.slot(5)),
        ]);
        await bench.fire(task.id, [fireSlot(bench.slot(6)), fireSlot(bench.slot(7))], {
          policy: policy('skip'),
        });
        assert.deepEqual(
          await bench.store.listVerdicts(task.id, 0, bench.slot(100), { limit: 10, oldestFirst: true }),
          [
            {
              plannedAt: bench.slot(0),
              toAt: bench.slot(4) + 1,
              count: 5,
              verdict: 'skipped',
              reason: 'outside_catch_up_window',
            },
            {
              plannedAt: bench.slot(5),
              toAt: bench.slot(5) + 1,
              count: 1,
              verdict: 'caught_up',
              reason: null,
            },
            { plannedAt: bench.slot(6), toAt: bench.slot(6) + 1, count: 1, verdict: 'fired', reason: null },
            {
              plannedAt: bench.slot(7),
              toAt: bench.slot(7) + 1,
              count: 1,
              verdict: 'skipped',
              reason: 'overlap',
            },
          ],
        );
        assert.deepEqual(await bench.store.countVerdicts(task.id), { records: 4, oldestAt: bench.slot(0) });
      }),
    );

    it(
      'of neighbouring skips with one reason and day become one record, inside a step',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [
          skip(bench.slot(0), 'coalesced', 2),
          skip(bench.slot(2), 'coalesced'),
          skip(bench.slot(3), 'coalesced', 7),
          skip(bench.slot(10), 'catch_up_limit', 3),
          skip(bench.slot(13), 'coalesced'),
        ]);
        assert.deepEqual(await listed(bench, task.id), [
          [0, 9, 10, 'coalesced'],
          [10, 12, 3, 'catch_up_limit'],
          [13, 13, 1, 'coalesced'],
        ]);
      }),
    );

    it(
      'and with the last record kept by an earlier step or change',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1))], {
          policy: policy('skip'),
        });
        await bench.fire(task.id, [fireSlot(bench.slot(2))], { policy: policy('skip') });
        await bench.fire(task.id, [fireSlot(bench.slot(3)), fireSlot(bench.slot(4))], {
          policy: policy('skip'),
        });
        assert.deepEqual(await listed(bench, task.id), [
          [0, 0, 1, 'fired'],
          [1, 4, 4, 'overlap'],
        ]);
        const present = await bench.read(task.id);
        const change = (k: number, cursorAt: number) =>
          bench.store.changeTask(
            taskChange(present, {
              byUser: false,
              cursorAt,
              nextCursorAt: bench.slot(k + 1),
              skips: [skip(bench.slot(k), 'schedule_changed', 2)],
              nextAt: bench.slot(k + 2),
            }),
          );
        assert.equal((await change(5, bench.slot(4))).code, 'changed');
        assert.equal((await change(7, bench.slot(6))).code, 'changed');
        await bench.fire(task.id, [skip(bench.slot(9), 'schedule_changed')]);
        assert.deepEqual((await listed(bench, task.id)).at(-1), [5, 9, 5, 'schedule_changed']);
        assert.equal((await bench.store.countVerdicts(task.id)).records, 3);
        assert.equal(
          (await bench.read(task.id)).segmentSlots,
          10,
          'slots that a change skips count in the open segment',
        );
      }),
    );

    it(
      'are never merged across days, reasons, or a slot that got a run',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [
          skip(bench.slot(0), 'coalesced', 2, '20260313'),
          skip(bench.slot(2), 'coalesced', 2, '20260314'),
        ]);
        await bench.fire(task.id, [skip(bench.slot(4), 'coalesced', 2, '20260315')]);
        await bench.fire(task.id, [skip(bench.slot(6), 'catch_up_off', 1, '20260315')]);
        await bench.fire(task.id, [catchUp(bench.slot(7), '20260315')]);
        await bench.fire(task.id, [skip(bench.slot(8), 'catch_up_off', 1, '20260315')]);
        await bench.fire(task.id, [
          fireSlot(bench.slot(9), '20260315'),
          skip(bench.slot(10), 'catch_up_off', 1, '20260315'),
        ]);
        assert.deepEqual(await listed(bench, task.id), [
          [0, 1, 2, 'coalesced'],
          [2, 3, 2, 'coalesced'],
          [4, 5, 2, 'coalesced'],
          [6, 6, 1, 'catch_up_off'],
          [7, 7, 1, 'caught_up'],
          [8, 8, 1, 'catch_up_off'],
          [9, 9, 1, 'fired'],
          [10, 10, 1, 'catch_up_off'],
        ]);
      }),
    );

    it(
      'are counted by the day that the decision names',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [
          skip(bench.slot(0), 'coalesced', 40, '20260313'),
          skip(bench.slot(40), 'catch_up_limit', 2, '20260313'),
          skip(bench.slot(42), 'coalesced', 8, '20260314'),
          catchUp(bench.slot(50), '20260314'),
        ]);
        await bench.fire(
          task.id,
          [
            fireSlot(bench.slot(51), '20260314'),
            fireSlot(bench.slot(52), '20260314'),
            fireSlot(bench.slot(53), '20260315'),
          ],
          { policy: policy('skip') },
        );
        const days = await bench.store.listDays(task.id, '20260101');
        assert.deepEqual(
          days.map((day) => [day.day, day.fired, day.caughtUp, day.skipped]),
          [
            ['20260313', 0, 0, { coalesced: 40, catch_up_limit: 2 }],
            ['20260314', 1, 1, { coalesced: 8, overlap: 1 }],
            ['20260315', 0, 0, { overlap: 1 }],
          ],
        );
        assert.deepEqual((await bench.store.listDays(task.id, '20260314')).length, 2, 'from a day on');
        assert.deepEqual(await bench.store.listDays(task.id, '20260316'), []);
        for (const day of days) {
          const ended = [...day.onTime, ...day.late, day.succeeded, day.failed, day.cancelled];
          assert.ok(
            ended.every((n) => n === 0),
            'nothing has ended yet',
          );
        }
      }),
    );

    it(
      'say whether the last slot was late',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const last = async () => (await bench.read(task.id)).lastLate;
        await bench.fire(task.id, [catchUp(bench.slot(0))]);
        assert.equal(await last(), true, 'caught up');
        await bench.fire(task.id, [fireSlot(bench.slot(1))]);
        assert.equal(await last(), false, 'fired, and not started yet');
        for (const [k, reason] of (
          ['outside_catch_up_window', 'catch_up_limit', 'coalesced', 'catch_up_off'] as const
        ).entries()) {
          await bench.fire(task.id, [skip(bench.slot(2 + 2 * k), reason)]);
          assert.equal(await last(), true, reason);
          await bench.fire(task.id, [fireSlot(bench.slot(3 + 2 * k))]);
          assert.equal(await last(), false, `fired after ${reason}`);
        }
        await bench.fire(task.id, [fireSlot(bench.slot(20))], { policy: policy('skip') });
        assert.equal(await last(), false, 'skipped for overlap is not late');
      }),
    );
  });
}
