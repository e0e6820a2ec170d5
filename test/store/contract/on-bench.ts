/**
 * Stores for tests. Opening one is most of a test's time (about 100 ms for SQLite on two cores), so tests of a describe
 * block share one; each has a partition to itself and sees nothing of the others. A failed test leaves its store to no one.
 */
import { after, before } from 'node:test';
import { PARTITIONS } from '../../../server/store/ids.ts';
import { Bench, type SharedStore } from './bench.ts';
import type { StoreHarness } from './harness.ts';

type Body = (bench: Bench) => Promise<void>;

const shared = new WeakMap<StoreHarness, SharedStore & { taken: number }>();

async function openStore(harness: StoreHarness): Promise<SharedStore> {
  const open = await harness.open();
  return { open, store: open.store };
}

async function closeShared(harness: StoreHarness): Promise<void> {
  const present = shared.get(harness);
  shared.delete(harness);
  await present?.open.close();
}

async function benchOf(harness: StoreHarness, place: SharedStore, partition: number): Promise<Bench> {
  return new Bench(place, partition, await place.store.time(), harness.leasesExpire);
}

/** The body of one test, with a partition to itself. */
export function onBench(harness: StoreHarness, body: Body): () => Promise<void> {
  after(() => closeShared(harness));
  return async () => {
    if (shared.get(harness)?.taken === PARTITIONS) await closeShared(harness);
    const place = shared.get(harness) ?? { ...(await openStore(harness)), taken: 0 };
    shared.set(harness, place);
    try {
      await body(await benchOf(harness, place, place.taken++));
    } catch (error) {
      await closeShared(harness);
      throw error;
    }
  };
}

/** The body of one test that has the whole store to itself. */
export function onFreshStore(harness: StoreHarness, body: Body): () => Promise<void> {
  return async () => {
    const place = await openStore(harness);
    try {
      await body(await benchOf(harness, place, 7));
    } finally {
      await place.open.close();
    }
  };
}

/** One bench for all tests of a describe block; those clean up after themselves. */
export function sharedBench(harness: StoreHarness): () => Bench {
  let place: SharedStore | undefined;
  let bench: Bench | undefined;
  before(async () => {
    place = await openStore(harness);
    bench = await benchOf(harness, place, 0);
  });
  after(() => place?.open.close());
  return () => bench as Bench;
}
