/** Actions that ignore their signal: they keep their place, and half of the places held so is fatal. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ok } from '../../../server/actions/action.ts';
import { eventually, gate, openWorker } from './support/worker-bench.ts';

test('the run ends without it, its place stays taken, and half of the places call for a restart once', async (t) => {
  const bench = await openWorker(t, { concurrency: 4 });
  const task = await bench.task({ timeoutMs: 10, retry: { maxAttempts: 1 } });
  const { opened, open } = gate();
  bench.act = async () => {
    await opened;
    return ok('far too late');
  };
  const [first] = (await bench.ask(task)) as [string];
  await bench.ended(first);
  const run = await bench.run(first);
  assert.deepEqual([run.state, run.error?.code, run.result], ['timed_out', 'TIMEOUT', null]);
  assert.deepEqual([bench.worker.state().stuck, bench.stuckCalls, bench.running], [1, 0, 1]);

  // The others have three places.
  const free = gate();
  const others = await bench.ask(await bench.task(), 5);
  bench.act = async () => {
    await free.opened;
    return ok();
  };
  await eventually('three run', () => bench.running === 4);
  assert.equal(bench.worker.state().running, 3);
  free.open();
  await Promise.all(others.map((id) => bench.ended(id)));
  assert.equal(bench.mostRunning, 4);

  bench.act = async () => {
    await opened;
    return ok();
  };
  const [second] = (await bench.ask(task)) as [string];
  await bench.ended(second);
  assert.deepEqual([bench.worker.state().stuck, bench.stuckCalls], [2, 1]);
  open();
  await eventually('they have returned', () => bench.running === 0);
  await eventually('their places are free', () => bench.worker.state().stuck === 0);
  assert.equal((await bench.run(first)).state, 'timed_out', 'what came too late is not written');
  bench.act = async () => ok();
  await Promise.all((await bench.ask(await bench.task(), 8)).map((id) => bench.ended(id)));
  assert.equal(bench.stuckCalls, 1);
});
