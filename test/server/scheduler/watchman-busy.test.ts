/** A healthy store under load: whatever moves, the watchman finds nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEngine } from '../../../server/engine.ts';
import { createStoreClock } from '../../../server/scheduler/store-clock.ts';
import { askedRunId, newTaskId, partitionOfId } from '../../../server/store/ids.ts';
import { createRedisStore } from '../../../server/store/redis/redis-store.ts';
import type { StoreListener } from '../../../server/store/requests.ts';
import { createSqliteStore } from '../../../server/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../server/store/store.ts';
import { newTask, pause, redefine, reschedule, resume } from '../../../server/tasks/task-changes.ts';
import type { OverlapPolicy, Schedule } from '../../../shared/task.ts';
import { definition, logger, seededRandom } from '../../helpers/engine-harness.ts';
import { redisUrl } from '../../helpers/redis.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { newPrefix, removeKeys } from '../../store/redis/open-redis-store.ts';
import { watchScene } from './support/watch-scene.ts';

const SEED = 20_261_123;
const OWNERS = ['a', 'b', 'c', 'd', 'e'];
const OVERLAPS: OverlapPolicy[] = ['skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all'];
/** At least; and at least so many double looks, however slow the machine. */
const RUN_FOR_MS = 5_000;
const LOOKS = 3;

async function busy(
  store: Store,
  redis: { url: string | null; keyPrefix?: string },
  start: (listener: StoreListener) => Promise<unknown>,
): Promise<void> {
  const random = seededRandom(SEED);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  let engine: ReturnType<typeof createEngine> | null = null;
  await start({ onWake: (wake) => engine?.onWake(wake), onRollback() {}, onHealth() {} });
  const clock = createStoreClock({
    store,
    host: { now: () => Date.now() },
    monotonicMs: () => performance.now(),
    logger,
  });
  await clock.start();
  engine = createEngine({
    config: { redisUrl: redis.url, leaseMs: 2_000, workerConcurrency: 20, shutdownGraceMs: 5_000 },
    ...{ store, clock, logger, http: {} as never, id: 'busy', onFatal: (_, why) => assert.fail(why) },
    ...(redis.keyPrefix === undefined ? {} : { keyPrefix: redis.keyPrefix }),
    actions: {
      async run(): Promise<never> {
        await new Promise((resolve) => setTimeout(resolve, random() * 60));
        if (random() < 0.3) throw new Error('again');
        return { kind: 'ok' } as never;
      },
    } as never,
  });
  await engine.start();

  const ids: string[] = [];
  const make = async (schedule: Schedule) => {
    const owner = pick(OWNERS);
    const policy = {
      overlap: pick(OVERLAPS),
      retry: { maxAttempts: 3, baseDelayMs: 50, maxDelayMs: 300 },
      ...(random() < 0.2 ? { pauseAfterFailures: 2 } : {}),
    };
    const task = newTask(newTaskId(owner), definition(schedule, policy), await store.time(), 'f');
    const [answer] = await store.createTasks(owner, [task], 10_000);
    if (answer?.code === 'created') ids.push(task.id);
  };
  for (let n = 0; n < 60; n += 1)
    await make({ kind: 'every', everyMs: 1_000, anchorAt: Math.floor(random() * 1_000) });

  async function disturb(): Promise<void> {
    const id = pick(ids);
    const task = await store.getTask(id);
    const now = await store.time();
    if (task === null || task.closing !== null) return;
    const chance = random();
    if (chance < 0.15) await make({ kind: 'at', at: now + Math.floor(random() * 2_000) });
    else if (chance < 0.3) {
      const change =
        task.state === 'active' ? pause(task, now) : task.state === 'paused' ? resume(task, now) : null;
      if (change !== null && change !== 'behind') await store.changeTask(change);
    } else if (chance < 0.4) {
      const schedule: Schedule = { kind: 'every', everyMs: 1_000 + Math.floor(random() * 500) };
      const change = reschedule(task, { ...task.definition, schedule }, now);
      if (change !== 'behind') await store.changeTask(change);
    } else if (chance < 0.5) await store.changeTask(redefine(task, { ...task.definition, name: 'other' }));
    else if (chance < 0.7) {
      const policy = {
        overlap: 'skip',
        priority: Math.floor(random() * 3),
        timeoutMs: 5_000,
        lateAfterMs: 1_000,
      } as const;
      const line = random() < 0.5 ? 'free' : 'late';
      const trigger = line === 'free' ? 'manual' : 'backfill';
      const at = line === 'free' ? null : now - 1_000;
      const asked = {
        id: askedRunId(id, trigger),
        taskId: id,
        trigger,
        line,
        plannedAt: at,
        nominalAt: at,
        retryOf: null,
        policy,
      } as const;
      await store.askRuns(id, [asked], 100);
    } else if (chance < 0.95) {
      const [run] = (await store.listRuns({ taskId: id }, { limit: 1 })).items;
      if (run !== undefined) await store.cancelRun(run.id);
    } else {
      await store.deleteTask(id);
      ids.splice(ids.indexOf(id), 1);
    }
  }

  const scene = await watchScene(store);
  const until = performance.now() + RUN_FOR_MS;
  let looks = 0;
  const disturbing = (async () => {
    while (performance.now() < until || looks < LOOKS) await disturb();
  })();
  while (performance.now() < until || looks < LOOKS) {
    await scene.lookTwice();
    looks += 1;
  }
  await disturbing;
  const { looked, found } = scene.watchman.state();
  assert.deepEqual(found, {}, JSON.stringify(scene.lines));
  assert.ok(looked > 40 * looks, `${looked} tasks in ${looks} looks`);
  let runs = 0;
  for (const id of ids) {
    const { findings } = {
      findings: await store.inspectTasks(partitionOfId(id) as number, { taskIds: [id] }),
    };
    assert.deepEqual(
      findings.tasks.flatMap(({ faults }) => faults),
      [],
    );
    runs += (await store.listRuns({ taskId: id }, { limit: 100 })).items.length;
  }
  assert.ok(runs > 100, `${runs} runs`);
  await engine.stop();
  await clock.stop();
  await store.stop();
}

test('embedded: nothing is found while everything moves', async () => {
  const store = createSqliteStore({ dir: tempDir() });
  await busy(store, { url: null }, (listener) => store.start(listener));
});

const url = redisUrl();
test('Redis: nothing is found while everything moves', { skip: url === null && 'needs redis' }, async () => {
  const keyPrefix = newPrefix();
  const store = createRedisStore({ url: url as string, keyPrefix });
  try {
    await busy(store, { url, keyPrefix }, (listener) => store.start(listener));
  } finally {
    await removeKeys(url as string, keyPrefix);
  }
});
