/** Servers that announce themselves, share the partitions, and say good-bye. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLogger } from '../../../server/lib/logger.ts';
import { createPresence } from '../../../server/scheduler/presence.ts';
import { PARTITIONS } from '../../../server/store/ids.ts';
import type { ServerBeat } from '../../../server/store/requests.ts';
import type { Store } from '../../../server/store/store.ts';

const LEASE_MS = 5_000;
/** A third of the time after which a silent server is gone. */
const BEAT_MS = 1_000;
const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);

/** The beats of one store, without time: who announces itself stays until the good-bye. */
function room(t: TestContext, kind: Store['kind'] = 'redis') {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const living = new Map<string, ServerBeat>();
  const beats: [id: string, ttlMs: number][] = [];
  let gate: Promise<void> | null = null;
  let away = false;
  const store = {
    kind,
    async beat(server: ServerBeat, ttlMs: number) {
      beats.push([server.id, ttlMs]);
      if (ttlMs > 0) await gate;
      if (away) throw new Error('away');
      if (ttlMs === 0) living.delete(server.id);
      else living.set(server.id, server);
      return [...living.values()];
    },
  } as Store;
  return {
    living,
    beats,
    hold: (until: Promise<void> | null) => {
      gate = until;
    },
    leave: (is: boolean) => {
      away = is;
    },
    server: (id: string, roles = ['scheduler', 'worker']) =>
      createPresence({
        store,
        clock: { now: () => 77 },
        id,
        roles,
        leaseMs: LEASE_MS,
        logger: createLogger({ level: 'silent' }),
      }),
    async tick(ms: number) {
      t.mock.timers.tick(ms);
      for (let n = 0; n < 10; n += 1) await Promise.resolve();
    },
  };
}

test('one server owns everything; a second one takes its share when the first hears of it', async (t) => {
  const { server, tick } = room(t);
  const [a, b] = [server('a'), server('b')];
  let changes = 0;
  a.onChange(() => {
    changes += 1;
  });
  await a.start();
  assert.ok(all.every((partition) => a.owns(partition)));
  assert.equal(changes, 1);
  await b.start();
  await tick(BEAT_MS);
  assert.ok(
    all.every((partition) => a.owns(partition) !== b.owns(partition)),
    'one owner each',
  );
  assert.ok(all.some((partition) => a.owns(partition)) && all.some((partition) => b.owns(partition)));
  assert.equal(changes, 2);
  await tick(BEAT_MS);
  assert.equal(changes, 2, 'only changes are told');
  assert.deepEqual(
    a.servers().map(({ id, startedAt }) => [id, startedAt]),
    [
      ['a', 77],
      ['b', 77],
    ],
  );

  await b.stop();
  await tick(BEAT_MS);
  assert.ok(
    all.every((partition) => a.owns(partition)),
    'the good-bye gives the share back at once',
  );
});

test('servers that only answer HTTP get no share', async (t) => {
  const { server, tick } = room(t);
  const [a, api] = [server('a'), server('api', ['http'])];
  await api.start();
  await a.start();
  await tick(BEAT_MS);
  assert.ok(all.every((partition) => a.owns(partition)));
});

test('it is announced for less than a lease, three times in that span', async (t) => {
  const { server, tick, beats } = room(t);
  const a = server('a');
  await a.start();
  await tick(BEAT_MS - 1);
  assert.equal(beats.length, 1);
  await tick(1);
  assert.deepEqual(beats, [
    ['a', 3_000],
    ['a', 3_000],
  ]);
  await a.stop();
  assert.deepEqual(beats.at(-1), ['a', 0]);
});

test('while the store is away the shares stand, and beats go on', async (t) => {
  const { server, tick, beats, leave } = room(t);
  const a = server('a');
  await a.start();
  leave(true);
  await tick(BEAT_MS);
  await tick(BEAT_MS);
  assert.ok(all.every((partition) => a.owns(partition)));
  assert.equal(beats.length, 3);
  await a.stop();
});

test('a beat under way while it stops does not bring it back to life', async (t) => {
  const { server, tick, beats, living, hold } = room(t);
  const a = server('a');
  await a.start();
  let go = () => {};
  hold(new Promise((resolve) => (go = resolve)));
  await tick(BEAT_MS);
  const stopped = a.stop();
  go();
  hold(null);
  await stopped;
  const said = beats.length;
  await tick(10 * BEAT_MS);
  assert.equal(beats.length, said, 'it is silent');
  assert.deepEqual([...living.keys()], []);
});

test('the embedded store has one server, which need not repeat itself', async (t) => {
  const { server, tick, beats } = room(t, 'embedded');
  const a = server('a');
  await a.start();
  await tick(10 * BEAT_MS);
  assert.equal(beats.length, 1);
  await a.stop();
});
