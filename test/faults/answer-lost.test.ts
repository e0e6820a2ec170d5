/** Crash matrix: the answer is lost after a step was applied. The repeat changes nothing and answers the same. */
import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { loadScripts, type ScriptName } from '../../server/store/redis/scripts.ts';
import { createApiClient } from '../helpers/api-client.ts';
import { createFaultProxy, type FaultProxy } from '../helpers/fault-proxy.ts';
import { spawnRedis } from '../helpers/redis.ts';
import { startServer } from '../helpers/server-process.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { needsRedis } from './support/stores.ts';
import { startTarget } from './support/target.ts';
import { calling, noop, ticking } from './support/tasks.ts';
import { until } from './support/until.ts';

const scripts = loadScripts('single', new URL('../../server/store/redis/lua/', import.meta.url));

suite('an answer is lost after its step was applied', { skip: needsRedis, concurrency: 2 }, () => {
  test('a person repeats: create, run now, change, delete', async (t) => {
    const { proxy, api } = await behindProxy(t);
    // Redis has to know every script: else the lost answer is that it does not, and nothing was applied.
    const [other] = await api.createTasks([ticking('other', noop(), { maxSlots: 1, everyMs: 3_600_000 })]);
    await api.post(`/api/tasks/${other?.id}/run`, {});
    await api.call('PATCH', `/api/tasks/${other?.id}`, { body: { version: 1, name: 'renamed' } });
    await api.call('DELETE', `/api/tasks/${other?.id}`);

    const input = { name: 'made once', schedule: { kind: 'every', everyMs: 3_600_000 }, action: noop() };
    const key = (value: string) => ({ 'idempotency-key': value });

    const create = () => api.call('POST', '/api/tasks', { body: input, headers: key('k1') });
    const lost = await losing(proxy, 'create-tasks', create);
    assert.equal(lost.status, 503);
    const again = await whenBack(create);
    assert.equal(again.status, 200, 'made by the call before');
    const { id, version } = again.body;
    assert.deepEqual(
      (await api.tasks()).map((task) => task.id),
      [id],
    );
    const another = { body: { ...input, name: 'another' }, headers: key('k1') };
    assert.equal((await api.call('POST', '/api/tasks', another)).body.error.code, 'IDEMPOTENCY_KEY_REUSED');

    const runNow = () => api.call('POST', `/api/tasks/${id}/run`, { body: {}, headers: key('k2') });
    assert.equal((await losing(proxy, 'ask-runs', runNow)).status, 503);
    const asked = await whenBack(runNow);
    assert.equal(asked.status, 200, 'asked for by the call before');
    assert.deepEqual(
      (await api.runs(id)).map((run) => run.id),
      [asked.body.id],
    );

    const patch = () => api.call('PATCH', `/api/tasks/${id}`, { body: { version, name: 'renamed' } });
    assert.equal((await losing(proxy, 'change-task', patch)).status, 503);
    const conflict = await whenBack(patch);
    assert.equal(conflict.status, 409);
    assert.equal(conflict.body.error.code, 'TASK_VERSION_CONFLICT');
    assert.equal(conflict.body.error.version, version + 1, 'it names the current version');
    assert.equal((await api.task(id)).name, 'renamed');

    const remove = () => api.call('DELETE', `/api/tasks/${id}`);
    assert.equal((await losing(proxy, 'delete-task', remove)).status, 503);
    assert.equal((await whenBack(remove)).status, 404, 'gone already');
    assert.deepEqual(await api.tasks(), []);
  });

  test('the engine repeats: fire, claim, finish, recover', async (t) => {
    const { proxy, api, target } = await behindProxy(t);
    const ids = (
      await api.createTasks([
        ticking('tick', calling(target.okUrl), { maxSlots: 14 }),
        ticking('half a second later', calling(target.slowUrl(200)), { maxSlots: 14, anchorAt: 500 }),
        ticking('long enough to be renewed', calling(target.slowUrl(900)), { maxSlots: 14 }),
      ])
    ).map((task) => task.id);
    await until('it ticks', () => target.hits.length >= 3);
    // A firing step that decided something, a finish that ended something: polls of nothing are not worth losing.
    const steps: [ScriptName, string?][] = [
      ['fire-slots', 'allow_all'],
      ['finish-runs'],
      ['fire-slots', 'allow_all'],
      ['claim-runs'],
      ['finish-runs'],
      ['recover-runs'],
      ['load-due'],
      ['renew-runs'],
    ];
    let dropped = 0;
    for (const [name, text] of steps) {
      const drop = proxy.dropNextReply(
        (request) => request.includes(scripts[name].sha) && (text === undefined || request.includes(text)),
      );
      await until(`an answer of ${name} is lost`, () =>
        Promise.race([drop.dropped.then(() => true), new Promise<false>((no) => setTimeout(no, 50, false))]),
      ).then(() => {
        dropped += 1;
      });
      await until('the server is ready again', async () => (await api.call('GET', '/readyz')).status === 200);
    }
    t.diagnostic(`${dropped} answers lost`);

    await allEnded(api, ids);
    const all = await assertKept(api, ids, { target });
    for (const { audit, runs } of all) {
      assert.deepEqual(audit.skipped, {});
      assert.equal(audit.planned, 14);
      for (const { id } of runs) {
        const { state, attempts } = await api.run(id);
        // A claim whose answer was lost is repeated and answers the same runs: no attempt is left to nobody.
        assert.deepEqual([state, attempts.length], ['succeeded', 1], JSON.stringify(attempts));
      }
    }
    assert.equal(target.hits.length, 14 * ids.length, 'every run reached the world exactly once');
  });
});

/** The call whose step's answer never arrives. */
async function losing<T>(proxy: FaultProxy, name: ScriptName, call: () => Promise<T>): Promise<T> {
  const { dropped } = proxy.dropNextReply((request) => request.includes(scripts[name].sha));
  const answer = await call();
  await dropped;
  return answer;
}

/** The connection was cut with the answer: as a person would, the call is made again until it is taken. */
const whenBack = <T extends { status: number }>(call: () => Promise<T>): Promise<T> =>
  until('the store is back', async () => {
    const reply = await call();
    return reply.status !== 503 && reply;
  });

async function behindProxy(t: TestContext) {
  const target = await startTarget(t);
  const redis = await spawnRedis({ dir: tempDir(t) });
  t.after(() => redis.stop());
  const proxy = await createFaultProxy({ targetPort: redis.port });
  t.after(() => proxy.close());
  const server = await startServer({
    redisUrl: `redis://127.0.0.1:${proxy.port}`,
    env: { ALLOW_HOSTS: target.host, LEASE_MS: '2000' },
  });
  t.after(() => server.kill9());
  return { proxy, target, api: createApiClient(() => server.origin, 'anna') };
}
