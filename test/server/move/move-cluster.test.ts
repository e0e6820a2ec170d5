/** A move to a Redis Cluster and back: its keys lie on three servers, its lists of documents too. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Redis } from 'ioredis';
import { moveStores } from '../../../server/move/move-stores.ts';
import { storePlace } from '../../../server/store/open-store.ts';
import { redisServerPath, spawnRedis } from '../../helpers/redis.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { poll } from '../../store/contract/bench.ts';
import { makeLives, startStore } from './random-lives.ts';

const SLOTS = 16_384;

it('move: folder → cluster of three → folder', {
  skip: redisServerPath() === null ? 'needs redis' : false,
}, async (t) => {
  const servers = await Promise.all([0, 1, 2].map(() => spawnRedis({ args: ['--cluster-enabled', 'yes'] })));
  t.after(() => Promise.all(servers.map((server) => server.stop())));
  for (const [index, { url }] of servers.entries()) {
    const node = new Redis(url);
    const [from, to] = [index, index + 1].map((n) => Math.floor((SLOTS * n) / 3)) as [number, number];
    await node.cluster('ADDSLOTSRANGE', from, to - 1);
    await node.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    if (index > 0) await node.cluster('MEET', '127.0.0.1', servers[0]?.port as number);
    await node.quit();
  }
  for (const { url } of servers) {
    const node = new Redis(url);
    await poll('the cluster is whole', async () => {
      const info = String(await node.cluster('INFO'));
      return /cluster_state:ok/.test(info) && /cluster_known_nodes:3/.test(info) ? true : undefined;
    });
    await node.quit();
  }

  const [first, last] = [tempDir(), tempDir()];
  const store = await startStore({ dir: first });
  const lives = await makeLives(store, 16, 21);
  const before = await lives.read(store);
  await store.stop();
  const cluster = storePlace(`redis+cluster://127.0.0.1:${servers[1]?.port}`, { mustExist: false });
  const folder = (dir: string) => storePlace(`file:${dir}`, { mustExist: false });
  const there = await moveStores({ source: folder(first), target: cluster }, () => {});
  const back = await moveStores({ source: cluster, target: folder(last) }, () => {});
  assert.deepEqual([there.differences, back.differences], [[], []]);
  assert.deepEqual(back.tally, there.tally);
  const present = await startStore({ dir: last });
  t.after(() => present.stop());
  assert.deepEqual(await lives.read(present), before);
  await lives.goOn(present);
});
