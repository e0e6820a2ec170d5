/** A master of a Redis Cluster is killed under load. What Redis lost is counted, nothing else is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spawnCluster } from '../helpers/redis-cluster.ts';
import { startFailoverScene } from './support/failover-scene.ts';
import { needsRedis } from './support/stores.ts';
import { until } from './support/until.ts';

const USERS = ['anna', 'ben', 'cleo', 'dan'];
const SLOTS = 20;

test('a master is killed, its replica takes over', { skip: needsRedis }, async (t) => {
  const cluster = await spawnCluster();
  t.after(() => cluster.stop());
  const scene = await startFailoverScene(t, { redisUrl: cluster.url, users: USERS, slots: SLOTS });
  await scene.moreCalls(8);
  const [owner] = scene.owners;
  assert.ok(owner);
  const master = await cluster.masterOf(scene.keyOf(owner));
  await cluster.replicaOf(master);
  const ofOwner = () => scene.target.hits.filter(({ taskId }) => owner.ids.includes(taskId));
  const killedAt = Date.now();
  await master.server.kill9();
  await cluster.whole();
  const before = ofOwner().length;
  await until('its tasks fire again', () => ofOwner().length > before + 2);
  const backAt = ofOwner().find(({ arrivedAt }) => arrivedAt > killedAt + 1_000)?.arrivedAt ?? 0;
  t.diagnostic(`${backAt - killedAt} ms from the kill to the next call of a task there`);
  await master.server.restart();

  const replayedBefore = scene.replayed();
  const { again } = await scene.judge();
  t.diagnostic(`${again} calls made again, ${replayedBefore} counted`);
  assert.equal(again, scene.replayed(), 'what was made again was counted, and nothing else');
});
