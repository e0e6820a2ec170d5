/**
 * Crash matrix: a failover that rolls back acknowledged writes. The master dies while its replicas lack what it had
 * acknowledged: a new epoch is opened and told, every listener is reset, no task stays without a next slot, and what is
 * made again has the same run id and is counted.
 */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Redis } from 'ioredis';
import { spawnCluster } from '../helpers/redis-cluster.ts';
import { spawnSentinels } from '../helpers/redis-sentinel.ts';
import type { LogLine } from '../helpers/server-process.ts';
import { type FailoverScene, type Owner, startFailoverScene } from './support/failover-scene.ts';
import { needsRedis } from './support/stores.ts';
import { until } from './support/until.ts';

const SLOTS = 24;

/** From now on the master's replicas get nothing more, and it does not mind. */
async function cutOffReplicas(masterUrl: string, replicaUrls: string[]): Promise<void> {
  const ask = async (url: string, question: (redis: Redis) => Promise<unknown>) => {
    const redis = new Redis(url);
    const answer = await question(redis);
    redis.disconnect();
    return answer;
  };
  await ask(masterUrl, async (master) => {
    await master.call('ACL', 'SETUSER', 'default', '-psync', '-sync');
    await master.call('CLIENT', 'KILL', 'TYPE', 'replica');
  });
  for (const url of replicaUrls) {
    await until('the replica is cut off', async () =>
      /master_link_status:down/.test(String(await ask(url, (replica) => replica.info('replication')))),
    );
  }
}

async function judgeLoss(
  t: { diagnostic(text: string): void },
  scene: FailoverScene,
  hit: Owner[],
): Promise<void> {
  for (const server of scene.servers) {
    await until(`${server.pid} notices`, () =>
      hit.every(({ partition }) => lossesOf(server.logged('the store lost')).includes(partition)),
    );
  }
  const { again } = await scene.judge();
  const runs = new Set(scene.target.hits.map(({ runId }) => runId)).size;
  const repeats = scene.calls() - runs;
  t.diagnostic(
    `${repeats} calls repeated, ${again} of attempts that the store lost; counted ${scene.replayed()}`,
  );
  assert.ok(again > 0, 'something was lost and made again');
  assert.equal(scene.replayed(), repeats, 'each repeat is counted, and nothing else');
  for (const { phone, ids } of hit) {
    for (const id of ids) {
      const resets = phone.frames.filter(
        ({ type, payload }) => type === 'reset' && payload.topic === `task:${id}`,
      );
      assert.ok(resets.length > 0, `${id}: the phone is told to begin again`);
    }
  }
}

const lossesOf = (lines: LogLine[]) => lines.map(({ partition }) => partition);

suite('a failover loses acknowledged writes', { skip: needsRedis, concurrency: 1 }, () => {
  test('Sentinel: all of it', async (t) => {
    const group = await spawnSentinels();
    t.after(() => group.stop());
    const users = ['anna', 'ben'];
    const scene = await startFailoverScene(t, { redisUrl: group.url, users, slots: SLOTS });
    await scene.moreCalls(8);
    const master = await group.master();
    const replicas = group.servers.filter((server) => server !== master);
    await cutOffReplicas(
      master.url,
      replicas.map(({ url }) => url),
    );
    await scene.moreCalls(6);
    await master.kill9();
    await group.masterOtherThan(master);
    await scene.moreCalls(6);
    await judgeLoss(t, scene, scene.owners);
  });

  test('Cluster: one of three', async (t) => {
    const cluster = await spawnCluster();
    t.after(() => cluster.stop());
    const users = ['anna', 'ben', 'cleo', 'dan'];
    const scene = await startFailoverScene(t, { redisUrl: cluster.url, users, slots: SLOTS });
    await scene.moreCalls(8);
    const [first] = scene.owners as [Owner];
    const master = await cluster.masterOf(scene.keyOf(first));
    const hit: Owner[] = [];
    for (const owner of scene.owners) {
      if ((await cluster.masterOf(scene.keyOf(owner))) === master) hit.push(owner);
    }
    const replica = await cluster.replicaOf(master);
    await cutOffReplicas(master.server.url, [replica.server.url]);
    const callsOf = () => scene.target.hits.filter(({ taskId }) => first.ids.includes(taskId)).length;
    const before = callsOf();
    await until('some calls more', () => callsOf() >= before + 4);
    await master.server.kill9();
    await cluster.whole();
    await scene.moreCalls(8);
    await judgeLoss(t, scene, hit);
  });
});
