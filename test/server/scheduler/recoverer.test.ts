/** Runs of lost workers are taken back, and due retries become ready. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRecoverer } from '../../../server/scheduler/recoverer.ts';
import { partitionOfId } from '../../../server/store/ids.ts';
import type { ClaimedRun } from '../../../server/store/records.ts';
import {
  type Embedded,
  finishRequest,
  logger,
  makeTask,
  openEmbedded,
  schedulingServer,
} from '../../helpers/engine-harness.ts';

const LEASE_MS = 5_000;

async function recovererOn(bench: Embedded) {
  const { presence } = await schedulingServer(bench);
  const ready: number[] = [];
  const { store, clock } = bench;
  const onReady = (partition: number) => ready.push(partition);
  return {
    recoverer: createRecoverer({ store, clock, presence, leaseMs: LEASE_MS, logger, onReady }),
    ready,
  };
}

/** A slot's run, claimed by a worker. */
async function runningRun(bench: Embedded): Promise<ClaimedRun> {
  const task = await makeTask(bench.store, bench.clock.now(), { kind: 'at', at: bench.clock.now() + 1 });
  // Far enough for whichever server has the partition.
  bench.clock.advance(300);
  const { scheduler } = await schedulingServer(bench);
  await scheduler.runOnce();
  return claim(bench, task.id);
}
let claims = 0;
async function claim({ store }: Embedded, taskId: string): Promise<ClaimedRun> {
  claims += 1;
  const request = {
    requestId: claims.toString(16).padStart(32, '0'),
    worker: 'w',
    limit: 1,
    leaseMs: LEASE_MS,
  };
  const [run] = await store.claimRuns(partitionOfId(taskId) as number, request);
  assert.ok(run !== undefined);
  return run;
}

test('what an earlier boot left running is queued again at start, and its old finish is refused', async (t) => {
  const bench = await openEmbedded(t);
  const old = await runningRun(bench);
  const store = await bench.reopen();
  const { recoverer, ready } = await recovererOn(bench);
  await recoverer.start();
  t.after(() => recoverer.stop());
  const partition = partitionOfId(old.runId) as number;
  assert.deepEqual(ready, [partition]);
  const run = await store.getRun(old.runId);
  assert.deepEqual([run?.state, run?.attempts.map(({ outcome }) => outcome)], ['queued', ['lost']]);
  const { finished } = await store.finishRuns(partition, [finishRequest(old)]);
  assert.equal(finished[0]?.code, 'refused');
  const again = await claim(bench, old.taskId);
  assert.deepEqual([again.attempt, again.failures], [2, 0]);
  assert.ok(again.fence > old.fence);
});

test('the third lost worker ends the run; a run that is being cancelled ends cancelled', async (t) => {
  const bench = await openEmbedded(t);
  const { runId, taskId } = await runningRun(bench);
  const cancelled = await runningRun(bench);
  await bench.store.cancelRun(cancelled.runId);
  for (let loss = 1; loss <= 3; loss += 1) {
    await bench.reopen();
    const { recoverer } = await recovererOn(bench);
    assert.equal(await recoverer.runOnce(), loss === 1 ? 2 : 1);
    assert.equal(await recoverer.runOnce(), 0, 'lost once');
    if (loss < 3) await claim(bench, taskId);
  }
  const run = await bench.store.getRun(runId);
  assert.deepEqual([run?.state, run?.error?.code, run?.attempts.length], ['failed', 'WORKER_LOST', 3]);
  assert.equal((await bench.store.getRun(cancelled.runId))?.state, 'cancelled');
});

test('a due retry is made ready by the sweep', async (t) => {
  const bench = await openEmbedded(t);
  const run = await runningRun(bench);
  const { recoverer, ready } = await recovererOn(bench);
  const retry = { outcome: 'retry', attemptOutcome: 'failed', retryInMs: 700 } as const;
  const finish = finishRequest(run, { ...retry, error: { code: 'E', message: '' } });
  await bench.store.finishRuns(partitionOfId(run.runId) as number, [finish]);
  bench.clock.advance(699);
  await recoverer.runOnce();
  assert.deepEqual(ready, []);
  bench.clock.advance(1);
  await recoverer.runOnce();
  assert.deepEqual(ready, [partitionOfId(run.runId)]);
  assert.equal((await bench.store.getRun(run.runId))?.state, 'queued');
});
