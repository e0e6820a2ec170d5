import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slotRunId } from '../../../server/store/ids.ts';
import { resolveOverlap } from '../../../server/store/overlap.ts';
import type { Bench } from './bench.ts';
import { askedRun, catchUp, fireSlot, policy } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench, sharedBench } from './on-bench.ts';
import { isReachable, nameOf, OVERLAP_VECTORS, type OverlapVector } from './overlap-vectors.ts';

/** Brings a new task into the state before the slot; answers its earlier runs. */
async function arrange(bench: Bench, vector: OverlapVector) {
  const task = await bench.task();
  const ids = Array.from({ length: vector.live.length + vector.held }, (_, k) =>
    slotRunId(task.id, bench.slot(k)),
  );
  const live = ids.slice(0, vector.live.length);
  const held = ids.slice(vector.live.length);
  const slots = (from: number, count: number) =>
    Array.from({ length: count }, (_, k) => fireSlot(bench.slot(from + k)));
  if (live.length > 0) await bench.fire(task.id, slots(0, live.length), { policy: policy('allow_all') });
  const started = await bench.claim(vector.live.filter((state) => state !== 'queued').length);
  for (const run of started) {
    const state = vector.live[live.indexOf(run.runId)];
    if (state === 'retry_wait') await bench.finish(run, 'retry', { retryInMs: 3_600_000 });
    if (state === 'cancelling') await bench.store.cancelRun(run.runId);
  }
  if (held.length > 0) {
    await bench.fire(task.id, slots(live.length, held.length), { policy: policy('buffer_all') });
  }
  assert.deepEqual(await bench.states(live), vector.live, 'arranged: earlier runs');
  assert.deepEqual(
    await bench.counts(task.id),
    { live: live.length, held: held.length, waiting: 0 },
    'arranged',
  );
  return { task, live, held, slotAt: bench.slot(ids.length) };
}

async function checkStep(bench: Bench, vector: OverlapVector): Promise<void> {
  const { task, live, held, slotAt } = await arrange(bench, vector);
  const answer = await bench.fire(task.id, [fireSlot(slotAt)], { policy: policy(vector.policy) });
  const runId = slotRunId(task.id, slotAt);
  const skipped = vector.slot === 'overlap' || vector.slot === 'buffer_full';
  const run = await bench.store.getRun(runId);
  assert.equal(run?.state ?? null, skipped ? null : vector.slot, 'the slot’s own run');
  assert.deepEqual(await bench.states(live), vector.liveAfter, 'earlier runs');
  assert.deepEqual(await bench.states(held), Array(held.length).fill(vector.heldAfter), 'runs held so far');
  assert.deepEqual([answer.runs, answer.skipped], skipped ? [0, 1] : [1, 0], 'counts in the answer');
  const ready = [
    ...(vector.heldAfter === 'queued' ? held : []),
    ...(vector.slot === 'queued' ? [runId] : []),
  ];
  assert.deepEqual(answer.ready, ready, 'made ready, in order');
  const [verdict] = await bench.store.listVerdicts(task.id, slotAt, slotAt + 1, { limit: 1 });
  assert.equal(verdict?.reason ?? verdict?.verdict, skipped ? vector.slot : 'fired', 'verdict');
  const unended = vector.liveAfter.filter((state) => state !== 'cancelled').length;
  assert.deepEqual(
    await bench.counts(task.id),
    {
      live: unended + (vector.heldAfter === 'queued' ? held.length : 0) + (vector.slot === 'queued' ? 1 : 0),
      held: (vector.heldAfter === 'held' ? held.length : 0) + (vector.slot === 'held' ? 1 : 0),
      waiting: 0,
    },
    'live, held and waiting of the task',
  );
  for (const [k, state] of vector.liveAfter.entries()) {
    if (state !== 'cancelling' || vector.live[k] === state) continue;
    await bench.wake(
      'the running run is to be cancelled',
      (wake) => wake.kind === 'cancel' && wake.runId === live[k],
    );
  }
  await bench.store.deleteTask(task.id);
}

export function overlapContract(harness: StoreHarness): void {
  describe('overlap', () => {
    describe('each vector', () => {
      // One store for all: they are many, each has its own task, and opening a store is most of a test's time.
      const bench = sharedBench(harness);
      for (const vector of OVERLAP_VECTORS) {
        it(`rule: ${nameOf(vector)}`, () => {
          assert.deepEqual(resolveOverlap(vector.policy, vector.live.length, vector.held), vector.decision);
        });
        if (isReachable(vector)) it(`step: ${nameOf(vector)}`, () => checkStep(bench(), vector));
      }
    });

    it(
      'cancel_other: a run replaced while held is cancelled, and only the newest follows the one that ends',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const ids = [0, 1, 2].map((k) => slotRunId(task.id, bench.slot(k)));
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        const running = await bench.claimOne();
        for (const k of [1, 2]) {
          await bench.fire(task.id, [fireSlot(bench.slot(k))], { policy: policy('cancel_other') });
        }
        assert.deepEqual(await bench.states(ids), ['cancelling', 'cancelled', 'held']);
        assert.equal(await bench.finish(running, 'cancelled'), 'cancelled');
        assert.deepEqual(await bench.states(ids), ['cancelled', 'cancelled', 'queued']);
      }),
    );

    it(
      'cancel_other inside one step: of several slots the last one runs, all have fired',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const slots = [0, 1, 2].map((k) => fireSlot(bench.slot(k)));
        await bench.fire(task.id, slots, { policy: policy('cancel_other') });
        const ids = [0, 1, 2].map((k) => slotRunId(task.id, bench.slot(k)));
        assert.deepEqual(await bench.states(ids), ['cancelled', 'cancelled', 'queued']);
        const verdicts = await bench.store.listVerdicts(task.id, 0, bench.slot(9), { limit: 10 });
        assert.deepEqual(
          verdicts.map((one) => one.verdict),
          ['fired', 'fired', 'fired'],
        );
        assert.deepEqual(
          (await bench.claim()).map((run) => run.runId),
          [ids[2]],
        );
      }),
    );

    it(
      'neither counts nor cancels caught-up, backfill and manual runs',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [catchUp(bench.slot(0)), catchUp(bench.slot(1))]);
        const manual = await bench.ask(askedRun(task.id));
        const backfill = await bench.ask(askedRun(task.id, 'backfill', bench.slot(0)));
        for (const [k, overlap] of (['skip', 'cancel_other'] as const).entries()) {
          const answer = await bench.fire(task.id, [fireSlot(bench.slot(2 + k))], {
            policy: policy(overlap),
          });
          assert.equal(answer.ready.length, 1, `${overlap}: ready at once`);
        }
        const others = [...[0, 1].map((k) => slotRunId(task.id, bench.slot(k))), manual.id, backfill.id];
        assert.deepEqual(await bench.states(others), ['queued', 'held', 'queued', 'held'], 'untouched');
      }),
    );

    it(
      'a held run becomes ready once no earlier on-time run is left, the oldest first',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const ids = [0, 1, 2, 3].map((k) => slotRunId(task.id, bench.slot(k)));
        await bench.fire(task.id, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1))]);
        await bench.fire(task.id, [fireSlot(bench.slot(2)), fireSlot(bench.slot(3))], {
          policy: policy('buffer_all'),
        });
        const [first, second] = await bench.claim();
        assert.ok(first !== undefined && second !== undefined);
        await bench.finish(first);
        assert.deepEqual(await bench.states(ids), ['succeeded', 'running', 'held', 'held'], 'one still runs');
        await bench.finish(second, 'retry', { retryInMs: 3_600_000 });
        assert.deepEqual(
          await bench.states(ids),
          ['succeeded', 'retry_wait', 'held', 'held'],
          'it will come back',
        );
        await bench.store.cancelRun(second.runId);
        assert.deepEqual(
          await bench.states(ids),
          ['succeeded', 'cancelled', 'queued', 'held'],
          'the oldest follows',
        );
        await bench.finish(await bench.claimOne());
        assert.deepEqual(await bench.states(ids), ['succeeded', 'cancelled', 'succeeded', 'queued']);
      }),
    );
  });
}
