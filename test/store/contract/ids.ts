import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  askedRunId,
  isRunId,
  isTaskId,
  newTaskId,
  PARTITIONS,
  partitionOfId,
  partitionOfOwner,
  slotRunId,
  taskIdOfRun,
} from '../../../server/store/ids.ts';
import { fireSlot, ownerIn } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onFreshStore } from './on-bench.ts';

export function idsContract(harness: StoreHarness): void {
  describe('ids and partitions', () => {
    it('every id of an owner leads to the owner’s partition', () => {
      const used = new Set<number>();
      const seen = new Set<string>();
      for (let k = 0; k < 1_000; k++) {
        const ownerId = k % 2 === 0 ? ownerIn() : `用户:{${k}} `;
        const partition = partitionOfOwner(ownerId);
        used.add(partition);
        const taskIds = [newTaskId(ownerId), newTaskId(ownerId, `key ${k}`)];
        for (const taskId of taskIds) {
          const runIds = [
            slotRunId(taskId, 1_763_884_800_000 + k),
            askedRunId(taskId, 'manual'),
            askedRunId(taskId, 'backfill', 'seed'),
          ];
          assert.ok(isTaskId(taskId) && taskId.length === 18, taskId);
          for (const id of [taskId, ...runIds]) {
            assert.equal(partitionOfId(id), partition, id);
            assert.ok(!seen.has(id), `${id} is new`);
            seen.add(id);
          }
          for (const id of runIds) assert.ok(isRunId(id) && !isTaskId(id) && taskIdOfRun(id) === taskId, id);
        }
        assert.equal(newTaskId(ownerId, `key ${k}`), taskIds[1], 'a seed gives the same id again');
      }
      assert.equal(used.size, PARTITIONS, 'all partitions are used');
    });

    it('what cannot be an id has no partition', () => {
      for (const id of [
        '',
        '0',
        '00',
        'zz0',
        '10aaaaaaaaaaaaaaaa',
        'FFaaaaaaaaaaaaaaaa',
        '-1a',
        ' 0a',
        '0xa',
      ]) {
        assert.equal(partitionOfId(id), null, JSON.stringify(id));
      }
    });

    it(
      'runs are due and ready in their owner’s partition and in no other',
      onFreshStore(harness, async (bench) => {
        for (let partition = 0; partition < PARTITIONS; partition++) {
          const ownerId = ownerIn(partition);
          const task = await bench.task({}, ownerId);
          const due = await bench.store.loadDue(partition, bench.slot(0), 10);
          assert.deepEqual(
            due.map((one) => one.id),
            [task.id],
          );
          const fire = {
            taskId: task.id,
            version: task.version,
            cursorAt: task.cursorAt,
            decisions: [fireSlot(bench.slot(0))],
            nextCursorAt: bench.slot(0),
            nextAt: null,
            episode: null,
            ends: true,
            policy: { overlap: 'skip', priority: 0, timeoutMs: 1, lateAfterMs: 1 } as const,
          };
          const { fires } = await bench.store.fireSlots(partition, [fire]);
          assert.equal(fires[0]?.code, 'fired');
        }
        for (let partition = 0; partition < PARTITIONS; partition++) {
          const claim = {
            requestId: `${partition}`.padStart(32, '0'),
            worker: 'w',
            limit: 100,
            leaseMs: 60_000,
          };
          const runs = await bench.store.claimRuns(partition, claim);
          assert.deepEqual(
            runs.map((run) => partitionOfOwner(run.ownerId)),
            [partition],
          );
        }
      }),
    );
  });
}
