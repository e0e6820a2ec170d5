import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EVENTS_KEPT } from '../../../server/store/limits.ts';
import { newTask, ownerIn, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';
import { replayOne } from './replay.ts';

export function replayBoundsContract(harness: StoreHarness): void {
  describe('replayTopics: bounds', () => {
    it(
      'looks through as many entries as it may, and gives up what lies behind them',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        for (let n = 0; n < 9; n++) await bench.store.changeTask(taskChange(task, { byUser: false }));
        const topic = `task:${task.id}`;
        const seqs = async (afterSeq: number, limit: number) =>
          (await replayOne(bench, topic, afterSeq, limit)).events?.map((event) => event.seq) ?? null;
        assert.deepEqual(await seqs(7, 3), [8, 9, 10]);
        assert.equal(await seqs(6, 3), null);
        assert.equal(await seqs(9, 0), null);
        assert.deepEqual(await seqs(10, 0), [], 'nothing to look for');
        const asks = [6, 8, null].map((afterSeq) => ({ topic, afterSeq }));
        const { topics } = await bench.store.replayTopics(bench.partition, asks, 3);
        assert.deepEqual(
          topics.map(({ events }) => events?.length ?? null),
          [null, 2, 0],
          'each for itself',
        );
      }),
    );

    it(
      'finds what lies thousands of entries back, and gives up what is trimmed',
      onBench(harness, async (bench) => {
        const early = await bench.task();
        const busy = await bench.task();
        const change = taskChange(busy, { byUser: false });
        const bustle = async (entries: number) => {
          // One at a time shares no entry with the others, a hundred at once may.
          for (let left = entries; left > 0; left -= 100) {
            await Promise.all(Array.from({ length: 100 }, () => bench.store.changeTask(change)));
          }
        };
        await bustle(3_000);
        const found = await replayOne(bench, `task:${early.id}`, 0);
        assert.deepEqual(
          found.events?.map(({ type }) => type),
          ['task.created'],
        );
        const all = await replayOne(bench, `task:${busy.id}`, 0);
        assert.deepEqual(
          all.events?.map((event) => event.seq),
          Array.from({ length: 3_001 }, (_, k) => k + 1),
        );
        await bustle(EVENTS_KEPT);
        const kept = await bench.events(1_000);
        const isTrimmed = kept[0]?.payload.taskId !== early.id;
        const late = await replayOne(bench, `task:${early.id}`, 0);
        assert.deepEqual([late.seq, late.events?.length ?? null], [1, isTrimmed ? null : 1]);
        const oldest = kept.find((event) => event.topic === `task:${busy.id}`)?.seq as number;
        if (oldest > 1) assert.equal((await replayOne(bench, `task:${busy.id}`, oldest - 2)).events, null);
      }),
    );

    it(
      'refuses what is no topic of the partition, and more than it may look at',
      onBench(harness, async (bench) => {
        const elsewhere = newTask(ownerIn((bench.partition + 1) % 16), 0).id;
        const { id } = await bench.task();
        for (const topic of [
          '',
          'tasks',
          'tasks:',
          `task:${elsewhere}`,
          `tasks:${ownerIn((bench.partition + 1) % 16)}`,
          `day:${id}`,
        ]) {
          await assert.rejects(replayOne(bench, topic, null), /no topic of partition/, topic);
        }
        const topic = `task:${id}`;
        for (const afterSeq of [-1, 0.5, Number.NaN]) {
          await assert.rejects(replayOne(bench, topic, afterSeq), /whole number/);
        }
        await assert.rejects(replayOne(bench, topic, 0, 10_001), /entries/);
        const asks = Array.from({ length: 201 }, () => ({ topic, afterSeq: null }));
        await assert.rejects(bench.store.replayTopics(bench.partition, asks, 10), /at most 200 topics/);
      }),
    );
  });
}
