/** Crash matrix: wall clock ±1 h on a server. Redis has the time: no slot is lost, doubled or early by its clock. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createApiClient } from '../helpers/api-client.ts';
import { spawnRedis } from '../helpers/redis.ts';
import { startServer } from '../helpers/server-process.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { startPair } from './support/cluster.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { needsRedis } from './support/stores.ts';
import { startTarget, type Target } from './support/target.ts';
import { calling, ticking } from './support/tasks.ts';
import { until } from './support/until.ts';
import { HOUR_MS, wrongClock } from './support/wrong-clock.ts';

const SLOTS = 8;
/** More than a clock may be off, and a pause of a busy machine. */
const PUNCTUAL_MS = 5_000;

const sixOwners = ['anna', 'ben', 'cleo', 'dan', 'eve', 'finn'];

suite('a wrong wall clock on Redis', { skip: needsRedis, concurrency: 2 }, () => {
  for (const [name, shiftMs] of [
    ['an hour ahead', HOUR_MS],
    ['an hour behind', -HOUR_MS],
  ] as const) {
    test(`one of two servers is ${name} from the start`, async (t) => {
      const target = await startTarget(t);
      const env = { ALLOW_HOSTS: target.host };
      const clock = wrongClock(t, env);
      clock.shift(shiftMs);
      const pair = await startPair(t, env, [clock.options, {}]);
      // Partitions go by owner: several of them, asked for at both servers.
      const owners = sixOwners.map((user, k) => pair.ask(pair.servers[(k % 2) as 0 | 1], user));
      const tasks = await Promise.all(
        owners.map((api) => api.createTasks([ticking('tick', calling(target.okUrl), { maxSlots: SLOTS })])),
      );
      const workers = new Set<string>();
      for (const [k, api] of owners.entries()) {
        const ids = tasks[k]?.map((task) => task.id) ?? [];
        await allEnded(api, ids);
        const [kept] = await assertKept(api, ids, { target });
        assert.ok(kept);
        // A busy machine may be a second late now and then; a clock that is an hour wrong never is on time.
        assert.ok(kept.audit.fired > SLOTS / 2, JSON.stringify(kept.audit));
        assert.deepEqual(kept.audit.skipped, {});
        for (const { worker } of (await api.run(kept.runs[0]?.id ?? '')).attempts) workers.add(worker);
      }
      assertPunctual(target);
      // Which server serves which owner is chance; that one serves all six is rare, and no fault.
      t.diagnostic(`runs by ${workers.size} servers`);
    });

    test(`the only server's clock steps ${name} while it works`, async (t) => {
      const target = await startTarget(t);
      const redis = await spawnRedis({ dir: tempDir(t) });
      t.after(() => redis.stop());
      const clock = wrongClock(t, { ALLOW_HOSTS: target.host });
      const server = await startServer({ redisUrl: redis.url, ...clock.options });
      t.after(() => server.kill9());
      const api = createApiClient(() => server.origin, 'anna');
      const [steady, later] = (
        await api.createTasks([
          ticking('steady', calling(target.okUrl), { maxSlots: 10_000 }),
          ticking('later', calling(target.okUrl), {
            maxSlots: 1,
            anchorAt: Date.now() + 6_000,
            everyMs: 60_000,
          }),
        ])
      ).map((task) => task.id);
      assert.ok(steady && later);
      await until('two slots have fired', () => target.hits.length >= 2);
      clock.shift(shiftMs);
      const shiftedAt = Date.now();
      await until('slots of five seconds more have fired', () =>
        target.hits.some((hit) => hit.plannedAt > shiftedAt + 5_000),
      );

      await api.post(`/api/tasks/${steady}/pause`, {});
      await allEnded(api, [steady, later]);
      await assertKept(api, [steady, later], { target });
      assertPunctual(target);
    });
  }
});

function assertPunctual({ hits }: Target): void {
  for (const { runId, arrivedAt, plannedAt } of hits) {
    assert.ok(arrivedAt - plannedAt <= PUNCTUAL_MS, `${runId} came ${arrivedAt - plannedAt} ms late`);
  }
}
