/** Crash matrix: server, kill -9, after the firing step. The slot is decided and its run is ready: exactly one run. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createApiClient } from '../helpers/api-client.ts';
import { startServer } from '../helpers/server-process.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { seeded } from './support/random.ts';
import { STORES } from './support/stores.ts';
import { startTarget } from './support/target.ts';
import { calling, ticking } from './support/tasks.ts';
import { lasting, until } from './support/until.ts';

suite('kill -9 after the firing step', { concurrency: 2 }, () => {
  for (const store of STORES) {
    test(`${store.name}: runs that were fired and not yet claimed run once, after the next start`, {
      skip: store.skip,
    }, async (t) => {
      const target = await startTarget(t);
      const options = {
        ...(await store.open(t)),
        env: { ALLOW_HOSTS: target.host, WORKER_CONCURRENCY: '1', LEASE_MS: '2000' },
      };
      let server = await startServer(options);
      t.after(() => server.kill9());
      const api = createApiClient(() => server.origin, 'anna');

      // The only place is taken by a call that hangs, so that what fires afterwards stays ready.
      const [blocker] = await api.createTasks([
        ticking('blocker', calling(target.hangUrl), { maxSlots: 1 }, { timeoutMs: 60_000 }),
      ]);
      assert.ok(blocker);
      await until('the place is taken', () => target.hits.find((hit) => hit.taskId === blocker.id));
      const [waiting] = await api.createTasks([ticking('waiting', calling(target.okUrl), { maxSlots: 3 })]);
      assert.ok(waiting);
      await until('three runs wait', async () => (await api.runs(waiting.id)).length === 3);
      const verdicts = async () =>
        (await api.slots(waiting.id)).map(({ plannedAt, verdict }) => ({ plannedAt, verdict }));
      const before = await verdicts();
      assert.ok((await api.runs(waiting.id)).every((run) => run.startedAt === null));

      await server.kill9();
      server = await startServer(options);
      const again = await until('the hung call is made again', () =>
        target.hits.find((hit) => hit.taskId === blocker.id && hit.attempt === 2),
      );
      again.answer();

      await allEnded(api, [blocker.id, waiting.id]);
      await assertKept(api, [blocker.id, waiting.id], { target });
      assert.deepEqual(await verdicts(), before, 'the verdicts stay as they were set');
      const calls = target.hits.filter((hit) => hit.taskId === waiting.id);
      assert.deepEqual(
        calls.map(({ attempt }) => attempt),
        [1, 1, 1],
      );
    });

    test(`${store.name}: eight kills at random moments, one run per slot`, {
      skip: store.skip,
    }, async (t) => {
      const seed = Date.now() % 1e6;
      t.diagnostic(`seed ${seed}`);
      const random = seeded(seed);
      const target = await startTarget(t);
      const options = { ...(await store.open(t)), env: { ALLOW_HOSTS: target.host, LEASE_MS: '1000' } };
      let server = await startServer(options);
      t.after(() => server.kill9());
      const api = createApiClient(() => server.origin, 'anna');

      // One slot a second, three a second (each its third), and calls long enough to be killed in the middle.
      const tasks = await api.createTasks([
        ticking('a second', calling(target.okUrl), { maxSlots: 15 }),
        ...[0, 333, 667].map((anchorAt) =>
          ticking(`a third from ${anchorAt}`, calling(target.okUrl), { maxSlots: 15, anchorAt }),
        ),
        ticking('slow', calling(target.slowUrl(300)), { maxSlots: 15, anchorAt: 500 }),
      ]);
      const ids = tasks.map((task) => task.id);

      for (let kill = 0; kill < 8; kill += 1) {
        await lasting(100 + Math.floor(random() * 1_200));
        await server.kill9();
        server = await startServer(options);
      }

      await allEnded(api, ids);
      const all = await assertKept(api, ids, { target });
      for (const { task, audit } of all) {
        assert.deepEqual(audit.skipped, {}, task.name);
        assert.equal(audit.planned, 15, task.name);
      }
      t.diagnostic(`${target.hits.length} calls for ${15 * ids.length} slots`);
    });
  }
});
