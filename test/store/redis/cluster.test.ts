/** What only a Redis Cluster does: slots that move, masters that die, messages that stay with their slot. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { PARTITIONS } from '../../../server/store/ids.ts';
import { createKeys } from '../../../server/store/redis/keys.ts';
import { createRedisStore } from '../../../server/store/redis/redis-store.ts';
import type { Wake } from '../../../server/store/requests.ts';
import { StoreUnavailableError } from '../../../server/store/status.ts';
import type { Store } from '../../../server/store/store.ts';
import { redisServerPath } from '../../helpers/redis.ts';
import { type ClusterNode, type RedisCluster, spawnCluster } from '../../helpers/redis-cluster.ts';
import { poll } from '../contract/bench.ts';
import { claimRequest, finishRequest, fireRequest, fireSlot, newTask, ownerIn } from '../contract/build.ts';
import { newPrefix, openListeningStore, wakeListener } from './open-redis-store.ts';

const PARTITION = 5;

describe('Redis store: a cluster', { skip: redisServerPath() === null ? 'needs redis' : false }, () => {
  let cluster: RedisCluster;
  before(async () => {
    cluster = await spawnCluster();
  });
  after(() => cluster.stop());

  const open = async (keyPrefix = newPrefix()) => {
    const wakes: Wake[] = [];
    const rollbacks: number[] = [];
    const store = createRedisStore({ url: cluster.url, keyPrefix });
    await store.start({ ...wakeListener(wakes), onRollback: (partition) => rollbacks.push(partition) });
    return { store, wakes, rollbacks, keyPrefix, keys: createKeys(keyPrefix) };
  };
  const otherMaster = async (than: ClusterNode): Promise<ClusterNode> => {
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const master = await cluster.masterOf(createKeys('zd').partition(partition));
      if (master !== than) return master;
    }
    throw new Error('there is no other master');
  };

  it('wakes arrive from every partition, and no message goes to every node', async () => {
    const { store, wakes } = await open();
    const wakeAll = async () => {
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        await store.createTasks(ownerIn(partition), [newTask(ownerIn(partition), 0)], 100);
      }
    };
    await wakeAll();
    await poll('a wake of each', async () =>
      new Set(wakes.map(({ partition }) => partition)).size === PARTITIONS ? true : undefined,
    );
    // A node sends nothing to a replica whose link is not up yet, as just after the start: then once more.
    await poll('messages to replicas of the same slots', async () => {
      let inShard = 0;
      for (const { admin } of cluster.nodes) {
        const info = String(await admin.cluster('INFO'));
        assert.doesNotMatch(info, /messages_publish_sent:[1-9]/, 'broadcast');
        inShard += Number(/messages_publishshard_sent:(\d+)/.exec(info)?.[1] ?? 0);
      }
      if (inShard >= PARTITIONS) return true;
      await wakeAll();
      return undefined;
    });
    await store.stop();
  });

  it('a killed connection is made again: who listens is told to look, then hears on, wakes too', async () => {
    const { store, keyPrefix } = await open();
    const wakes: Wake[] = [];
    const events: number[] = [];
    const hearing = createRedisStore({ url: cluster.url, keyPrefix });
    await hearing.start({ ...wakeListener(wakes), onEvents: (partition) => events.push(partition) });
    hearing.listen([PARTITION]);
    const hint = (what: string, count: number) =>
      poll(what, async () => (events.length >= count ? true : undefined));
    const owner = ownerIn(PARTITION);
    await hint('the subscription', 1);
    await store.createTasks(owner, [newTask(owner, 0)], 100);
    await hint('a hint', 2);
    let killed = 0;
    for (const { admin } of cluster.nodes)
      killed += Number(await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
    assert.ok(killed >= 2, `${killed} connections`);
    await hint('told to look', 3);
    wakes.length = 0;
    await store.createTasks(owner, [newTask(owner, 0)], 100);
    await hint('a hint again', 4);
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      await poll(`a wake of ${partition} again`, async () => {
        await store.createTasks(ownerIn(partition), [newTask(ownerIn(partition), 0)], 1_000);
        return wakes.some((wake) => wake.partition === partition) ? true : undefined;
      });
    }
    assert.deepEqual(new Set(events), new Set([PARTITION]));
    hearing.listen([]);
    await poll('unsubscribed', async () => {
      const counts = await Promise.all(
        cluster.nodes.map(({ admin }) => admin.call('PUBSUB', 'SHARDCHANNELS', `{${keyPrefix}:*live`)),
      );
      return counts.every((names) => (names as string[]).length === 0) ? true : undefined;
    });
    await hearing.stop();
    await store.stop();
  });

  it('the time comes from one node', async () => {
    const { store } = await open();
    const asked = () =>
      Promise.all(
        cluster.nodes.map(async ({ admin }) =>
          Number(/cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0),
        ),
      );
    const before = await asked();
    for (let n = 0; n < 30; n += 1) await store.time();
    const by = (await asked()).map((calls, index) => calls - (before[index] as number));
    assert.deepEqual(
      by.filter((calls) => calls > 0),
      [30],
    );
    await store.stop();
  });

  it('a slot moves under load: each step happens whole or not at all, and hints come from the new place', async () => {
    const { store, rollbacks, keyPrefix, keys } = await open();
    const { store: hearing, heard, listenTo } = await openListeningStore(cluster.url, keyPrefix);
    await listenTo([PARTITION]);
    const owner = ownerIn(PARTITION);
    const originAt = (await store.time()) - 3_600_000;
    const before = Array.from({ length: 40 }, () => newTask(owner, originAt));
    await store.createTasks(owner, before, 1_000);

    const work = await loadWhile(store, owner, originAt, before, async (between) => {
      const from = await cluster.masterOf(keys.partition(PARTITION));
      const moved = await cluster.moveSlot(keys.partition(PARTITION), await otherMaster(from), between);
      assert.ok(moved > 50, `${moved} keys moved`);
    });
    assert.ok(work.refused > 0, 'the move was felt');
    await poll(
      'the new place answers',
      async () => (await store.getTask(before[0]?.id as string)) ?? undefined,
    );

    // Whatever was asked for and not acknowledged is there or not; whatever was acknowledged is there, whole.
    const tasks = new Map((await store.listTasks(owner)).map((task) => [task.id, task]));
    for (const id of work.created) assert.ok(tasks.has(id), `task ${id} was acknowledged`);
    for (const { id } of before) assert.ok(tasks.has(id), `task ${id} was there before`);
    assert.ok(work.finished.length > 0);
    for (const runId of work.finished) assert.equal((await store.getRun(runId))?.state, 'succeeded', runId);
    const fired = await Promise.all([...tasks.values()].map((task) => countsOf(store, task.id)));
    for (const { verdicts, runs, days, id } of fired) {
      assert.equal(runs, verdicts, `${id}: a run for each verdict`);
      assert.equal(days, runs, `${id}: the day counters know each`);
    }
    assert.deepEqual(rollbacks, [], 'no loss is seen where none is');

    heard.events.length = 0;
    await poll('hints from the new place', async () => {
      await store.createTasks(owner, [newTask(owner, 0)], 10_000);
      return heard.events.includes(PARTITION) ? true : undefined;
    });
    await hearing.stop();
    await store.stop();
  });

  it('a new master has no scripts: they are sent, and hints come from it', async () => {
    const { store, keyPrefix, keys, rollbacks } = await open();
    const { store: hearing, heard, listenTo } = await openListeningStore(cluster.url, keyPrefix);
    await listenTo([PARTITION]);
    const owner = ownerIn(PARTITION);
    await store.createTasks(owner, [newTask(owner, 0)], 10);
    const master = await cluster.masterOf(keys.partition(PARTITION));
    const replica = await cluster.replicaOf(master);
    await replica.admin.script('FLUSH');
    await cluster.failOver(replica);
    heard.events.length = 0;
    await poll('the new master is found', async () => {
      const [answer] = await store.createTasks(owner, [newTask(owner, 0)], 100).catch(() => []);
      return answer;
    });
    await poll('hints from it', async () => {
      await store.createTasks(owner, [newTask(owner, 0)], 10_000);
      return heard.events.includes(PARTITION) ? true : undefined;
    });
    assert.deepEqual(rollbacks, []);
    await hearing.stop();
    await store.stop();
  });

  it('a master is killed: unavailable at once, found again when the replica has taken over', async () => {
    const { store, keyPrefix, keys } = await open();
    const { store: hearing, heard, listenTo } = await openListeningStore(cluster.url, keyPrefix);
    await listenTo([PARTITION]);
    const owner = ownerIn(PARTITION);
    const [made] = await store.createTasks(owner, [newTask(owner, 0)], 10);
    assert.equal(made?.code, 'created');
    const master = await cluster.masterOf(keys.partition(PARTITION));
    await cluster.replicaOf(master);
    await master.server.kill9();
    const startedAt = performance.now();
    await assert.rejects(store.createTasks(owner, [newTask(owner, 0)], 10), StoreUnavailableError);
    assert.ok(performance.now() - startedAt < 1_000, 'within a second');
    await poll(
      'the replica serves',
      async () => {
        // The other masters answer all the while: nobody may wait for all to fall silent.
        for (let p = 0; p < PARTITIONS; p += 1) await store.listTasks(ownerIn(p)).catch(() => []);
        const [answer] = await store.createTasks(owner, [newTask(owner, 0)], 100).catch(() => []);
        return answer;
      },
      20_000,
    );
    heard.events.length = 0;
    await poll('hints from it', async () => {
      await store.createTasks(owner, [newTask(owner, 0)], 10_000);
      return heard.events.includes(PARTITION) ? true : undefined;
    });
    await master.server.restart();
    await cluster.whole();
    await hearing.stop();
    await store.stop();
  });

  it('a server starts while a slot is on its way: it serves the others, and this one once it has arrived', async () => {
    const { store, keyPrefix, keys } = await open();
    const [owner, another] = [ownerIn(PARTITION), ownerIn(PARTITION + 1)];
    await store.createTasks(
      owner,
      Array.from({ length: 20 }, () => newTask(owner, 0)),
      100,
    );
    const isOnItsWay = (one: Store) =>
      one.listTasks(owner).then(
        () => false,
        (error) => error instanceof StoreUnavailableError,
      );
    let started: Awaited<ReturnType<typeof open>> | null = null;
    const from = await cluster.masterOf(keys.partition(PARTITION));
    await cluster.moveSlot(keys.partition(PARTITION), await otherMaster(from), async () => {
      if (started !== null || !(await isOnItsWay(store))) return;
      started = await open(keyPrefix);
      assert.ok(await isOnItsWay(started.store), 'it was started meanwhile');
      assert.deepEqual(await started.store.listTasks(another), []);
    });
    assert.ok(started !== null, 'it was on its way');
    const { store: late, rollbacks } = started as Awaited<ReturnType<typeof open>>;
    await poll('it has arrived', async () => {
      const [answer] = await late.createTasks(owner, [newTask(owner, 0)], 100).catch(() => []);
      return answer;
    });
    assert.equal((await late.listTasks(owner)).length, 21);
    assert.deepEqual(rollbacks, []);
    await late.stop();
    await store.stop();
  });

  it('all nodes are killed at once: found again when they are back', async () => {
    const health: boolean[] = [];
    const store = createRedisStore({ url: cluster.url, keyPrefix: newPrefix() });
    await store.start({ onWake() {}, onRollback() {}, onHealth: (up) => health.push(up) });
    await Promise.all(cluster.nodes.map(({ server }) => server.kill9()));
    await poll('given up', async () => {
      await assert.rejects(store.time(), StoreUnavailableError);
      return health.includes(false) ? true : undefined;
    });
    await Promise.all(cluster.nodes.map(({ server }) => server.restart()));
    await cluster.whole();
    await poll('it answers', () => store.time().catch(() => undefined));
    await poll('said to be back', async () => (health.at(-1) ? true : undefined));
    await store.stop();
  });
});

/** Creates, fires, claims and finishes all the while; answers what was acknowledged. */
async function loadWhile(
  store: Store,
  owner: string,
  originAt: number,
  tasks: { id: string }[],
  body: (between: () => Promise<void>) => Promise<void>,
) {
  const work = { created: [] as string[], finished: [] as string[], refused: 0 };
  let next = 0;
  const tries = async (step: () => Promise<void>) => {
    await step().catch((error: unknown) => {
      assert.ok(error instanceof StoreUnavailableError, `${error}`);
      work.refused += 1;
    });
  };
  const round = async () => {
    await tries(async () => {
      const [answer] = await store.createTasks(owner, [newTask(owner, originAt)], 10_000);
      if (answer?.code === 'created') work.created.push(answer.task.id);
    });
    await tries(async () => {
      const task = await store.getTask(tasks[next++ % tasks.length]?.id as string);
      assert.ok(task !== null, 'a task does not vanish');
      const fire = fireRequest(task, [fireSlot(task.cursorAt + 1_000)]);
      await store.fireSlots(PARTITION, [fire]);
    });
    await tries(async () => {
      const runs = await store.claimRuns(PARTITION, claimRequest(5));
      const { finished } = await store.finishRuns(
        PARTITION,
        runs.map((run) => finishRequest(run)),
      );
      for (const [index, { code }] of finished.entries()) {
        assert.notEqual(code, 'gone', 'a run does not vanish');
        if (code === 'finished') work.finished.push(runs[index]?.runId as string);
      }
    });
  };
  for (let n = 0; n < 5; n += 1) await round();
  await body(round);
  for (let n = 0; n < 5; n += 1) await round();
  return work;
}

async function countsOf(store: Store, id: string) {
  const [verdicts, { items }, days] = await Promise.all([
    store.listVerdicts(id, 0, Number.MAX_SAFE_INTEGER, { limit: 1_000 }),
    store.listRuns({ taskId: id }, { limit: 1_000 }),
    store.listDays(id, '00000000'),
  ]);
  return {
    id,
    verdicts: verdicts.length,
    runs: items.length,
    days: days.reduce((sum, day) => sum + day.fired, 0),
  };
}
