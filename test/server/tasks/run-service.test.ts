/** Runs that people ask for: once per key, in bounds, ended, repeated, listed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTask, runsOf, T, workOff } from '../../helpers/engine-harness.ts';
import { input, ME, OTHER, openServices, refused, type ServiceBench } from './support/service-bench.ts';

const failure = { outcome: 'failed', attemptOutcome: 'failed', error: { code: 'E', message: 'no' } } as const;
const every10s = { kind: 'every', everyMs: 10_000 } as const;

async function failedRun({ tasks, store, pass }: ServiceBench) {
  const { task } = await tasks.create(ME, input({ schedule: every10s }));
  await pass(10_000, false);
  await workOff(store, () => failure);
  const [run] = await runsOf(store, task.id);
  return { taskId: task.id, runId: run?.id as string };
}

test('run now: a manual run beside the schedule, once per key', async (t) => {
  const bench = await openServices(t);
  const { tasks, runs, store, clock } = bench;
  const { task } = await tasks.create(ME, input());
  const before = await readTask(store, task.id);
  clock.advance(1_234);
  const { run, created } = await runs.runNow(ME, task.id, { key: 'k' });
  assert.equal(created, true);
  assert.match(run.id, new RegExp(`^${task.id}:manual:[a-z2-7]{16}$`));
  const { trigger, state, verdict, plannedAt, retryOf, attempts } = run;
  assert.deepEqual(
    [trigger, state, verdict, plannedAt, retryOf, attempts],
    ['manual', 'queued', null, T + 1_234, null, []],
  );
  assert.deepEqual(await runs.runNow(ME, task.id, { key: 'k' }), { run, created: false });
  await workOff(store);
  const again = await runs.runNow(ME, task.id, { key: 'k' });
  assert.deepEqual([again.created, again.run.state], [false, 'succeeded'], 'it is not run again');
  assert.notEqual((await runs.runNow(ME, task.id, { key: 'l' })).run.id, run.id);
  assert.notEqual((await runs.runNow(ME, task.id)).run.id, run.id);
  const after = await readTask(store, task.id);
  assert.deepEqual(
    [after.cursorAt, after.version, after.nextAt],
    [before.cursorAt, before.version, before.nextAt],
  );
});

test('run now works for paused and ended tasks, and at most 100 wait', async (t) => {
  const { tasks, runs, store } = await openServices(t);
  const { task } = await tasks.create(ME, input());
  await tasks.pause(ME, task.id);
  for (let n = 0; n < 100; n += 1) await runs.runNow(ME, task.id);
  await refused('RUN_LIMIT_REACHED', runs.runNow(ME, task.id));
  await workOff(store);
  assert.equal((await runs.runNow(ME, task.id)).created, true);
});

test('what is not mine does not exist for me', async (t) => {
  const { tasks, runs } = await openServices(t);
  const { task } = await tasks.create(OTHER, input());
  const { run } = await runs.runNow(OTHER, task.id);
  for (const work of [
    () => runs.get(ME, run.id),
    () => runs.logs(ME, run.id),
    () => runs.cancel(ME, run.id),
    () => runs.retry(ME, run.id),
    () => runs.get(ME, 'nonsense'),
  ])
    await refused('RUN_NOT_FOUND', work());
  for (const work of [
    () => runs.runNow(ME, task.id),
    () => runs.backfill(ME, task.id, { fromAt: 0, toAt: 1 }),
    () => runs.list(ME, { taskId: task.id, limit: 1 }),
  ])
    await refused('TASK_NOT_FOUND', work());
  assert.deepEqual(await runs.list(ME, { limit: 10 }), { items: [], nextCursor: null });
  assert.equal((await runs.get(OTHER, run.id)).state, 'queued');
});

test('retry: a new manual run, only of what has ended; one key repeats one run', async (t) => {
  const bench = await openServices(t);
  const { runs, store } = bench;
  const { runId, taskId } = await failedRun(bench);
  const { run, created } = await runs.retry(ME, runId, { key: 'k' });
  assert.deepEqual([created, run.trigger, run.retryOf, run.state], [true, 'manual', runId, 'queued']);
  assert.equal((await runs.retry(ME, runId, { key: 'k' })).run.id, run.id);
  assert.deepEqual((await refused('RUN_STATE_CONFLICT', runs.retry(ME, run.id))).facts, { state: 'queued' });
  await workOff(store);
  assert.equal((await runs.retry(ME, run.id)).run.retryOf, run.id, 'also of a success');
  await refused('IDEMPOTENCY_KEY_REUSED', runs.retry(ME, run.id, { key: 'k' }));
  assert.notEqual((await runs.runNow(ME, taskId, { key: 'k' })).run.id, run.id, 'another route, another key');
  assert.equal((await runs.get(ME, runId)).state, 'failed', 'the old one stays');
});

test('cancel: at once while it waits, asked for while it runs, a conflict once it has ended otherwise', async (t) => {
  const bench = await openServices(t);
  const { runs, store, tasks } = bench;
  const { runId } = await failedRun(bench);
  assert.deepEqual((await refused('RUN_STATE_CONFLICT', runs.cancel(ME, runId))).facts, { state: 'failed' });
  const { task } = await tasks.create(ME, input());
  const waiting = await runs.runNow(ME, task.id);
  assert.equal((await runs.cancel(ME, waiting.run.id)).state, 'cancelled');
  assert.equal((await runs.cancel(ME, waiting.run.id)).state, 'cancelled', 'twice is no error');
  const { run } = await runs.runNow(ME, task.id);
  const partition = Number.parseInt(task.id.slice(0, 2), 16);
  const claim = { requestId: 'e'.repeat(32), worker: 'w', limit: 1, leaseMs: 5_000 };
  const [claimed] = await store.claimRuns(partition, claim);
  assert.equal(claimed?.runId, run.id);
  assert.equal((await runs.cancel(ME, run.id)).state, 'cancelling');
  assert.equal((await runs.cancel(ME, run.id)).state, 'cancelling');
});

test('runs and their logs are answered as they are', async (t) => {
  const bench = await openServices(t);
  const { runs, store } = bench;
  const { runId, taskId } = await failedRun(bench);
  const run = await runs.get(ME, runId);
  assert.deepEqual(
    [
      run.taskId,
      run.state,
      run.verdict,
      run.plannedAt,
      run.nominalAt,
      run.lateByMs,
      run.error?.code,
      run.attempts.length,
    ],
    [taskId, 'failed', 'fired', T + 10_000, T + 10_000, 0, 'E', 1],
  );
  assert.deepEqual(
    Object.keys(run).filter((key) => ['ownerId', 'line', 'priority', 'timeoutMs'].includes(key)),
    [],
  );
  const { run: manual } = await runs.runNow(ME, taskId);
  const [claimed] = await store.claimRuns(Number.parseInt(taskId.slice(0, 2), 16), {
    requestId: 'f'.repeat(32),
    worker: 'w',
    limit: 1,
    leaseMs: 1,
  });
  await store.appendRunLog(manual.id, claimed!, [{ at: 1, attempt: 1, level: 'warn', text: 'hm' }], 40);
  assert.deepEqual(await runs.logs(ME, manual.id), {
    items: [{ at: 1, attempt: 1, level: 'warn', text: 'hm' }],
  });
  assert.equal((await runs.get(ME, manual.id)).progress, 40);
});
