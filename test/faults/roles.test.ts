/** One server that answers, one that works, one Redis between them: together they are what one server is alone. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { request } from 'undici';
import type { Run } from '../../shared/api.ts';
import type { Task } from '../../shared/task.ts';
import { startServer } from '../helpers/server-process.ts';
import { connectAs } from '../helpers/socket-client.ts';
import { startPair } from './support/cluster.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { needsRedis } from './support/stores.ts';
import { noop, ticking } from './support/tasks.ts';
import { until } from './support/until.ts';

const ROLES = [{ env: { ROLE: 'api' } }, { env: { ROLE: 'worker' } }] as const;
/** Quiet until somebody changes or runs it. */
const quiet = (name: string, waitMs = 0) =>
  ticking(name, noop(waitMs), { maxSlots: 1, everyMs: 86_400_000, anchorAt: 43_200_000 });

async function probe(origin: string, path: string, method: 'GET' | 'HEAD' | 'POST' = 'GET') {
  const { statusCode, body } = await request(origin + path, { method });
  const text = await body.text();
  return { status: statusCode, body: text === '' ? null : JSON.parse(text) };
}

suite('ROLE=api beside ROLE=worker', { concurrency: 2, skip: needsRedis }, () => {
  test('create, live frames, run now, cancel and edit, across the two', async (t) => {
    const { servers, ask } = await startPair(t, {}, [...ROLES]);
    const [front] = servers;
    const api = ask(front, 'anna');
    const phone = await connectAs(front.origin, 'anna');
    t.after(() => phone.close());
    await phone.subscribe('tasks');

    const [ticks, long] = (await api.createTasks([
      ticking('ticks', noop(), { maxSlots: 3 }),
      quiet('long', 60_000),
    ])) as [Task, Task];
    await phone.subscribe(`task:${ticks.id}`);
    await phone.subscribe(`task:${long.id}`);
    await allEnded(api, [ticks.id]);
    await assertKept(api, [ticks.id]);
    const types = () => phone.events(`task:${ticks.id}`).map(({ type }) => type);
    await until(
      'the phone has seen the runs',
      () => types().filter((type) => type === 'run.finished').length === 3,
    );

    const run = await api.post<Run>(`/api/tasks/${long.id}/run`, {});
    await phone.next('it runs', ({ type, payload }) => type === 'run.started' && payload.runId === run.id);
    await api.post(`/api/runs/${run.id}/cancel`, {});
    await phone.next(
      'it is cancelled',
      ({ type, payload }) => type === 'run.finished' && payload.runId === run.id,
      3_000,
    );
    assert.equal((await api.run(run.id)).state, 'cancelled');

    const inMs = 1_500;
    const at = Date.now() + inMs;
    const { status } = await api.call('PATCH', `/api/tasks/${long.id}`, {
      body: { version: long.version, schedule: { kind: 'at', at }, action: noop() },
    });
    assert.equal(status, 200);
    const fired = await phone.next(
      'the edit has woken the worker',
      ({ type, payload }) => type === 'slot.fired' && payload.plannedAt === at,
    );
    assert.ok(Number(fired.payload.at) - at < 1_000, 'on time, though a day earlier than planned before');
  });

  test('a worker answers probes on its port and nothing else, to the end of its drain', async (t) => {
    const { servers, ask } = await startPair(t, {}, [...ROLES]);
    const [front, back] = servers;
    assert.deepEqual(await probe(back.origin, '/healthz'), { status: 200, body: { ok: true } });
    assert.deepEqual(await probe(back.origin, '/readyz?x=1'), { status: 200, body: { ok: true } });
    assert.deepEqual(await probe(back.origin, '/healthz', 'HEAD'), { status: 200, body: null });
    for (const path of ['/api/tasks', '/', '/ws', '/preview/', '/openapi.json']) {
      const { status, body } = await probe(back.origin, path);
      assert.deepEqual([status, body.error.code], [404, 'NOT_FOUND'], path);
    }
    assert.equal((await probe(back.origin, '/healthz', 'POST')).status, 404);

    const api = ask(front, 'ben');
    const [task] = (await api.createTasks([quiet('long', 2_000)])) as [Task];
    const run = await api.post<Run>(`/api/tasks/${task.id}/run`, {});
    await until('it runs', async () => (await api.run(run.id)).state === 'running');
    const ended = back.stop();
    await until('it says so', () => back.logged('stopping').length > 0, { everyMs: 10 });
    assert.deepEqual(await probe(back.origin, '/healthz'), { status: 200, body: { ok: true } });
    assert.deepEqual(await probe(back.origin, '/readyz'), {
      status: 503,
      body: { ok: false, why: 'shutting down' },
    });
    assert.equal((await ended).code, 0);
    assert.equal((await api.run(run.id)).state, 'succeeded', 'what ran was let finish');
  });

  test('either may be ended and started again: nothing is lost, and being alone is said', async (t) => {
    const { servers, ask, options } = await startPair(t, {}, [...ROLES]);
    const [front, back] = servers;
    const api = ask(front, 'cleo');
    const [task] = (await api.createTasks([ticking('on', noop(), { maxSlots: 15 })])) as [Task];
    await until('it ticks', async () => (await api.slots(task.id)).length >= 1);
    assert.equal((await back.stop()).code, 0);
    assert.equal((await probe(front.origin, '/readyz')).status, 200, 'the API goes on');
    await until('it says that nobody works', () => front.logged('no worker lives').length === 1, {
      timeoutMs: 30_000,
    });
    const next = await startServer({ ...options, env: { ROLE: 'worker' } });
    t.after(() => next.kill9());
    await until('it says that somebody does', () => front.logged('a worker lives again').length === 1);
    assert.equal((await front.stop()).code, 0);
    const again = await startServer({ ...options, env: { ROLE: 'api' } });
    t.after(() => again.kill9());
    const other = ask(again, 'cleo');
    await allEnded(other, [task.id]);
    await assertKept(other, [task.id]);
  });
});
