import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newTaskId, slotRunId } from '../../../server/store/ids.ts';
import type { Bench } from './bench.ts';
import { askedRun, finishRequest, fireSlot, segment, skip, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

const NOTHING = { foldAt: 0, keepDay: '00000000', segmentsBeforeAt: 0, runsBeforeAt: 0 };

/** Slots 0 to 49 on one day, from 50 on on the next; a segment ends behind each ten of the first 30. */
async function twoDays(bench: Bench) {
  const task = await bench.task();
  for (const k of [0, 10, 20]) {
    await bench.fire(task.id, [
      fireSlot(bench.slot(k), '20260313'),
      skip(bench.slot(k + 1), 'coalesced', 9, '20260313'),
    ]);
    const present = await bench.read(task.id);
    const edge = bench.slot(k + 10);
    await bench.store.changeTask(
      taskChange(present, {
        cursorAt: present.cursorAt,
        nextCursorAt: edge - 1,
        closeAt: edge,
        open: segment(edge),
        nextAt: edge,
      }),
    );
  }
  await bench.fire(task.id, [
    skip(bench.slot(30), 'paused', 20, '20260313'),
    skip(bench.slot(50), 'paused', 5),
  ]);
  await bench.fire(task.id, [fireSlot(bench.slot(55))]);
  return bench.read(task.id);
}

export function pruneContract(harness: StoreHarness): void {
  describe('pruneTask', () => {
    it(
      'folds verdicts and segments of past days; the counters stay',
      onBench(harness, async (bench) => {
        const task = await twoDays(bench);
        const days = await bench.store.listDays(task.id, '20260101');
        const fold = { ...NOTHING, foldAt: bench.slot(50), segmentsBeforeAt: bench.slot(50) };
        assert.deepEqual(await bench.store.pruneTask(task.id, fold), { verdicts: 7, runs: 0 });
        assert.deepEqual(await bench.store.countVerdicts(task.id), { records: 2, oldestAt: bench.slot(50) });
        assert.deepEqual(
          (await bench.store.listVerdicts(task.id, 0, bench.slot(99), { limit: 10, oldestFirst: true })).map(
            (one) => one.count,
          ),
          [5, 1],
        );
        const after = await bench.read(task.id);
        assert.equal(after.foldedThroughAt, bench.slot(50));
        assert.deepEqual(
          { ...after, foldedThroughAt: 0, updatedAt: 0 },
          { ...task, updatedAt: 0 },
          'nothing else',
        );
        assert.deepEqual(
          (await bench.store.listSegments(task.id)).map((one) => one.fromAt),
          [bench.slot(30)],
        );
        assert.deepEqual(await bench.store.listDays(task.id, '20260101'), days, 'days stay as they are');
        assert.deepEqual(
          await bench.store.pruneTask(task.id, fold),
          { verdicts: 0, runs: 0 },
          'again: nothing left',
        );
      }),
    );

    it(
      'keeps a segment that reaches into the kept time, and never folds back',
      onBench(harness, async (bench) => {
        const task = await twoDays(bench);
        const fold = (k: number) =>
          bench.store.pruneTask(task.id, {
            ...NOTHING,
            foldAt: bench.slot(k),
            segmentsBeforeAt: bench.slot(k),
          });
        const segments = async () => (await bench.store.listSegments(task.id)).map((one) => one.fromAt);
        assert.equal((await fold(20)).verdicts, 4);
        assert.deepEqual(
          await segments(),
          [bench.slot(20), bench.slot(30)],
          'the second ended at the border and goes',
        );
        await fold(10);
        await bench.store.pruneTask(task.id, NOTHING);
        assert.equal((await bench.read(task.id)).foldedThroughAt, bench.slot(20));
        assert.equal((await fold(29)).verdicts, 2);
        assert.deepEqual(await segments(), [bench.slot(20), bench.slot(30)], 'it ends behind the border');
        await bench.fire(task.id, [skip(bench.slot(56), 'paused')]);
        assert.equal((await bench.store.countVerdicts(task.id)).records, 4, 'writing goes on');
      }),
    );

    it(
      'drops days before the one to keep',
      onBench(harness, async (bench) => {
        const task = await twoDays(bench);
        await bench.store.pruneTask(task.id, { ...NOTHING, keepDay: '20260314' });
        assert.deepEqual(
          (await bench.store.listDays(task.id, '00000000')).map((one) => one.day),
          ['20260314'],
        );
        assert.equal((await bench.store.countVerdicts(task.id)).records, 9, 'verdicts stay');
      }),
    );

    it(
      'drops runs that ended before the instant, with their logs; what has not ended stays',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          [0, 1, 2, 3, 4].map((k) => fireSlot(bench.slot(k))),
        );
        const ids = [0, 1, 2, 3, 4].map((k) => slotRunId(task.id, bench.slot(k)));
        const [a, b, c] = await bench.claim(3);
        assert.ok(a !== undefined && b !== undefined && c !== undefined);
        await bench.store.appendRunLog(a.runId, a, [{ at: 1, attempt: 1, level: 'info', text: 'x' }], null);
        await bench.finish(a);
        await bench.finish(b, 'retry', { retryInMs: 60_000 });
        const borderAt = ((await bench.run(a.runId)).endedAt as number) + 1;
        await bench.until(borderAt);
        await bench.store.cancelRun(ids[4] as string);
        const prune = (runsBeforeAt: number) => bench.store.pruneTask(task.id, { ...NOTHING, runsBeforeAt });
        assert.deepEqual(
          await prune(borderAt - 1),
          { verdicts: 0, runs: 0 },
          'it ended at the instant, not before',
        );
        assert.deepEqual(await prune(borderAt), { verdicts: 0, runs: 1 });
        assert.equal(await bench.store.getRun(a.runId), null);
        assert.deepEqual(await bench.store.listRunLog(a.runId), []);
        assert.deepEqual(await bench.states(ids.slice(1)), ['retry_wait', 'running', 'queued', 'cancelled']);
        assert.deepEqual(
          await prune((await bench.store.time()) + 1),
          { verdicts: 0, runs: 1 },
          'the cancelled one',
        );
        const left = await bench.store.listRuns({ taskId: task.id }, { limit: 10 });
        assert.deepEqual(
          left.items.map((run) => run.id),
          [3, 2, 1].map((k) => ids[k]),
        );
        assert.equal(await bench.finish(c), 'succeeded', 'what runs goes on');
      }),
    );

    it(
      'takes at most 500 runs a call',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        // Manual runs that have not ended outlive the bound on ended ones, so more than 500 can be there to prune.
        for (let k = 0; k < 600; k += 100) {
          const asked = Array.from({ length: 100 }, () => askedRun(task.id));
          await bench.store.askRuns(task.id, asked, 1_000);
        }
        const items = (await bench.claim(600)).map((run) => finishRequest(run));
        await bench.store.finishRuns(bench.partition, items);
        const before = (await bench.store.listRuns({ taskId: task.id }, { limit: 1_000 })).items.length;
        const prune = async () =>
          (await bench.store.pruneTask(task.id, { ...NOTHING, runsBeforeAt: Number.MAX_SAFE_INTEGER })).runs;
        const first = await prune();
        assert.ok(first <= 500 && first > 0, `${first} in the first call`);
        let pruned = first;
        for (let n = await prune(); n > 0; n = await prune()) pruned += n;
        assert.equal(pruned, before, 'all in the end');
        assert.deepEqual(await bench.store.listRuns({ ownerId: bench.ownerId }, { limit: 10 }), {
          items: [],
          more: false,
        });
      }),
    );

    it(
      'finds nothing of an unknown task',
      onBench(harness, async (bench) => {
        const unknown = newTaskId(bench.ownerId);
        const all = {
          foldAt: bench.slot(50),
          keepDay: '20991231',
          segmentsBeforeAt: bench.slot(50),
          runsBeforeAt: bench.slot(50),
        };
        assert.deepEqual(await bench.store.pruneTask(unknown, all), { verdicts: 0, runs: 0 });
        assert.equal(await bench.store.getTask(unknown), null);
      }),
    );
  });
}
