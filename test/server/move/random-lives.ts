/** A store full of random lives, and the same lives gone on with elsewhere. */
import fc from 'fast-check';
import { createRedisStore } from '../../../server/store/redis/redis-store.ts';
import { createSqliteStore } from '../../../server/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../server/store/store.ts';
import { Bench } from '../../store/contract/bench.ts';
import type { OpenStore } from '../../store/contract/harness.ts';
import { Trial } from '../../store/contract/random.ts';
import { commands } from '../../store/contract/random-commands.ts';
import { readWhole } from '../../store/contract/transfer-random.ts';

const DEAF = { onWake() {}, onRollback() {}, onHealth() {} };

/** Where a test's store lies. */
export type Where = { dir: string } | { url: string; keyPrefix: string };

/** As a server opens it. */
export async function startStore(where: Where): Promise<Store> {
  const store = 'dir' in where ? createSqliteStore(where) : createRedisStore(where);
  await store.start(DEAF);
  return store;
}

/** On a started store; partition and owner as if one server had made all of it. */
function benchOn(store: Store, partition: number, nowAt: number): Bench {
  // The steps of a trial use the store alone.
  const open = { store, wakes: [] } as unknown as OpenStore;
  return new Bench({ open, store }, partition, nowAt, store.kind === 'embedded' ? 'boot' : 'time');
}

export interface Lives {
  trials: Trial[];
  /** All that is known of each task, by its id. */
  read(store: Store): Promise<Record<string, unknown>>;
  /** More random steps, on the store to which all were moved. */
  goOn(store: Store): Promise<void>;
}

/** Up to 16 tasks of as many owners, each in a partition of its own, and some documents beside them. */
export async function makeLives(store: Store, count: number, seed: number): Promise<Lives> {
  const sequences = fc.sample(fc.array(commands, { minLength: 10, maxLength: 25, size: 'max' }), {
    numRuns: 2 * count,
    seed,
  });
  const now = await store.time();
  const trials: Trial[] = [];
  for (let n = 0; n < count; n++) {
    const bench = benchOn(store, n, now);
    const trial = new Trial(bench, await bench.task());
    for (const command of sequences[n] ?? []) await trial.step(command);
    trials.push(trial);
    for (const kind of ['user', 'sync'])
      await store.putDocument(bench.ownerId, kind, `d ${n}`, { n, kind }, { ifVersion: 0 });
  }
  return {
    trials,
    async read(present) {
      const whole = await Promise.all(
        trials.map(async ({ task, bench }) => [
          task.id,
          {
            ...(await readWhole(present, task.id)),
            user: await present.listDocuments(bench.ownerId, 'user', { limit: 9 }),
            sync: await present.listDocuments(bench.ownerId, 'sync', { limit: 9 }),
          },
        ]),
      );
      return Object.fromEntries(whole);
    },
    async goOn(present) {
      for (const [n, trial] of trials.entries()) {
        const moved = await trial.movedTo(benchOn(present, n, now));
        for (const command of sequences[count + n] ?? []) await moved.step(command);
      }
    },
  };
}
