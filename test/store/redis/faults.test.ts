import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { partitionOfOwner } from '../../../server/store/ids.ts';
import { createKeys } from '../../../server/store/redis/keys.ts';
import { createRedisStore } from '../../../server/store/redis/redis-store.ts';
import type { Wake } from '../../../server/store/requests.ts';
import { StoreUnavailableError } from '../../../server/store/status.ts';
import type { Store } from '../../../server/store/store.ts';
import { createFaultProxy, type FaultProxy } from '../../helpers/fault-proxy.ts';
import { redisServerPath, type SpawnedRedis, spawnRedis } from '../../helpers/redis.ts';
import { poll } from '../contract/bench.ts';
import {
  askedRun,
  claimRequest,
  finishRequest,
  fireRequest,
  fireSlot,
  newTask,
  ownerIn,
} from '../contract/build.ts';
import { newPrefix } from './open-redis-store.ts';

/** What a listener heard. */
interface Heard {
  health: boolean[];
  rollbacks: number[];
  wakes: Wake[];
}

async function open(
  url: string,
  keyPrefix = newPrefix(),
): Promise<{ store: Store; heard: Heard; keyPrefix: string }> {
  const heard: Heard = { health: [], rollbacks: [], wakes: [] };
  const store = createRedisStore({ url, keyPrefix });
  await store.start({
    onWake: (wake) => heard.wakes.push(wake),
    onHealth: (up) => heard.health.push(up),
    onRollback: (partition) => heard.rollbacks.push(partition),
  });
  return { store, heard, keyPrefix };
}

/** Rejects with StoreUnavailableError, within 1 s. */
async function unavailable(step: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await assert.rejects(step, StoreUnavailableError);
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs < 1_000, `${tookMs} ms`);
}

async function firedTask(store: Store, slots = 1) {
  const ownerId = ownerIn();
  const partition = partitionOfOwner(ownerId);
  const originAt = (await store.time()) - 3_600_000;
  const task = newTask(ownerId, originAt);
  await store.createTasks(ownerId, [task], 10);
  const decisions = Array.from({ length: slots }, (_, k) => fireSlot(originAt + k * 1_000));
  await store.fireSlots(partition, [fireRequest({ ...task, version: 1 }, decisions)]);
  return { ownerId, partition, task };
}

describe('Redis store: faults', { skip: redisServerPath() === null ? 'needs redis' : false }, () => {
  let server: SpawnedRedis;
  let proxy: FaultProxy;
  let admin: Redis;
  before(async () => {
    server = await spawnRedis();
    proxy = await createFaultProxy({ targetPort: server.port });
    admin = new Redis(server.url);
    admin.on('error', () => {});
  });
  beforeEach(() => proxy.heal());
  after(async () => {
    admin.disconnect();
    await proxy.close();
    await server.stop();
  });
  const throughProxy = () => `redis://127.0.0.1:${proxy.port}`;

  it('a black hole: every operation rejects within 1 s, and all is well after it', async () => {
    const { store, heard } = await open(throughProxy());
    const { task, partition, ownerId } = await firedTask(store);
    proxy.blackhole();
    for (const step of [
      () => store.time(),
      () => store.getTask(task.id),
      () => store.listTasks(ownerId),
      () => store.claimRuns(partition, claimRequest(1)),
      () => store.fireSlots(partition, []),
      () => store.listRuns({ taskId: task.id }, { limit: 10 }),
      () => store.beat({ id: 'a', roles: [], startedAt: 0 }, 1_000),
    ]) {
      await unavailable(step);
    }
    await poll('the silent connection is given up', async () =>
      heard.health.includes(false) ? true : undefined,
    );
    await proxy.heal();
    await poll('reachable again', async () => (heard.health.at(-1) === true ? true : undefined));
    assert.equal((await store.claimRuns(partition, claimRequest(1))).length, 1);
    assert.deepEqual(heard.rollbacks, []);
    await store.stop();
  });

  it('refused connections: rejects at once, says so, comes back by itself', async () => {
    const { store, heard } = await open(throughProxy());
    await proxy.refuse();
    await poll('unreachable', async () => (heard.health.at(-1) === false ? true : undefined));
    await unavailable(() => store.time());
    await proxy.heal();
    await poll('reachable again', async () => (heard.health.at(-1) === true ? true : undefined));
    await store.time();
    assert.deepEqual(heard.health, [false, true]);
    await store.stop();
  });

  it('an answer lost after the step was applied: it is not sent again, and the repeat answers the same', async () => {
    const { store } = await open(throughProxy());
    const { partition, task } = await firedTask(store, 3);
    const claim = claimRequest(2);
    const { dropped } = proxy.dropNextReply((request) => request.includes(claim.requestId));
    await unavailable(() => store.claimRuns(partition, claim));
    await dropped;
    const runs = await poll('connected again', () =>
      store.claimRuns(partition, claim).catch(() => undefined),
    );
    assert.equal(runs.length, 2);
    assert.deepEqual(await store.claimRuns(partition, claim), runs);
    const items = runs.map((run) => finishRequest(run));
    // The script is there, so that the next answer is the step's own.
    await store.finishRuns(partition, []);
    const lost = proxy.dropNextReply((request) => request.includes(items[0]?.runId as string));
    await unavailable(() => store.finishRuns(partition, items));
    await lost.dropped;
    const { finished } = await poll('connected again', () =>
      store.finishRuns(partition, items).catch(() => undefined),
    );
    assert.deepEqual(
      finished.map(({ code }) => code),
      ['already_done', 'already_done'],
    );
    assert.equal((await store.getTask(task.id))?.live, 1);
    await store.stop();
  });

  it('Redis killed and restarted: nothing acknowledged is lost, no rollback is seen, scripts are loaded again', async () => {
    const { store, heard } = await open(server.url);
    const { partition, task } = await firedTask(store);
    // everysec: what the kernel has survives the process.
    await server.kill9();
    await unavailable(() => store.getTask(task.id));
    await server.restart();
    await poll('reachable again', async () => (heard.health.at(-1) === true ? true : undefined));
    const [run] = await store.claimRuns(partition, claimRequest(1));
    assert.equal(run?.taskId, task.id);
    assert.deepEqual(heard.rollbacks, []);
    heard.wakes.length = 0;
    await poll('wakes arrive again', async () => {
      await store.askRuns(task.id, [askedRun(task.id)], 100);
      return heard.wakes.some((wake) => wake.kind === 'ready' && wake.partition === partition) || undefined;
    });
    await store.stop();
  });

  it('scripts forgotten by Redis are sent again', async () => {
    const { store } = await open(server.url);
    const { task } = await firedTask(store);
    await admin.script('FLUSH');
    assert.equal((await store.listSegments(task.id)).length, 1);
    await admin.script('FLUSH');
    const answers = await Promise.all([store.deleteTask(task.id), store.deleteTask(task.id), store.time()]);
    assert.deepEqual(answers.slice(0, 2), [true, false]);
    await store.stop();
  });

  it('memory full: what makes more is refused as unavailable with nothing written, what ends runs still works', async () => {
    const { store, keyPrefix, heard } = await open(server.url);
    const { partition, task, ownerId } = await firedTask(store, 2);
    const [run] = await store.claimRuns(partition, claimRequest(1));
    assert.ok(run !== undefined);
    const keys = createKeys(keyPrefix);
    const names = async () => (await admin.keys(`{${keyPrefix}:*`)).sort();
    const before = [await names(), await admin.hget(keys.partition(partition), 'w')];
    await admin.config('SET', 'maxmemory', '1');
    try {
      const more = newTask(ownerId, 0);
      await unavailable(() => store.createTasks(ownerId, [more], 10));
      await unavailable(() => store.claimRuns(partition, claimRequest(1)));
      await unavailable(() => store.putDocument(ownerId, 'kind', 'id', 1, { ifVersion: 0 }));
      assert.deepEqual([await names(), await admin.hget(keys.partition(partition), 'w')], before);
      const { finished } = await store.finishRuns(partition, [finishRequest(run)]);
      assert.equal(finished[0]?.code, 'finished');
      assert.equal((await store.cancelRun(`${task.id}:${run.plannedAt + 1_000}`)).code, 'cancelled');
    } finally {
      await admin.config('SET', 'maxmemory', '0');
    }
    assert.deepEqual([heard.health, heard.rollbacks], [[], []]);
    await store.stop();
  });

  it('Redis set back in time: each server is told once per partition, and they agree on the new epoch', async () => {
    const first = await open(server.url);
    const second = await open(server.url, first.keyPrefix);
    const { partition, ownerId, task } = await firedTask(first.store);
    await second.store.claimRuns(partition, claimRequest(1));
    const keys = createKeys(first.keyPrefix);
    const before = await first.store.readEvents(partition, null, 100);
    // Acknowledged writes are lost: the partition as it was some steps ago.
    await admin.hset(keys.partition(partition), 'w', 1);
    await Promise.all([1, 2, 3].map(() => first.store.askRuns(task.id, [askedRun(task.id)], 10)));
    await poll('the first notices', async () => (first.heard.rollbacks.length > 0 ? true : undefined));
    // A server that does nothing looks every few beats.
    const beats = async ({ store, heard }: typeof first, rollbacks: number) => {
      await store.beat({ id: 'idle', roles: [], startedAt: 0 }, 1_000);
      return heard.rollbacks.length === rollbacks ? true : undefined;
    };
    await poll('the second notices', () => beats(second, 1));
    assert.deepEqual([first.heard.rollbacks, second.heard.rollbacks], [[partition], [partition]]);
    const [one, two] = await Promise.all(
      [first, second].map(({ store }) => store.readEvents(partition, null, 100)),
    );
    assert.equal(one?.epoch, two?.epoch);
    assert.notEqual(one?.epoch, before.epoch);
    assert.equal((await first.store.readEvents(partition, before, 100)).gap, true, 'old positions are void');

    // Wiped altogether.
    await admin.unlink(keys.partition(partition));
    await second.store.createTasks(ownerId, [newTask(ownerId, 0)], 10);
    await poll('noticed again', async () => (second.heard.rollbacks.length === 2 ? true : undefined));
    await poll('the first notices too', () => beats(first, 2));
    assert.deepEqual(first.heard.rollbacks, [partition, partition]);
    await first.store.stop();
    await second.store.stop();
  });

  it('many steps under way at once on two servers: no rollback is seen where none is', async () => {
    const first = await open(server.url);
    const second = await open(server.url, first.keyPrefix);
    const { partition } = await firedTask(first.store, 100);
    await admin.script('FLUSH');
    await Promise.all(
      Array.from({ length: 200 }, (_, k) =>
        (k % 2 ? first : second).store.claimRuns(
          partition,
          claimRequest(1, { requestId: randomBytes(16).toString('hex') }),
        ),
      ),
    );
    assert.deepEqual([first.heard.rollbacks, second.heard.rollbacks], [[], []]);
    await first.store.stop();
    await second.store.stop();
  });
});
