/** A Redis Cluster that changes in agreement, under load: slots move, masters and replicas swap. Nothing is lost or doubled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spawnCluster } from '../helpers/redis-cluster.ts';
import { startFailoverScene } from './support/failover-scene.ts';
import { needsRedis } from './support/stores.ts';

const USERS = ['anna', 'ben', 'cleo', 'dan'];
const SLOTS = 20;

test('slots move and masters change while tasks fire every second', { skip: needsRedis }, async (t) => {
  const cluster = await spawnCluster();
  t.after(() => cluster.stop());
  const scene = await startFailoverScene(t, { redisUrl: cluster.url, users: USERS, slots: SLOTS });
  await scene.moreCalls(8);
  let moved = 0;
  for (const owner of scene.owners) {
    const key = scene.keyOf(owner);
    const from = await cluster.masterOf(key);
    const masters = await Promise.all(scene.owners.map((one) => cluster.masterOf(scene.keyOf(one))));
    const to = masters.find((master) => master !== from) ?? (await otherMaster(from));
    // Each batch of keys waits for the world to go on: the slot is on its way for a second or so.
    moved += await cluster.moveSlot(key, to, () => new Promise((resolve) => setTimeout(resolve, 50)));
    await scene.moreCalls(2);
  }
  const swapped = await cluster.masterOf(scene.keyOf(scene.owners[0] as (typeof scene.owners)[number]));
  await cluster.failOver(await cluster.replicaOf(swapped));
  await scene.moreCalls(4);

  const { kept, again } = await scene.judge();
  t.diagnostic(`${moved} keys moved, ${scene.calls()} calls for ${kept.length * SLOTS} slots`);
  assert.equal(again, 0, 'no call was made again');
  assert.equal(scene.replayed(), 0);
  for (const { audit, task } of kept) assert.deepEqual(audit.skipped, {}, task.name);
  for (const server of scene.servers) {
    assert.deepEqual(server.logged('the store lost acknowledged writes'), [], 'nothing was lost');
  }

  async function otherMaster(than: (typeof cluster.nodes)[number]) {
    for (const node of cluster.nodes) {
      if (node !== than && /role:master/.test(await node.admin.info('replication'))) return node;
    }
    throw new Error('there is no other master');
  }
});
