/** Events reach sockets on any server of one Redis: over lost hints within seconds, and over lost writes as `reset`. */
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Redis } from 'ioredis';
import type { Task } from '../../shared/task.ts';
import { type ApiClient, createApiClient } from '../helpers/api-client.ts';
import { spawnRedis } from '../helpers/redis.ts';
import { startServer } from '../helpers/server-process.ts';
import { connectAs, type SocketClient, type SocketFrame } from '../helpers/socket-client.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { startPair } from './support/cluster.ts';
import { createHintProxy } from './support/hint-proxy.ts';
import { needsRedis } from './support/stores.ts';
import { noop, ticking } from './support/tasks.ts';
import { until } from './support/until.ts';

/** Quiet until somebody changes it. */
const quiet = (name: string) => ticking(name, noop(), { maxSlots: 1, everyMs: 86_400_000 });
const CUT_MS = 10_000;
/** The log is compared every 5 s; a second for a busy machine. */
const WITHIN_MS = 6_000;

async function rename(api: ApiClient, taskId: string, version: number): Promise<void> {
  const { status } = await api.call('PATCH', `/api/tasks/${taskId}`, {
    body: { version, name: `v${version}` },
  });
  assert.equal(status, 200);
}
const versionsOf = (socket: SocketClient, topic: string) =>
  socket.events(topic).map(({ payload }) => payload.version);

test('a socket on one server, changes on the other, and hints that are lost', {
  skip: needsRedis,
}, async (t) => {
  const redis = await spawnRedis({ dir: tempDir(t) });
  t.after(() => redis.stop());
  const proxy = await createHintProxy(redis.port);
  t.after(() => proxy.close());
  const [here, there] = await Promise.all([
    startServer({ redisUrl: `redis://127.0.0.1:${proxy.port}` }),
    startServer({ redisUrl: redis.url }),
  ]);
  t.after(() => Promise.all([here.kill9(), there.kill9()]));
  const api = createApiClient(() => there.origin, 'anna');
  const phone = await connectAs(here.origin, 'anna');
  await phone.subscribe('tasks');
  const [task] = (await api.createTasks([quiet('far away')])) as [Task];
  const isBirth = ({ type, payload }: SocketFrame) => type === 'task.created' && payload.taskId === task.id;
  await phone.next('the birth, by a hint', isBirth, 1_000);
  const topic = `task:${task.id}`;
  const whole = await phone.subscribe(topic);
  const told = () => versionsOf(phone, topic);
  let version = 1;

  /** A change each `everyMs`; each must be told within WITHIN_MS. Answers the latest, ms. */
  const changeFor = async (ms: number, everyMs: number, meanwhile: () => unknown): Promise<number> => {
    const changedAt = new Map<number, number>();
    const startedAt = performance.now();
    let latest = 0;
    await until(
      'it is over, and all is told',
      async () => {
        const passed = performance.now() - startedAt;
        if (passed < ms) await meanwhile();
        if (passed < ms && passed > changedAt.size * everyMs) {
          await rename(api, task.id, version);
          version += 1;
          changedAt.set(version, performance.now());
        }
        const late = [...changedAt]
          .filter(([one]) => !told().includes(one))
          .map(([, at]) => performance.now() - at);
        latest = Math.max(latest, ...late);
        return latest > WITHIN_MS || (passed >= ms && late.length === 0);
      },
      { everyMs: 20 },
    );
    assert.ok(latest <= WITHIN_MS, `a change was not told within ${Math.round(latest)} ms`);
    return latest;
  };

  const admin = new Redis(redis.url);
  t.after(() => admin.disconnect());
  let killed = 0;
  const kill = async () => {
    killed += (await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')) as number;
  };
  const whenKilled = await changeFor(1_500, 150, kill);
  assert.ok(killed > 4, `subscribers were cut off ${killed} times`);
  proxy.mute();
  const whenMute = await changeFor(CUT_MS, 1_000, () => undefined);
  t.diagnostic(`latest: ${Math.round(whenKilled)} ms when cut off, ${Math.round(whenMute)} ms when mute`);
  assert.ok(whenMute > 1_000, 'no hint has come through');

  assert.deepEqual(
    told(),
    Array.from({ length: version - 1 }, (_, index) => index + 2),
  );
  assert.deepEqual(
    phone.events(topic).map(({ seq }) => seq),
    told().map((_, index) => whole.payload.seq + 1 + index),
  );
  phone.cut();
});

test('Redis comes back as it was: every listener is reset', { skip: needsRedis }, async (t) => {
  const { redis, servers, ask } = await startPair(t, {});
  const api = ask(servers[1], 'anna');
  const [task] = (await api.createTasks([quiet('set back')])) as [Task];
  const topic = `task:${task.id}`;
  const phones = await Promise.all(servers.map(({ origin }) => connectAs(origin, 'anna')));
  const begun = await Promise.all(
    phones.flatMap((phone) => [phone.subscribe(topic), phone.subscribe('tasks')]),
  );
  const epoch = begun[0]?.payload.epoch as string;

  const ready = () =>
    until('the servers are ready', async () => {
      const answers = await Promise.all(
        servers.map(({ origin }) => fetch(`${origin}/readyz`).then(({ status }) => status)),
      );
      return answers.every((status) => status === 200);
    });
  const kept = join(redis.dir, 'kept');
  const data = join(redis.dir, 'appendonlydir');
  await redis.kill9();
  cpSync(data, kept, { recursive: true });
  await redis.restart();
  await ready();
  for (let version = 1; version <= 3; version += 1) await rename(api, task.id, version);
  for (const phone of phones) {
    await phone.next('the third change', ({ topic: of, payload }) => of === topic && payload.version === 4);
    assert.deepEqual(versionsOf(phone, topic), [2, 3, 4], 'a restart that loses nothing is no reset');
  }

  await redis.kill9();
  rmSync(data, { recursive: true });
  cpSync(kept, data, { recursive: true });
  await redis.restart();
  await ready();
  for (const phone of phones) {
    for (const of of [topic, 'tasks']) {
      const reset = await phone.next(
        `reset of ${of}`,
        ({ type, payload }) => type === 'reset' && payload.topic === of,
      );
      assert.notEqual(reset.payload.epoch, epoch);
      const { snapshot } = reset.payload;
      assert.equal((of === topic ? snapshot : snapshot.items[0]).version, 1);
    }
  }
  await rename(api, task.id, 1);
  for (const phone of phones) {
    const reset = phone.frames.findLastIndex(
      ({ type, payload }) => type === 'reset' && payload.topic === topic,
    );
    const is = ({ topic: of }: { topic?: string }) => of === topic;
    const next = await phone.next(
      'the next change',
      (frame) => is(frame) && phone.frames.indexOf(frame) > reset,
    );
    assert.equal(next.payload.version, 2);
    assert.equal(next.seq, phone.frames[reset]?.payload.seq + 1);
    phone.cut();
  }
});
