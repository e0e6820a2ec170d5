/** The watchman on Redis: keys changed behind the server's back. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Redis } from 'ioredis';
import type { FindingKind } from '../../../server/scheduler/watchman-looks.ts';
import { createKeys, type Keys } from '../../../server/store/redis/keys.ts';
import { workOff } from '../../helpers/engine-harness.ts';
import { redisUrl } from '../../helpers/redis.ts';
import { askedRun, ownerIn } from '../../store/contract/build.ts';
import { openRedisStore } from '../../store/redis/open-redis-store.ts';
import { onScene, read, watchBoth } from './support/watch-both.ts';
import { assertAudited, fireNow, ownTask } from './support/watch-scene.ts';

const HOUR_MS = 3_600_000;
const url = redisUrl();

interface Broken {
  redis: Redis;
  /** The key of the task's partition. */
  key(name: Parameters<Keys['of']>[1], id?: string): string;
  taskId: string;
  partition: number;
  /** Rewrites one string. */
  edit(key: string, change: (text: string) => string): Promise<void>;
}

async function open() {
  const opened = await openRedisStore(url as string);
  const redis = new Redis(url as string);
  return {
    ...opened,
    redis,
    async close() {
      await redis.quit();
      await opened.close();
    },
  };
}

/** What a corruption must come to: found, put right, and the task's two owed slots run; then nothing is found any more. */
function corrupted(
  name: string,
  corrupt: (broken: Broken) => Promise<unknown>,
  kinds: Partial<Record<FindingKind, number>>,
): void {
  it(
    `Redis, changed by hand: ${name}`,
    onScene(open, async (scene, { store, redis, keyPrefix }) => {
      const task = await ownTask(store, { kind: 'every', everyMs: HOUR_MS }, 2 * HOUR_MS + 60_000);
      await fireNow(store, task.id);
      const partition = Number.parseInt(task.id.slice(0, 2), 16);
      const keys = createKeys(keyPrefix);
      await corrupt({
        ...{ redis, taskId: task.id, partition },
        key: (kind, id) => keys.of(partition, kind, id),
        async edit(key, change) {
          const text = await redis.get(key);
          assert.ok(text !== null);
          assert.notEqual(change(text), text);
          await redis.set(key, change(text));
        },
      });
      await scene.lookTwice();
      scene.assertRepaired(kinds);
      // A lease that was put right ends (1 s) and is taken back.
      for (let rounds = 0; rounds < 400; rounds += 1) {
        await store.recoverRuns(partition, { limit: 10, countLosses: false });
        await workOff(store);
        const { live, waiting } = await read(store, task.id);
        const { items } = await store.listRuns({ taskId: task.id }, { limit: 10 });
        if (live + waiting === 0 && items.every(({ endedAt }) => endedAt !== null)) break;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const { items } = await store.listRuns({ taskId: task.id }, { limit: 10 });
      assert.deepEqual(
        items.map(({ state }) => state),
        ['succeeded', 'succeeded'],
      );
      const { nextAt } = await read(store, task.id);
      const due = await store.loadDue(partition, nextAt as number, 10);
      assert.deepEqual(
        due.map(({ id }) => id),
        [task.id],
        'it fires again',
      );
      assert.deepEqual(
        (await store.listTasks('owner')).map(({ id }) => id),
        [task.id],
      );
      await assertAudited(store, task);
      await scene.lookTwice();
      scene.assertRepaired(kinds);
    }),
  );
}

/** The list of the partition's tasks that has this one: lua/_keys.lua. */
const listOf = (taskId: string) =>
  `${taskId[2]}${Math.floor('234567abcdefghijklmnopqrstuvwxyz'.indexOf(taskId[3] as string) / 4)}`;

/** Makes the ready run look as if it had been claimed (r) and had failed (w), without the entries that belong to it. */
async function claim({ redis, key }: Broken, state: 'r' | 'w'): Promise<string> {
  const [lane] = await redis.zrange(key('TURNS'), '0', '0');
  assert.ok(lane !== undefined);
  const runId = (await redis.lpop(key('QUEUE', lane))) as string;
  await redis.zrem(key('TURNS'), lane);
  const text = (await redis.get(key('RUN', runId))) as string;
  const [seconds] = await redis.time();
  const now = Number(seconds) * 1_000;
  const [changing, fixed] = text.split('\n') as [string, string];
  // kind timeout late_after priority day
  const kept = changing.split(' ').slice(3, 8).join(' ');
  // state seq until, what is kept, first attempt token fence failures queued rest
  const record =
    state === 'r'
      ? [`r 2 ${now + 25_000} ${kept} ${now} 1 t 1024 0 ${now} 0,-,0`, fixed, `[1,1024,"w",${now}`, '']
      : [`w 3 ${now} ${kept} ${now} 1 t 1024 1 ${now} 0,-,0`, fixed, `[1,1024,"w",${now},${now},"f"]`, ''];
  await redis.set(key('RUN', runId), record.join('\n'));
  return runId;
}

if (url === null) {
  it('the watchman on Redis', { skip: 'needs redis' }, () => {});
} else {
  watchBoth('Redis', open);

  corrupted('no due entry', ({ redis, key, taskId }) => redis.zrem(key('DUE'), taskId), { due_entry: 1 });
  corrupted('another due entry', ({ redis, key, taskId }) => redis.zadd(key('DUE'), String(9e12), taskId), {
    due_entry: 1,
  });
  corrupted(
    'a queued run in no queue',
    async ({ redis, key }) => {
      const [lane] = await redis.zrange(key('TURNS'), '0', '0');
      assert.ok(lane !== undefined);
      await redis.unlink(key('QUEUE', lane));
    },
    { queue_entry: 1 },
  );
  corrupted('a queue that nobody serves', ({ redis, key }) => redis.unlink(key('TURNS')), { queue_entry: 1 });
  corrupted('a running run without a lease', (broken) => claim(broken, 'r'), { lease_entry: 1 });
  corrupted(
    'a lease without end',
    async (broken) => broken.redis.zadd(broken.key('LEASES'), String(9e12), await claim(broken, 'r')),
    { lease_entry: 1 },
  );
  corrupted('a retry that nobody plans', (broken) => claim(broken, 'w'), { retry_entry: 1 });
  corrupted(
    'a retry planned for another time',
    async (broken) => broken.redis.zadd(broken.key('RETRIES'), String(9e12), await claim(broken, 'w')),
    { retry_entry: 1 },
  );
  corrupted(
    'lists of runs that are not there',
    ({ edit, key, taskId }) =>
      // seq state owner closing live held late waiting: three of them wrong.
      edit(key('TASK', taskId), (text) =>
        text.replace(/^(\S+ \S+ \S+ \S+) \S+ \S+ \S+ \S+/, '$1 12345 12346 - 7'),
      ),
    { run_list: 4 },
  );
  corrupted('no list of waiting runs', ({ redis, key, taskId }) => redis.unlink(key('WAITING', taskId)), {
    run_list: 1,
  });
  corrupted(
    'the task missing from both lists of tasks',
    async ({ redis, key, taskId }) => {
      await redis.zrem(key('TASKS', listOf(taskId)), taskId);
      await redis.zrem(key('OWNER_TASKS', 'owner'), taskId);
    },
    { index_entry: 2 },
  );
  corrupted(
    'entries of nobody in every index',
    async ({ redis, key, partition }) => {
      const nobody = `${partition.toString(16).padStart(2, '0')}aaaaaaaaaaaaaaaa`;
      await redis.zadd(key('DUE'), 9e12, nobody);
      await redis.zadd(key('TASKS', listOf(nobody)), 0, nobody);
      await redis.zadd(key('OWNER_TASKS', 'owner'), 1, nobody);
      await redis.zadd(key('LEASES'), 9e12, `${nobody}:1`);
      await redis.zadd(key('RETRIES'), 9e12, `${nobody}:1`);
    },
    { stray_entry: 5 },
  );

  it(
    'Redis, changed by hand: what cannot be read is said and holds nobody up',
    onScene(open, async (scene, { store, redis, keyPrefix }) => {
      const [torn, worse, lone, half, healthy] = [
        await ownTask(store, { kind: 'every', everyMs: HOUR_MS }),
        await ownTask(store, { kind: 'every', everyMs: HOUR_MS }),
        await ownTask(store, { kind: 'every', everyMs: HOUR_MS }),
        await ownTask(store, { kind: 'every', everyMs: HOUR_MS }),
        await ownTask(store, { kind: 'every', everyMs: HOUR_MS }),
      ];
      const partition = Number.parseInt(torn.id.slice(0, 2), 16);
      const keys = createKeys(keyPrefix);
      // From its first change on a task has a second record.
      for (const { id } of [worse, lone, half]) await store.askRuns(id, [askedRun(id)], 10);
      await redis.set(keys.of(partition, 'TASK', torn.id), 'torn');
      await redis.unlink(keys.of(partition, 'TASK', half.id));
      const hot = keys.of(partition, 'TASK', worse.id);
      await redis.set(
        hot,
        ((await redis.get(hot)) as string).replace(/^(\S+ \S+ \S+ \S+ \S+ \S+ \S+) \S+/, '$1 x'),
      );
      await redis.unlink(keys.of(partition, 'DEFINITION', lone.id));
      await redis.zrem(keys.of(partition, 'DUE'), healthy.id);
      await scene.lookTwice();
      const { found, repaired } = scene.watchman.state();
      assert.deepEqual(found, { broken_record: 3, run_list: 1, due_entry: 1 });
      assert.deepEqual(repaired, { run_list: 1, due_entry: 1 });
    }),
  );

  it(
    'Redis, changed by hand: what is of the wrong type is said and holds up neither its partition nor the others',
    onScene(open, async (scene, { store, redis, keyPrefix }) => {
      const keys = createKeys(keyPrefix);
      const partitionOf = (id: string) => Number.parseInt(id.slice(0, 2), 16);
      const make = (owner: string, agoMs = 0) =>
        ownTask(store, { kind: 'every', everyMs: HOUR_MS }, agoMs, owner);
      const healthy = await make('owner');
      // In a partition before that of `owner`, so that it is looked at first.
      const before = ownerIn(partitionOf(healthy.id) - 1);
      const [listless, dayless] = [await make(before), await make(before, 72 * HOUR_MS)];
      const partition = partitionOf(listless.id);
      await store.askRuns(listless.id, [askedRun(listless.id)], 10);
      await fireNow(store, dayless.id);
      await redis.set(keys.of(partition, 'HISTORY', listless.id), 'x');
      await redis.set(keys.of(partition, 'VERDICTS', dayless.id), 'x');
      await redis.set(keys.of(partition, 'RETRIES'), 'x');
      await redis.zrem(keys.of(partitionOf(healthy.id), 'DUE'), healthy.id);
      for (let rounds = 0; rounds < 4; rounds += 1) await scene.lookTwice();
      const said = scene.lines.filter(({ msg }) => String(msg).startsWith('watchman: found'));
      assert.deepEqual(
        new Set(said.map(({ kind, id }) => `${kind} ${id}`)),
        new Set([`broken_record ${listless.id}`, `broken_record ${dayless.id}`, `due_entry ${healthy.id}`]),
      );
      const skipped = scene.lines.filter(({ msg }) => msg === 'watchman: a partition could not be looked at');
      assert.equal(skipped.length, 8, 'once a round');
      assert.equal(skipped[0]?.partition, partition);
    }),
  );
}
