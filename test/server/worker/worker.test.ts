/** What a worker does with the runs it is handed: in bounds, told to stop, taken away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail, ok } from '../../../server/actions/action.ts';
import type { Store } from '../../../server/store/store.ts';
import { aborted, eventually, gate, openWorker } from './support/worker-bench.ts';

test('never more at once than there are places, and nothing is left over', async (t) => {
  const bench = await openWorker(t, { concurrency: 3 });
  const task = await bench.task();
  const runs = await bench.ask(task, 20);
  bench.act = async ({ signal }) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    assert.ok(!signal.aborted);
    return ok({ done: true });
  };
  await bench.worker.settle();
  assert.equal(bench.mostRunning, 3);
  assert.equal(new Set(bench.begun).size, 20);
  const records = await Promise.all(runs.map((id) => bench.run(id)));
  for (const { state, result, attempts } of records) {
    assert.deepEqual([state, result, attempts.length], ['succeeded', { done: true }, 1]);
    assert.deepEqual([attempts[0]?.worker, attempts[0]?.outcome], ['worker1', 'succeeded']);
  }
  assert.deepEqual(bench.worker.state(), { running: 0, stuck: 0, places: 3 });
  assert.deepEqual(bench.leases.read(), [], 'no lease is renewed any more');
});

test('an attempt is told who it is, and its lease is in the table while it runs', async (t) => {
  const bench = await openWorker(t);
  const task = await bench.task({ timeoutMs: 777 });
  const [runId] = await bench.ask(task);
  let seen: unknown;
  bench.act = async (context) => {
    const { taskId, userId, runId: id, attempt, fence, plannedAt, lateByMs } = context;
    seen = { taskId, userId, id, attempt, plannedAt, lateByMs };
    const [lease, ...more] = bench.leases.read();
    assert.deepEqual([lease?.runId, lease?.fence, more], [id, fence, []]);
    assert.equal(lease?.deadlineAt, bench.embedded.clock.now() + 777 + 15_000);
    return ok();
  };
  bench.embedded.clock.advance(40);
  await bench.worker.settle();
  const plannedAt = bench.embedded.clock.now() - 40;
  assert.deepEqual(seen, {
    taskId: task.id,
    userId: 'owner',
    id: runId,
    attempt: 1,
    plannedAt,
    lateByMs: 40,
  });
});

test('a timeout aborts the action; with attempts left it is repeated, then the run ends timed_out', async (t) => {
  const bench = await openWorker(t);
  const task = await bench.task({ timeoutMs: 20, retry: { maxAttempts: 2, baseDelayMs: 0 } });
  const [runId] = (await bench.ask(task)) as [string];
  bench.act = async ({ signal }) => {
    await aborted(signal);
    throw signal.reason;
  };
  await bench.worker.settle();
  const waiting = await bench.run(runId);
  assert.deepEqual([waiting.state, waiting.error?.code], ['retry_wait', 'TIMEOUT']);
  assert.deepEqual(bench.retriesAt, [bench.embedded.clock.now()]);
  await bench.promote(runId);
  await bench.ended(runId);
  const run = await bench.run(runId);
  assert.deepEqual([run.state, run.error?.code], ['timed_out', 'TIMEOUT']);
  assert.deepEqual(
    run.attempts.map(({ n, outcome }) => [n, outcome]),
    [
      [1, 'timed_out'],
      [2, 'timed_out'],
    ],
  );
  assert.ok((run.attempts[1]?.fence as number) > (run.attempts[0]?.fence as number));
});

test('failures are repeated by policy, final ones are not', async (t) => {
  const bench = await openWorker(t);
  const task = await bench.task({ retry: { maxAttempts: 2, baseDelayMs: 0 } });
  const [twice] = (await bench.ask(task)) as [string];
  bench.act = async ({ attempt }) => {
    if (attempt === 1) throw new Error('boom');
    return ok();
  };
  await bench.worker.settle();
  await bench.promote(twice);
  await bench.ended(twice);
  const run = await bench.run(twice);
  assert.deepEqual(
    [run.state, run.error, run.attempts[0]?.error],
    ['succeeded', null, { code: 'HANDLER_FAILED', message: 'boom' }],
  );
  bench.act = async () => fail({ code: 'MINE', message: 'never again' }, { kept: 1 });
  const [final] = (await bench.ask(task)) as [string];
  await bench.ended(final);
  const failed = await bench.run(final);
  assert.deepEqual(
    [failed.state, failed.error?.code, failed.result, failed.attempts.length],
    ['failed', 'MINE', { kept: 1 }, 1],
  );
});

test('whatever a handler throws, the worker goes on', async (t) => {
  const bench = await openWorker(t);
  const task = await bench.task({ retry: { maxAttempts: 1 } });
  for (const thrown of [
    undefined,
    null,
    Object.create(null),
    Symbol('x'),
    Object.assign(new Error(), { message: { a: 1 } }),
  ]) {
    bench.act = () => Promise.reject(thrown);
    const [runId] = (await bench.ask(task)) as [string];
    await bench.ended(runId);
    const { state, error } = await bench.run(runId);
    assert.deepEqual([state, error?.code, typeof error?.message], ['failed', 'HANDLER_FAILED', 'string']);
  }
});

test('cancel while it runs: the action is told, and the run ends cancelled', async (t) => {
  const bench = await openWorker(t);
  const [runId] = (await bench.ask(await bench.task())) as [string];
  bench.act = async ({ signal }) => {
    await aborted(signal);
    throw signal.reason;
  };
  await eventually('it runs', () => bench.running === 1);
  await bench.store.cancelRun(runId);
  await bench.ended(runId);
  const { state, error, attempts } = await bench.run(runId);
  assert.deepEqual([state, error?.code, attempts[0]?.outcome], ['cancelled', 'CANCELLED', 'cancelled']);
});

test('a success that comes after a cancel counts; a failure does not', async (t) => {
  for (const outcome of ['succeeded', 'cancelled'] as const) {
    const bench = await openWorker(t);
    const [runId] = (await bench.ask(await bench.task())) as [string];
    bench.act = async ({ signal }) => {
      await aborted(signal);
      return outcome === 'succeeded' ? ok('done') : fail({ code: 'E', message: '' });
    };
    await eventually('it runs', () => bench.running === 1);
    await bench.store.cancelRun(runId);
    await bench.ended(runId);
    assert.equal((await bench.run(runId)).state, outcome);
  }
});

test('what an action logs right before its end is kept', async (t) => {
  const bench = await openWorker(t);
  const [runId] = (await bench.ask(await bench.task())) as [string];
  bench.act = async ({ log, progress }) => {
    log('last words', 'warn');
    progress(90);
    return ok();
  };
  await bench.ended(runId);
  const lines = await bench.store.listRunLog(runId);
  assert.deepEqual(
    lines.map(({ text, level, attempt }) => [text, level, attempt]),
    [['last words', 'warn', 1]],
  );
  assert.equal((await bench.run(runId)).progress, 90);
});

test('a lost lease: the action is told, nothing is written', async (t) => {
  const bench = await openWorker(t);
  const [runId] = (await bench.ask(await bench.task())) as [string];
  let told = false;
  bench.act = async ({ signal }) => {
    await aborted(signal);
    told = true;
    return ok('too late');
  };
  await eventually('it runs', () => bench.running === 1);
  const before = await bench.run(runId);
  const [lease] = bench.leases.read();
  bench.worker.onRenewAnswers([{ runId, code: 'lost', token: 'of another lease' }]);
  assert.equal(told, false);
  bench.worker.onRenewAnswers([{ runId, code: 'lost', token: lease!.token }]);
  await eventually('it has returned', () => bench.running === 0);
  await bench.worker.settle();
  assert.deepEqual(await bench.run(runId), before);
  assert.deepEqual(bench.leases.read(), []);
});

test('a lease that was lost and taken again by this very worker: the old attempt ends, the new one lives', async (t) => {
  const bench = await openWorker(t);
  const [runId] = (await bench.ask(await bench.task())) as [string];
  const { opened, open } = gate();
  const lost: string[] = [];
  bench.act = async ({ signal, attempt }) => {
    if (attempt > 1) {
      await opened;
      assert.ok(!signal.aborted, 'the new attempt is left alone');
      return ok(attempt);
    }
    await aborted(signal);
    lost.push(String(signal.reason));
    return ok(attempt);
  };
  await eventually('it runs', () => bench.running === 1);
  const [first] = bench.leases.read();
  // The store believes that the boot which held the lease is gone.
  const store = await bench.embedded.reopen();
  const partition = Number.parseInt(runId.slice(0, 2), 16);
  await store.recoverRuns(partition, { limit: 10, countLosses: true });
  const requestId = '9'.repeat(32);
  const again = await store.claimRuns(partition, { requestId, worker: 'worker1', limit: 1, leaseMs: 5_000 });
  bench.worker.claims.received({ requestId, worker: 'worker1', limit: 0, leaseMs: 5_000 }, again);
  await eventually('the old attempt was told', () => lost.length === 1);
  assert.deepEqual(lost, ['Error: stopped: lost']);
  bench.worker.onRenewAnswers([{ runId, code: 'lost', token: first!.token }]);
  open();
  await bench.ended(runId);
  const run = await bench.run(runId);
  assert.deepEqual(
    [run.state, run.result, run.attempts.map(({ outcome }) => outcome)],
    ['succeeded', 2, ['lost', 'succeeded']],
  );
  assert.deepEqual(bench.begun, [`${runId}#1`, `${runId}#2`]);
});

test('finishes wait while fires are to be sent, claims do not; and for 50 ms at most', async (t) => {
  let finishes = 0;
  const counted = (store: Store): Store => ({
    ...store,
    finishRuns: (...args) => {
      finishes += 1;
      return store.finishRuns(...args);
    },
  });
  const bench = await openWorker(t, { concurrency: 3, wrap: counted });
  const task = await bench.task();
  bench.worker.claims.holdFinishes(true);
  await bench.ask(task, 2);
  await eventually('both have begun and ended', () => bench.begun.length === 2 && bench.running === 0);
  assert.equal(finishes, 0);
  bench.worker.claims.holdFinishes(false);
  await eventually('they are finished', () => bench.worker.state().running === 0 && finishes === 1);
  bench.worker.claims.holdFinishes(true);
  const [third] = (await bench.ask(task)) as [string];
  await bench.ended(third);
});
