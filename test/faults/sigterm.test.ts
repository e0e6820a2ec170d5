/** Crash matrix: SIGTERM. No new work, what runs may finish, what does not finish in time is given back at once. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createApiClient } from '../helpers/api-client.ts';
import { startServer } from '../helpers/server-process.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { startPair } from './support/cluster.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { needsRedis, STORES } from './support/stores.ts';
import { startTarget } from './support/target.ts';
import { calling, noop, ticking } from './support/tasks.ts';
import { until } from './support/until.ts';

const BUSY_MACHINE_MS = 2_000;
/** An action has a second to answer after it was told to stop. */
const STOP_GRACE_MS = 1_000;

suite('SIGTERM', { concurrency: 2 }, () => {
  for (const store of STORES) {
    test(`${store.name}, under load: drains and exits 0; nothing is lost or made twice`, {
      skip: store.skip,
    }, async (t) => {
      const target = await startTarget(t);
      const options = { ...(await store.open(t)), env: { ALLOW_HOSTS: target.host } };
      let server = await startServer(options);
      t.after(() => server.kill9());
      const api = createApiClient(() => server.origin, 'anna');
      const [long, ...rest] = (
        await api.createTasks([
          ticking('long', calling(target.slowUrl(2_500)), { maxSlots: 8 }),
          ...[0, 250, 500, 750].map((anchorAt) =>
            ticking(`quick from ${anchorAt}`, calling(target.slowUrl(100)), { maxSlots: 8, anchorAt }),
          ),
        ])
      ).map((task) => task.id);
      assert.ok(long);
      await until(
        'long calls are under way',
        () => target.hits.filter((hit) => hit.taskId === long).length >= 2,
      );

      const askedAt = Date.now();
      const stopped = server.stop();
      await until('it says so', () => server.logged('stopping').length > 0, { everyMs: 10 });
      await assert.rejects(api.tasks(), /ECONNREFUSED|other side closed|ECONNRESET/);
      const { code } = await stopped;
      const tookMs = Date.now() - askedAt;
      assert.equal(code, 0);
      assert.ok(tookMs <= 2_500 + BUSY_MACHINE_MS, `took ${tookMs} ms for runs of 2,500 ms`);
      // A claim that was under way may still bring runs.
      const heardAt = server.logged('stopping')[0]?.time ?? 0;
      const begunAfter = target.hits.filter((hit) => hit.arrivedAt > heardAt + 500);
      assert.deepEqual(begunAfter, [], 'no new work');
      assert.ok(
        target.hits.every((hit) => hit.leftAt === null),
        'what ran was let finish',
      );

      server = await startServer(options);
      await allEnded(api, [long, ...rest]);
      const all = await assertKept(api, [long, ...rest], { target });
      for (const { audit } of all) assert.deepEqual(audit.skipped, {});
      assert.ok(
        target.hits.every((hit) => hit.attempt === 1),
        'nothing was lost',
      );
    });
  }

  test('Redis: a run that does not finish in time is given back, and the other server takes it at once', {
    skip: needsRedis,
  }, async (t) => {
    const target = await startTarget(t);
    // A lease far longer than the test: nobody waits for it to end.
    const env = { ALLOW_HOSTS: target.host, LEASE_MS: '60000', SHUTDOWN_GRACE_MS: '1000' };
    const pair = await startPair(t, env);
    const anna = pair.ask(pair.servers[0], 'anna');
    const [task] = await anna.createTasks([
      ticking('hangs', calling(target.hangUrl), { maxSlots: 1 }, { timeoutMs: 60_000 }),
    ]);
    assert.ok(task);
    const first = await until('the first attempt is under way', () => target.hits[0]);
    const { holder, other } = pair.whoHas((await anna.run(first.runId)).attempts[0]?.worker ?? '');

    const askedAt = Date.now();
    const { code } = await holder.stop();
    const tookMs = Date.now() - askedAt;
    assert.equal(code, 0);
    assert.ok(tookMs <= 1_000 + STOP_GRACE_MS + BUSY_MACHINE_MS, `took ${tookMs} ms`);
    assert.ok(first.leftAt !== null && first.leftAt >= askedAt + 1_000, 'it had its grace');
    const second = await until('the second attempt is under way', () => target.hits[1]);
    const afterMs = second.arrivedAt - first.leftAt;
    assert.ok(afterMs <= BUSY_MACHINE_MS, `taken over ${afterMs} ms after it was given back`);
    second.answer();

    const api = pair.ask(other, 'anna');
    await allEnded(api, [task.id]);
    await assertKept(api, [task.id], { target });
    const { attempts } = await api.run(first.runId);
    assert.deepEqual(
      attempts.map(({ outcome }) => outcome),
      ['released', 'succeeded'],
    );
  });

  test('embedded: a handler of twenty seconds is given back, and goes on with the next start', async (t) => {
    const options = { dataDir: tempDir(t), env: { SHUTDOWN_GRACE_MS: '1000' } };
    let server = await startServer(options);
    t.after(() => server.kill9());
    const api = createApiClient(() => server.origin, 'anna');
    const [task] = await api.createTasks([
      ticking('long', noop(20_000), { maxSlots: 1 }, { timeoutMs: 60_000 }),
    ]);
    const run = await until('it runs', async () => {
      const [found] = await api.runs(task?.id ?? '');
      return found?.state === 'running' && found;
    });

    const askedAt = Date.now();
    const { code } = await server.stop();
    const tookMs = Date.now() - askedAt;
    assert.equal(code, 0);
    assert.ok(tookMs <= 1_000 + STOP_GRACE_MS + BUSY_MACHINE_MS, `took ${tookMs} ms`);
    assert.ok(server.logged('grace is over').length === 1);

    server = await startServer(options);
    await until('it runs again', async () => (await api.run(run.id)).attempts[1]?.outcome === null);
    await api.post(`/api/runs/${run.id}/cancel`, {});
    const ended = await until('it is cancelled', async () => {
      const found = await api.run(run.id);
      return found.state === 'cancelled' && found;
    });
    assert.deepEqual(
      ended.attempts.map(({ n, outcome }) => [n, outcome]),
      [
        [1, 'released'],
        [2, 'cancelled'],
      ],
    );
  });

  test('a second signal ends it at once', async (t) => {
    const target = await startTarget(t);
    const options = { dataDir: tempDir(t), env: { ALLOW_HOSTS: target.host } };
    let server = await startServer(options);
    t.after(() => server.kill9());
    const api = createApiClient(() => server.origin, 'anna');
    const [task] = await api.createTasks([
      ticking('hangs', calling(target.hangUrl), { maxSlots: 1 }, { timeoutMs: 60_000 }),
    ]);
    await until('a call hangs', () => target.hits[0]);
    server.signal('SIGTERM');
    await until('it drains', () => server.logged('stopping').length > 0, { everyMs: 10 });
    const askedAt = Date.now();
    const { code } = await server.stop();
    assert.equal(code, 130);
    assert.ok(Date.now() - askedAt <= BUSY_MACHINE_MS, `took ${Date.now() - askedAt} ms`);

    // What ran is lost like with any other sudden end, and made again.
    server = await startServer(options);
    (await until('it hangs again', () => target.hits[1])).answer();
    await allEnded(api, [task?.id ?? '']);
    await assertKept(api, [task?.id ?? ''], { target });
  });

  test('an unhandled rejection is logged and ends it with 70; the next start goes on', async (t) => {
    const target = await startTarget(t);
    const options = {
      dataDir: tempDir(t),
      env: { ALLOW_HOSTS: target.host },
      preload: [new URL('./support/reject-on-signal.js', import.meta.url)],
    };
    let server = await startServer(options);
    t.after(() => server.kill9());
    const api = createApiClient(() => server.origin, 'anna');
    const [task] = await api.createTasks([ticking('tick', calling(target.okUrl), { maxSlots: 5 })]);
    await until('it ticks', () => target.hits.length >= 2);
    server.signal('SIGUSR2');
    assert.deepEqual(await server.ended, { code: 70, signal: null });
    const [line] = server.logged('unhandledRejection');
    assert.equal(line?.level, 60);
    assert.match(JSON.stringify(line), /nobody handles this/);

    server = await startServer(options);
    await allEnded(api, [task?.id ?? '']);
    await assertKept(api, [task?.id ?? ''], { target });
  });
});
