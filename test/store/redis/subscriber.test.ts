/** The connection that hears: lost, refused, too early, and rid of what is no longer wanted. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { PARTITIONS } from '../../../server/store/ids.ts';
import { createKeys } from '../../../server/store/redis/keys.ts';
import { createRedisStore } from '../../../server/store/redis/redis-store.ts';
import type { Wake } from '../../../server/store/requests.ts';
import { redisServerPath, type SpawnedRedis, spawnRedis } from '../../helpers/redis.ts';
import { poll } from '../contract/bench.ts';
import { newTask, ownerIn } from '../contract/build.ts';
import { newPrefix, openListeningStore, wakeListener } from './open-redis-store.ts';

const PARTITION = 3;

describe('Redis store: hearing', { skip: redisServerPath() === null ? 'needs redis' : false }, () => {
  let server: SpawnedRedis;
  let admin: Redis;
  before(async () => {
    server = await spawnRedis();
    admin = new Redis(server.url);
    admin.on('error', () => {});
  });
  after(async () => {
    admin.disconnect();
    await server.stop();
  });

  const writer = async (keyPrefix: string) => {
    const store = createRedisStore({ url: server.url, keyPrefix });
    await store.start(wakeListener([]));
    const owner = ownerIn(PARTITION);
    const write = () => store.createTasks(owner, [newTask(owner, 0)], 1_000);
    return { write, stop: () => store.stop() };
  };

  it('a killed connection is made again: who listens is told to look, then hears on, wakes too', async () => {
    const keyPrefix = newPrefix();
    const { write, stop } = await writer(keyPrefix);
    const wakes: Wake[] = [];
    const events: number[] = [];
    const store = createRedisStore({ url: server.url, keyPrefix });
    await store.start({ ...wakeListener(wakes), onEvents: (partition) => events.push(partition) });
    store.listen([PARTITION]);
    const hint = (what: string, count: number) =>
      poll(what, async () => (events.length >= count ? true : undefined));
    await hint('the subscription', 1);
    await write();
    await hint('a hint', 2);
    assert.deepEqual(events, [PARTITION, PARTITION]);
    wakes.length = 0;
    assert.ok(Number(await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')) >= 1);
    await hint('told to look', 3);
    assert.deepEqual(wakes, []);
    await write();
    await hint('a hint again', 4);
    await poll('a wake again', async () => (wakes.length > 0 ? true : undefined));
    assert.deepEqual(new Set(events), new Set([PARTITION]));
    await store.stop();
    await stop();
  });

  it('what is asked for before the start, and while Redis is away, is taken up later', async () => {
    const keyPrefix = newPrefix();
    const events: number[] = [];
    const store = createRedisStore({ url: server.url, keyPrefix });
    const heard = (partition: number) =>
      poll(`a hint of ${partition}`, async () => (events.includes(partition) ? true : undefined));
    store.listen([1]);
    let isUp = true;
    await store.start({
      ...wakeListener([]),
      onHealth: (up) => {
        isUp = up;
      },
      onEvents: (partition) => events.push(partition),
    });
    await heard(1);
    await server.kill9();
    await poll('away', async () => (isUp ? undefined : true));
    events.length = 0;
    store.listen([2, PARTITION]);
    await server.restart();
    await heard(2);
    await heard(PARTITION);
    assert.ok(!events.includes(1), 'no longer asked for');
    await store.stop();
  });

  it('a connection that went silent is given up by the next check, and made again', async () => {
    const events: number[] = [];
    const store = createRedisStore({ url: server.url, keyPrefix: newPrefix() });
    await store.start({ ...wakeListener([]), onEvents: (partition) => events.push(partition) });
    process.kill(server.pid, 'SIGSTOP');
    // Nobody answers this; the connection stands.
    store.listen([PARTITION]);
    await assert.rejects(store.time());
    assert.equal(events.length, 0);
    process.kill(server.pid, 'SIGCONT');
    await poll('heard after all', async () => {
      await store.beat({ id: 'a', roles: [], startedAt: 0 }, 1_000).catch(() => {});
      return events.includes(PARTITION) ? true : undefined;
    });
    await store.stop();
  });

  it('only what is listened to is subscribed to', async () => {
    const keyPrefix = newPrefix();
    const keys = createKeys(keyPrefix);
    const { store, listenTo } = await openListeningStore(server.url, keyPrefix);
    const channels = async () => ((await admin.pubsub('CHANNELS', `{${keyPrefix}:*`)) as string[]).sort();
    const wakes = Array.from({ length: PARTITIONS }, (_, partition) => keys.wake(partition));
    await listenTo([1, PARTITION]);
    assert.deepEqual(await channels(), [keys.live(1), keys.live(PARTITION), ...wakes].sort());
    await listenTo([PARTITION]);
    await poll('unsubscribed', async () => ((await channels()).length === 17 ? true : undefined));
    assert.deepEqual(await channels(), [keys.live(PARTITION), ...wakes].sort());
    await listenTo([]);
    await poll('unsubscribed', async () => ((await channels()).length === 16 ? true : undefined));
    await store.stop();
  });

  it('a text that is none of ours is passed over', async () => {
    const keyPrefix = newPrefix();
    const channel = createKeys(keyPrefix).live(PARTITION);
    const { store, heard, listenTo } = await openListeningStore(server.url, keyPrefix);
    await listenTo([PARTITION]);
    for (const text of [
      '',
      'x',
      '{',
      'null',
      '[]',
      '{"runId":1}',
      '{"runId":"a","progress":"b","lines":[]}',
    ]) {
      await admin.publish(channel, text);
    }
    await admin.publish(channel, 'e');
    await poll('ours', async () => (heard.events.length > 0 ? true : undefined));
    assert.deepEqual(heard, { events: [PARTITION], runLogs: [] });
    await store.stop();
  });
});
