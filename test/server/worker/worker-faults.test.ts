/** Answers that are lost, stores that are away: each run is executed once and finished once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ok } from '../../../server/actions/action.ts';
import { partitionOfId } from '../../../server/store/ids.ts';
import type { FinishRequest } from '../../../server/store/requests.ts';
import type { Store } from '../../../server/store/store.ts';
import { type Fault, faultyStore, seededRandom } from '../../helpers/engine-harness.ts';
import { eventually, gate, openWorker } from './support/worker-bench.ts';

/** Fails the first `times` calls of one operation. */
const failing = (operation: keyof Store, fault: Fault, times: number) => (store: Store) => {
  let left = times;
  return faultyStore(store, (name) => (name === operation && left-- > 0 ? fault : null));
};

for (const operation of ['claimRuns', 'finishRuns'] as const) {
  for (const fault of ['before', 'after'] as const) {
    test(`${operation} fails twice, ${fault} it was applied: executed once, finished once`, async (t) => {
      const bench = await openWorker(t, { wrap: failing(operation, fault, 2) });
      const runs = await bench.ask(await bench.task(), 5);
      await Promise.all(runs.map((id) => bench.ended(id)));
      assert.deepEqual(bench.begun.toSorted(), runs.map((id) => `${id}#1`).toSorted());
      for (const id of runs) {
        const { state, attempts } = await bench.run(id);
        assert.deepEqual([state, attempts.length], ['succeeded', 1]);
      }
      await bench.worker.settle();
      assert.deepEqual(bench.worker.state(), { running: 0, stuck: 0, places: 4 });
      assert.deepEqual(bench.leases.read(), []);
      // No place was lost on the way.
      bench.mostRunning = 0;
      const { opened, open } = gate();
      bench.act = async () => {
        await opened;
        return ok();
      };
      const more = await bench.ask(await bench.task(), 6);
      await eventually('all places are taken', () => bench.running === 4);
      open();
      await Promise.all(more.map((id) => bench.ended(id)));
      assert.equal(bench.mostRunning, 4);
    });
  }
}

test('random faults: every run ends, with one attempt each', async (t) => {
  const random = seededRandom(7);
  let faults = 0;
  const bench = await openWorker(t, {
    wrap: (store) =>
      faultyStore(store, (operation) => {
        if (
          faults >= 25 ||
          !['claimRuns', 'finishRuns', 'appendRunLog'].includes(operation) ||
          random() > 0.5
        )
          return null;
        faults += 1;
        return random() < 0.5 ? 'before' : 'after';
      }),
  });
  bench.act = async ({ log }) => {
    log('a line');
    return ok();
  };
  const runs = await bench.ask(await bench.task(), 40);
  await Promise.all(runs.map((id) => bench.ended(id)));
  assert.ok(faults >= 10, `${faults} faults`);
  assert.deepEqual(bench.begun.toSorted(), runs.map((id) => `${id}#1`).toSorted());
});

test('a claim that is never answered gives its place back after a minute', async (t) => {
  let answers = false;
  const bench = await openWorker(t, {
    concurrency: 1,
    wrap: (store) =>
      faultyStore(store, (operation) => (operation === 'claimRuns' && !answers ? 'before' : null)),
  });
  const request = bench.worker.claims.reserve(0, 1);
  assert.ok(request !== null);
  bench.worker.claims.unanswered(0, request);
  assert.equal(bench.worker.claims.reserve(0, 1), null, 'the place is promised');
  bench.embedded.clock.advance(60_001);
  await eventually('it is free again', () => {
    const again = bench.worker.claims.reserve(0, 1);
    if (again === null) return false;
    bench.worker.claims.received(again, []);
    return true;
  });
  answers = true;
});

test('what becomes ready while a claim is under way is not forgotten when that comes back empty', async (t) => {
  const { opened, open } = gate();
  let empty = 0;
  const bench = await openWorker(t, {
    wrap: (store) =>
      new Proxy(store, {
        get(target, name: keyof Store) {
          const member = target[name] as (...args: unknown[]) => Promise<unknown[]>;
          if (name !== 'claimRuns') return member;
          return async (...args: unknown[]) => {
            const runs = await member.apply(target, args);
            if (runs.length === 0) empty += 1;
            await opened;
            return runs;
          };
        },
      }),
  });
  const task = await bench.task();
  bench.worker.claims.ready(partitionOfId(task.id) as number);
  await eventually('a claim found nothing and is on its way back', () => empty > 0);
  // As many as it would ever send are under way, so that none is sent for what comes now.
  for (let turns = 0; turns < 50; turns += 1) await setImmediate();
  const told = new Promise<void>((resolve) => {
    bench.embedded.onWake.add(({ kind }) => kind === 'ready' && resolve());
  });
  const [runId] = (await bench.ask(task)) as [string];
  await told;
  open();
  // No poll would find it: this worker was never started.
  await bench.ended(runId);
});

test('places that a firing step was given are used, or given back when the step is not answered', async (t) => {
  const bench = await openWorker(t, { concurrency: 2 });
  const task = await bench.task();
  const partition = partitionOfId(task.id) as number;
  bench.embedded.onWake.clear();
  const runs = await bench.ask(task, 2);
  const { claims } = bench.worker;
  const request = claims.reserve(partition, 9);
  assert.equal(request?.limit, 1, 'half of the places a call');
  // The step was applied, its answer lost: the repeat of the claim brings the runs.
  await bench.store.claimRuns(partition, request!);
  claims.unanswered(partition, request!);
  await Promise.all(runs.map((id) => bench.ended(id)));
  assert.equal(bench.begun.length, 2);
});

test('an end that the store refuses keeps no other from being told', async (t) => {
  let refused = '';
  let calls = 0;
  const bench = await openWorker(t, {
    wrap: (store) =>
      faultyStore(store, (operation, args) => {
        if (operation !== 'finishRuns') return null;
        if (!(args[1] as FinishRequest[]).some(({ runId }) => runId === refused)) return null;
        calls += 1;
        throw new Error('WRONGTYPE');
      }),
  });
  const { opened, open } = gate();
  bench.act = async () => {
    await opened;
    return ok();
  };
  const [first, ...others] = (await bench.ask(await bench.task(), 4)) as [string, ...string[]];
  refused = first;
  await eventually('all are at it', () => bench.running === 4);
  open();
  await Promise.all(others.map((id) => bench.ended(id)));
  assert.equal((await bench.run(first)).state, 'running');
  assert.ok(calls >= 1, 'it was among them');
  // What stood in its way is gone.
  refused = '';
  await bench.ended(first);
  assert.equal((await bench.run(first)).attempts.length, 1);
});

test('partitions that are away keep no place from the others', async (t) => {
  let away = new Set<number>();
  const bench = await openWorker(t, {
    wrap: (store) =>
      faultyStore(store, (operation, [partition]) =>
        operation === 'claimRuns' && away.has(partition as number) ? 'before' : null,
      ),
  });
  const task = await bench.task();
  const healthy = partitionOfId(task.id) as number;
  away = new Set(Array.from({ length: 16 }, (_, partition) => partition).filter((p) => p !== healthy));
  for (const partition of away) bench.worker.claims.ready(partition);
  // The clock stands still: nothing is given up for its age.
  const runs = await bench.ask(task, 20);
  await Promise.all(runs.map((id) => bench.ended(id)));
  away = new Set();
  await eventually('every place is free again', () => bench.worker.claims.free() === 4);
});
