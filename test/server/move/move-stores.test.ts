/** Whole stores are moved, in every direction; and whatever stops a move leaves a state from which its repeat ends well. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type Moved, moveStores, type Place } from '../../../server/move/move-stores.ts';
import { MoveRefusal } from '../../../server/move/refusal.ts';
import { undoMove } from '../../../server/move/undo-move.ts';
import { storePlace } from '../../../server/store/open-store.ts';
import { StartError } from '../../../server/store/status.ts';
import type { Store } from '../../../server/store/store.ts';
import { redisUrl } from '../../helpers/redis.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { newPrefix, removeKeys } from '../../store/redis/open-redis-store.ts';
import { makeLives, startStore, type Where } from './random-lives.ts';

const url = redisUrl();
const needsRedis = { skip: url === null ? 'needs redis' : false };

const placeOf = (where: Where, mustExist = false): Place => {
  if ('dir' in where) return storePlace(`file:${where.dir}`, { mustExist });
  const place = storePlace(where.url, { mustExist, keyPrefix: where.keyPrefix });
  // Two prefixes of one Redis are two places here.
  return { ...place, label: `${place.label}#${where.keyPrefix}` };
};

/** The place, whose store does some things otherwise. */
const altered = (place: Place, alter: (store: Store) => Partial<Store>): Place => ({
  label: place.label,
  open() {
    const store = place.open();
    return Object.assign(store, alter({ ...store }));
  },
});

const move = (source: Place, target: Place): Promise<Moved> => moveStores({ source, target }, () => {});

const someFolder = (): Where => ({ dir: tempDir() });
function someRedis(t: { after(fn: () => unknown): void }): Where {
  const keyPrefix = newPrefix();
  t.after(() => removeKeys(url as string, keyPrefix));
  return { url: url as string, keyPrefix };
}

/** Does not start, for the reason given. */
const refusesServers = (where: Where, why: RegExp) =>
  assert.rejects(startStore(where), (error: Error) => {
    assert.ok(error instanceof StartError);
    assert.match(error.message, why);
    assert.equal(error.message.split('\n').length, 1);
    return true;
  });

async function refuses(source: Place, target: Place, why: RegExp): Promise<void> {
  await assert.rejects(move(source, target), (error: Error) => {
    assert.ok(error instanceof MoveRefusal, String(error));
    assert.match(error.message, why);
    return true;
  });
}

async function stores<T>(where: Where, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await startStore(where);
  try {
    return await use(store);
  } finally {
    await store.stop();
  }
}

it(
  'move: folder → Redis → Redis → folder: the same in each, and life goes on in the last',
  needsRedis,
  async (t) => {
    const chain = [someFolder(), someRedis(t), someRedis(t), someFolder()];
    const lives = await stores(chain[0] as Where, (store) => makeLives(store, 16, 1));
    const before = await stores(chain[0] as Where, (store) => lives.read(store));
    for (let n = 0; n + 1 < chain.length; n++) {
      const [from, to] = [chain[n] as Where, chain[n + 1] as Where];
      const { tally, differences } = await move(placeOf(from, true), placeOf(to));
      assert.deepEqual(differences, []);
      assert.deepEqual([tally.tasks, tally.documents], [16, 32]);
      assert.ok(tally.runs > 16 && tally.verdicts > 16 && tally.days > 10, JSON.stringify(tally));
      assert.deepEqual(await stores(to, (store) => lives.read(store)), before);
      await refusesServers(from, /was moved to .* on 20\d\d-.*--undo/);
    }
    await stores(chain.at(-1) as Where, (store) => lives.goOn(store));
  },
);

it('move: Redis → folder, and what was undone may be moved again', needsRedis, async (t) => {
  const [from, to, other] = [someRedis(t), someFolder(), someFolder()];
  const lives = await stores(from, (store) => makeLives(store, 6, 2));
  assert.deepEqual((await move(placeOf(from), placeOf(to))).differences, []);
  await refuses(placeOf(from), placeOf(other), /was moved to file:.* already; to move it again, --undo/);
  await refuses(placeOf(to), placeOf(from), /still holds what was moved to .*: delete that, or choose/);
  assert.match(await undoMove(placeOf(from)), /may start on .* again; start none on file:/);
  await assert.rejects(undoMove(placeOf(from)), /nothing to undo/);
  assert.deepEqual((await move(placeOf(from), placeOf(other))).differences, []);
  await stores(other, (store) => lives.goOn(store));
});

it(
  'move: broken off at any write and repeated, it comes to the same end; never are both open',
  needsRedis,
  async (t) => {
    const from = someFolder();
    const lives = await stores(from, (store) => makeLives(store, 1, 3));
    const before = await stores(from, (store) => lives.read(store));
    const writes = [
      'writeMark',
      'clear',
      'importTask',
      'importRuns',
      'importReady',
      'importVerdicts',
      'importDocument',
    ];
    let broken = 0;
    for (let n = 1; ; n++) {
      const to = someRedis(t);
      let left = n;
      const breaks = (store: Store): Partial<Store> =>
        Object.fromEntries(
          writes.map((name) => [
            name,
            async (...args: unknown[]) => {
              if (left-- <= 0) throw new Error('killed');
              return (store[name as keyof Store] as (...args: unknown[]) => Promise<unknown>)(...args);
            },
          ]),
        );
      const ended = await move(altered(placeOf(from), breaks), altered(placeOf(to), breaks)).then(
        () => true,
        (error: Error) => {
          assert.equal(error.message, 'killed');
          return false;
        },
      );
      const open = await Promise.all(
        [from, to].map((where) =>
          startStore(where).then(
            (store) => store.stop().then(() => true),
            () => false,
          ),
        ),
      );
      assert.ok(!(open[0] && open[1]), `both are open after ${n} writes`);
      if (!ended) {
        broken += 1;
        assert.deepEqual(
          (await move(placeOf(from), placeOf(to))).differences,
          [],
          `repeated after ${n} writes`,
        );
      }
      assert.deepEqual(await stores(to, (store) => lives.read(store)), before);
      await undoMove(placeOf(from));
      if (ended) break;
    }
    assert.ok(broken > 8, `${broken} writes`);
  },
);

it(
  'move: a difference is named, nothing is marked as moved, and the repeat is whole',
  needsRedis,
  async (t) => {
    const [from, to] = [someRedis(t), someFolder()];
    const lives = await stores(from, (store) => makeLives(store, 4, 4));
    const forgets = altered(placeOf(to), ({ importVerdicts }) => ({
      importVerdicts: (id, records) => importVerdicts(id, records.slice(1)),
    }));
    const { differences } = await move(placeOf(from), forgets);
    assert.match(differences[0] ?? '', /^task \S+ \(.*\): verdicts differ: \{.*\}, \{.*\} there$/);
    await refusesServers(to, /unfinished move: repeat npm run move -- --from redis:.* --to file:.*--undo/);
    await stores(from, async () => undefined);
    await refuses(placeOf(someFolder()), placeOf(to), /unfinished move from redis:/);
    await refuses(placeOf(to), placeOf(someFolder()), /unfinished move from redis:.*finish that first/);
    assert.deepEqual((await move(placeOf(from), placeOf(to))).differences, []);
    await stores(to, (store) => lives.goOn(store));
  },
);

it('move: an unfinished one can be given up: its target is empty again', needsRedis, async (t) => {
  const [from, to] = [someFolder(), someRedis(t)];
  await stores(from, (store) => makeLives(store, 4, 5));
  const fails = altered(placeOf(to), () => ({
    importReady: async () => {
      throw new Error('no more');
    },
    importVerdicts: async () => {
      throw new Error('no more');
    },
  }));
  await assert.rejects(move(placeOf(from), fails), /no more/);
  assert.match(await undoMove(placeOf(to)), /is empty again; file:.* has everything/);
  await stores(to, async (store) => {
    for (let partition = 0; partition < 16; partition++)
      assert.deepEqual(await store.scanTasks(partition, null, 9), []);
  });
  assert.deepEqual((await move(placeOf(from), placeOf(to))).differences, []);
});

it(
  'move: refuses a target in use or too small, and servers that live on either side',
  needsRedis,
  async (t) => {
    const [from, to] = [someRedis(t), someRedis(t)];
    await stores(from, (store) => makeLives(store, 1, 6));
    await stores(to, (store) => store.putDocument('o', 'k', 'd', 1, { ifVersion: 0 }));
    await refuses(placeOf(from), placeOf(to), /is not empty \(tasks: 0, documents: 1; /);
    await stores(to, (store) => store.deleteDocument('o', 'k', 'd'));

    const small = altered(placeOf(to), () => ({ room: async () => ({ usedBytes: 0, freeBytes: 1_000 }) }));
    await refuses(placeOf(from), small, /has 1 MiB left, and .* takes \d+ MiB: make room/);

    const beat = { id: 's', roles: ['api'], startedAt: 1 };
    for (const where of [from, to]) {
      await stores(where, async (store) => {
        await store.beat(beat, 60_000);
        await refuses(placeOf(from), placeOf(to), /^1 server runs on redis:.*stop all of them first/);
        await store.beat(beat, 0);
      });
    }
    const folder = someFolder();
    await stores(folder, () => assert.rejects(move(placeOf(from), placeOf(folder)), /in use by another/));
    assert.deepEqual((await move(placeOf(from), placeOf(to))).differences, []);
  },
);

it(
  'move: a server that starts meanwhile stops it; servers are kept off the source while it goes on',
  needsRedis,
  async (t) => {
    const [from, to] = [someRedis(t), someFolder()];
    await stores(from, (store) => makeLives(store, 2, 7));
    let kept = 0;
    const starts = altered(placeOf(from), (store) => ({
      async exportTasks(ids) {
        await refusesServers(from, /is being moved to file:.*: wait for the end/);
        kept += 1;
        await store.beat({ id: 'late', roles: [], startedAt: 1 }, 60_000);
        return store.exportTasks(ids);
      },
    }));
    await refuses(starts, placeOf(to), /1 server runs on redis:/);
    assert.ok(kept > 0);
    // Nothing was marked.
    await stores(from, (store) => store.beat({ id: 'late', roles: [], startedAt: 1 }, 0));
    assert.deepEqual((await move(placeOf(from), placeOf(to))).differences, []);
  },
);
