/** A worker that is told to stop: it takes nothing new, waits for what runs, and gives back what takes too long. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok } from '../../../server/actions/action.ts';
import { aborted, eventually, gate, openWorker } from './support/worker-bench.ts';

test('stop waits for running actions and their finishes', async (t) => {
  const bench = await openWorker(t, { graceMs: 30_000 });
  const runs = await bench.ask(await bench.task(), 3);
  const { opened, open } = gate();
  bench.act = async () => {
    await opened;
    return ok();
  };
  await eventually('they run', () => bench.running === 3);
  let stopped = false;
  const stop = bench.worker.stop().then(() => {
    stopped = true;
  });
  await bench.store.getRun(runs[0] as string);
  assert.equal(stopped, false);
  open();
  await stop;
  for (const id of runs)
    assert.equal((await bench.run(id)).state, 'succeeded', 'written before stop resolved');
});

test('nothing new is begun once it stops, whatever is ready', async (t) => {
  const bench = await openWorker(t, { concurrency: 1, graceMs: 30_000 });
  const { opened, open } = gate();
  bench.act = async () => {
    await opened;
    return ok();
  };
  const runs = await bench.ask(await bench.task(), 3);
  await eventually('one runs', () => bench.running === 1);
  const stop = bench.worker.stop();
  bench.worker.claims.ready(Number.parseInt((runs[0] as string).slice(0, 2), 16));
  assert.equal(bench.worker.claims.reserve(0, 5), null, 'no places for a firing step either');
  open();
  await stop;
  const states = await Promise.all(runs.map(async (id) => (await bench.run(id)).state));
  assert.deepEqual(states.toSorted(), ['queued', 'queued', 'succeeded']);
  assert.equal(bench.begun.length, 1);
});

test('after the grace running attempts are told to stop and given back: they count nothing', async (t) => {
  const bench = await openWorker(t, { graceMs: 20 });
  const [runId] = (await bench.ask(await bench.task())) as [string];
  bench.act = async ({ signal }) => {
    await aborted(signal);
    throw signal.reason;
  };
  await eventually('it runs', () => bench.running === 1);
  await bench.worker.stop();
  const run = await bench.run(runId);
  assert.deepEqual(
    [run.state, run.error, run.attempts.map(({ outcome }) => outcome)],
    ['queued', null, ['released']],
  );
  const [again] = await bench.store.claimRuns(Number.parseInt(runId.slice(0, 2), 16), {
    requestId: '1'.repeat(32),
    worker: 'w2',
    limit: 1,
    leaseMs: 1,
  });
  assert.deepEqual([again?.attempt, again?.failures], [2, 0], 'the next worker has all attempts left');
});

test('an action that ignores the stop is given back all the same', async (t) => {
  const bench = await openWorker(t, { graceMs: 20 });
  const [runId] = (await bench.ask(await bench.task())) as [string];
  const { opened, open } = gate();
  bench.act = async () => {
    await opened;
    return ok('too late');
  };
  await eventually('it runs', () => bench.running === 1);
  await bench.worker.stop();
  assert.equal((await bench.run(runId)).state, 'queued');
  open();
  await eventually('it has returned', () => bench.running === 0);
  assert.equal((await bench.run(runId)).state, 'queued');
});

test('a success during the grace counts, a second stop changes nothing', async (t) => {
  const bench = await openWorker(t, { graceMs: 20 });
  const [runId] = (await bench.ask(await bench.task())) as [string];
  bench.act = async ({ signal }) => {
    await aborted(signal);
    return ok('just in time');
  };
  await eventually('it runs', () => bench.running === 1);
  await Promise.all([bench.worker.stop(), bench.worker.stop()]);
  assert.deepEqual(
    [(await bench.run(runId)).state, (await bench.run(runId)).result],
    ['succeeded', 'just in time'],
  );
  await bench.worker.stop();
});
