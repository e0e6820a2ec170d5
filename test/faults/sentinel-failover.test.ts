/** Redis with Sentinel under load: the master is killed, then stands still (SIGSTOP) and a replica takes over each time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spawnSentinels } from '../helpers/redis-sentinel.ts';
import { startFailoverScene } from './support/failover-scene.ts';
import { needsRedis } from './support/stores.ts';

const SLOTS = 28;

test('the master dies, the next one freezes', { skip: needsRedis }, async (t) => {
  const group = await spawnSentinels();
  t.after(() => group.stop());
  const scene = await startFailoverScene(t, { redisUrl: group.url, users: ['anna', 'ben'], slots: SLOTS });
  await scene.moreCalls(8);

  const first = await group.master();
  const killedAt = Date.now();
  await first.kill9();
  const second = await group.masterOtherThan(first);
  await scene.moreCalls(6);
  const back = scene.target.hits.find(({ arrivedAt }) => arrivedAt > killedAt + 1_000);
  t.diagnostic(`killed: calls again after ${(back?.arrivedAt ?? 0) - killedAt} ms`);

  const frozenAt = Date.now();
  process.kill(second.pid, 'SIGSTOP');
  await group.masterOtherThan(second);
  await scene.moreCalls(6);
  const again = scene.target.hits.find(({ arrivedAt }) => arrivedAt > frozenAt + 1_000);
  t.diagnostic(`frozen: calls again after ${(again?.arrivedAt ?? 0) - frozenAt} ms`);
  process.kill(second.pid, 'SIGCONT');

  await scene.judge();
  const runs = new Set(scene.target.hits.map(({ runId }) => runId)).size;
  t.diagnostic(`${scene.calls() - runs} calls repeated, ${scene.replayed()} counted`);
  assert.equal(scene.calls() - runs, scene.replayed());
});
