/** The same store on a Redis Cluster: a smoke test, every step in one slot. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Redis } from 'ioredis';
import { partitionOfOwner } from '../../../server/store/ids.ts';
import { createRedisStore } from '../../../server/store/redis/redis-store.ts';
import type { Wake } from '../../../server/store/requests.ts';
import { redisServerPath, spawnRedis } from '../../helpers/redis.ts';
import { poll } from '../contract/bench.ts';
import {
  askedRun,
  catchUp,
  claimRequest,
  finishRequest,
  fireRequest,
  fireSlot,
  newTask,
  ownerIn,
  policy,
  skip,
} from '../contract/build.ts';
import { wakeListener } from './open-redis-store.ts';

it('Redis store: a cluster of three', {
  skip: redisServerPath() === null ? 'needs redis' : false,
}, async () => {
  const servers = await Promise.all([0, 1, 2].map(() => spawnRedis({ args: ['--cluster-enabled', 'yes'] })));
  try {
    const nodes = servers.map(({ url }) => new Redis(url));
    for (const [index, node] of nodes.entries()) {
      const from = Math.floor((16_384 * index) / 3);
      await node.cluster('ADDSLOTSRANGE', from, Math.floor((16_384 * (index + 1)) / 3) - 1);
      await node.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
      if (index > 0) await node.cluster('MEET', '127.0.0.1', servers[0]?.port as number);
    }
    for (const node of nodes) {
      await poll('the cluster is whole', async () => {
        const info = String(await node.cluster('INFO'));
        return /cluster_state:ok/.test(info) && /cluster_known_nodes:3/.test(info) ? true : undefined;
      });
      await node.quit();
    }

    const wakes: Wake[] = [];
    const store = createRedisStore({
      url: `redis+cluster://127.0.0.1:${servers[0]?.port},127.0.0.1:${servers[1]?.port}`,
    });
    const info = await store.start(wakeListener(wakes));
    assert.match(info.durability, /about 2 s/);
    const nowAt = await store.time();
    for (let partition = 0; partition < 16; partition++) {
      const owner = ownerIn(partition);
      assert.equal(partitionOfOwner(owner), partition);
      const originAt = nowAt - 3_600_000;
      const task = newTask(owner, originAt, { pauseAfterFailures: 1 });
      await store.createTasks(owner, [task], 10);
      const fire = fireRequest(
        { ...task, version: 1 },
        [
          skip(originAt, 'coalesced'),
          catchUp(originAt + 1_000),
          fireSlot(originAt + 2_000),
          fireSlot(originAt + 3_000),
        ],
        { policy: policy('buffer_all') },
      );
      const { claimed } = await store.fireSlots(partition, [fire], claimRequest(10));
      assert.equal(claimed.length, 2);
      await store.askRuns(task.id, [askedRun(task.id)], 10);
      const next = await store.finishRuns(
        partition,
        claimed.map((run) => finishRequest(run, 'failed')),
        claimRequest(10),
      );
      assert.equal(next.claimed.length, 2);
      assert.ok(await store.appendRunLog(next.claimed[0]?.runId as string, next.claimed[0] as never, [], 50));
      await store.renewRuns(partition, next.claimed, 1);
      assert.equal((await store.loadDue(partition, nowAt + 1_000_000, 10)).length, 1);
      assert.equal((await store.listVerdicts(task.id, 0, nowAt, { limit: 10 })).length, 4);
      assert.equal((await store.listRuns({ ownerId: owner }, { limit: 10 })).items.length, 4);
      await poll('leases run out', async () => {
        const { nextAt } = await store.recoverRuns(partition, { limit: 10, countLosses: true });
        return nextAt === null ? true : undefined;
      });
      assert.equal((await store.putDocument(owner, 'k', 'id', 1, { ifVersion: 0 }))?.version, 1);
      assert.equal(await store.deleteTask(task.id), true);
      assert.ok((await store.readEvents(partition, null, 100)).events.length > 10);
    }
    assert.deepEqual(await store.beat({ id: 'a', roles: [], startedAt: 1 }, 1_000), [
      { id: 'a', roles: [], startedAt: 1 },
    ]);
    await poll('wakes arrive from every partition', async () =>
      new Set(wakes.map(({ partition }) => partition)).size === 16 ? true : undefined,
    );
    await store.stop();
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
});
