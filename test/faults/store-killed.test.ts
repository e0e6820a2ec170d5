/** Crash matrix: store, kill -9 and restart, anywhere. Nothing acknowledged is lost; owed slots are caught up. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createApiClient } from '../helpers/api-client.ts';
import { spawnRedis } from '../helpers/redis.ts';
import { startServer } from '../helpers/server-process.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { seeded } from './support/random.ts';
import { needsRedis } from './support/stores.ts';
import { startTarget } from './support/target.ts';
import { calling, noop, ticking } from './support/tasks.ts';
import { lasting, until } from './support/until.ts';

const YEAR_MS = 365 * 86_400_000;

suite('Redis is killed and started again', { skip: needsRedis, concurrency: 2 }, () => {
  // The loss of a process loses nothing with either: what was answered has been written, if not yet synced.
  for (const fsync of ['always', 'everysec']) {
    test(`appendfsync ${fsync}: everything acknowledged is there, every slot has its verdict`, async (t) => {
      const random = seeded(Date.now());
      const target = await startTarget(t);
      const redis = await spawnRedis({ dir: tempDir(t), args: ['--appendfsync', fsync] });
      t.after(() => redis.stop());
      const env = { ALLOW_HOSTS: target.host, LEASE_MS: '2000' };
      const server = await startServer({ redisUrl: redis.url, env });
      t.after(() => server.kill9());
      const api = createApiClient(() => server.origin, 'anna');
      const ticks = (
        await api.createTasks([
          ticking('tick', calling(target.okUrl), { maxSlots: 12 }),
          ticking('slow tick', calling(target.slowUrl(700)), { maxSlots: 12, anchorAt: 400 }),
        ])
      ).map((task) => task.id);

      // Someone creates tasks all the while, twenty in a call, and remembers those that were acknowledged.
      const maker = createApiClient(() => server.origin, 'ben');
      await maker.tasks();
      const acknowledged: string[] = [];
      let refused = 0;
      let making = true;
      const made = (async () => {
        for (let call = 0; making; call += 1) {
          const names = Array.from({ length: 20 }, (_, k) => `made ${call}.${k}`);
          const at = Date.now() + YEAR_MS;
          const items = names.map((name) => ({
            name,
            schedule: { kind: 'at', at } as const,
            action: noop(),
          }));
          const reply = await maker.call('POST', '/api/tasks/batch', { body: { items } });
          if (reply.status === 201 || reply.status === 200) {
            acknowledged.push(...reply.body.items.map((item: { task: { id: string } }) => item.task.id));
          } else {
            assert.equal(reply.status, 503, JSON.stringify(reply.body));
            refused += 1;
          }
          // Sixty creating calls a minute are allowed.
          await lasting(250);
        }
      })();

      for (let kill = 0; kill < 3; kill += 1) {
        await lasting(800 + Math.floor(random() * 1_000));
        await redis.kill9();
        await lasting(300 + Math.floor(random() * 700));
        await redis.restart();
        await until(
          'the server is ready again',
          async () => (await api.call('GET', '/readyz')).status === 200,
        );
      }
      making = false;
      await made;
      t.diagnostic(`${acknowledged.length} tasks acknowledged, ${refused} calls refused`);
      assert.ok(
        acknowledged.length > 0 && refused > 0,
        'tasks were made between the kills, and refused during them',
      );

      await allEnded(api, ticks);
      const all = await assertKept(api, ticks, { target });
      for (const { audit } of all) assert.deepEqual(audit.skipped, {});
      const there = new Set((await maker.tasks()).map((task) => task.id));
      assert.deepEqual(
        acknowledged.filter((id) => !there.has(id)),
        [],
      );
    });
  }
});
