/** Crash matrix: server, kill -9, mid-run. The attempt is lost; the next one comes within a lease and a sweep. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApiClient } from '../helpers/api-client.ts';
import { startServer } from '../helpers/server-process.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { startPair } from './support/cluster.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { needsRedis } from './support/stores.ts';
import { startTarget } from './support/target.ts';
import { calling, ticking } from './support/tasks.ts';
import { until } from './support/until.ts';

const LEASE_MS = 2_000;
/** Recoverers sweep twice a second; the rest is for a claim and for a machine with other things to do. */
const SWEEP_MS = 1_500;
const BUSY_MACHINE_MS = 1_500;

const hanging = (url: string) => ticking('hangs', calling(url), { maxSlots: 1 }, { timeoutMs: 60_000 });

test('Redis: the other server makes the next attempt within a lease and a sweep', {
  skip: needsRedis,
}, async (t) => {
  const target = await startTarget(t);
  const pair = await startPair(t, { ALLOW_HOSTS: target.host, LEASE_MS: String(LEASE_MS) });
  // Owners in different partitions, so that whichever server serves them, runs of both servers are hit in the end.
  const [anna] = [pair.ask(pair.servers[0], 'anna')];
  const [task] = await anna.createTasks([hanging(target.hangUrl)]);
  assert.ok(task);
  const first = await until('the first attempt is under way', () => target.hits[0]);
  const worker = (await anna.run(first.runId)).attempts[0]?.worker ?? '';
  const { holder, other } = pair.whoHas(worker);

  // The lease is renewed four times in its life: the run outlives it while its worker lives.
  await until('more than a lease has passed', () => Date.now() - first.arrivedAt > LEASE_MS + 500);
  assert.equal(target.hits.length, 1, 'a renewed lease does not end');

  const killedAt = Date.now();
  await holder.kill9();
  const second = await until('the second attempt is under way', () => target.hits[1], { everyMs: 20 });
  const tookMs = second.arrivedAt - killedAt;
  t.diagnostic(`taken over after ${tookMs} ms`);
  assert.ok(tookMs <= LEASE_MS + SWEEP_MS + BUSY_MACHINE_MS, `taken over only after ${tookMs} ms`);
  second.answer();

  const api = pair.ask(other, 'anna');
  await allEnded(api, [task.id]);
  await assertKept(api, [task.id], { target });
  const run = await api.run(first.runId);
  assert.equal(run.state, 'succeeded');
  assert.deepEqual(
    run.attempts.map(({ n, outcome }) => [n, outcome]),
    [
      [1, 'lost'],
      [2, 'succeeded'],
    ],
  );
  assert.notEqual(run.attempts[1]?.worker, worker);
  assert.equal(target.hits.length, 2);
});

test('embedded: the next start makes the next attempt at once', async (t) => {
  const target = await startTarget(t);
  // A lease of ten minutes: nothing waits for it to end.
  const options = { dataDir: tempDir(t), env: { ALLOW_HOSTS: target.host, LEASE_MS: '600000' } };
  let server = await startServer(options);
  t.after(() => server.kill9());
  const api = createApiClient(() => server.origin, 'anna');
  const [task] = await api.createTasks([hanging(target.hangUrl)]);
  assert.ok(task);
  const first = await until('the first attempt is under way', () => target.hits[0]);

  await server.kill9();
  server = await startServer(options);
  const startedAt = Date.now();
  const second = await until('the second attempt is under way', () => target.hits[1], { everyMs: 20 });
  const tookMs = second.arrivedAt - startedAt;
  assert.ok(tookMs <= 500 + BUSY_MACHINE_MS, `taken over only ${tookMs} ms after the start`);
  second.answer();

  await allEnded(api, [task.id]);
  await assertKept(api, [task.id], { target });
  const run = await api.run(first.runId);
  assert.deepEqual(
    run.attempts.map(({ n, outcome }) => [n, outcome]),
    [
      [1, 'lost'],
      [2, 'succeeded'],
    ],
  );
});

test('embedded: a run that kills its third worker fails with WORKER_LOST and runs no more', async (t) => {
  const target = await startTarget(t);
  const options = { dataDir: tempDir(t), env: { ALLOW_HOSTS: target.host } };
  let server = await startServer(options);
  t.after(() => server.kill9());
  const api = createApiClient(() => server.origin, 'anna');
  const [task] = await api.createTasks([hanging(target.hangUrl)]);
  assert.ok(task);
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await until(`attempt ${attempt} is under way`, () => target.hits[attempt - 1]);
    await server.kill9();
    server = await startServer(options);
  }
  await allEnded(api, [task.id]);
  const [kept] = await assertKept(api, [task.id], { target });
  assert.equal(kept?.runs[0]?.state, 'failed');
  assert.equal(target.hits.length, 3);
});
