/**
 * A move from one store to another: check, mark, copy, compare, mark. The source is read only until everything was
 * compared. Killed at any moment and repeated, it begins again on an emptied target and comes to the same end; no moment
 * leaves both stores open to servers.
 */
import { monotonicMs } from '../lib/clock.ts';
import { PARTITIONS } from '../store/ids.ts';
import type { Store } from '../store/store.ts';
import { checkStores, type Labels } from './check-stores.ts';
import { type Comparison, compareDocuments, compareOwner } from './compare.ts';
import { copyDocuments } from './copy-documents.ts';
import { copyOwner, type Stores } from './copy-owner.ts';
import { type Guard, startGuard } from './guard.ts';
import { patientStore } from './patient-store.ts';
import { emptyTally, type Tally } from './tally.ts';
import { ownersOf } from './walk.ts';

/** A store by its address. */
export interface Place {
  /** Without user and password. */
  label: string;
  /** Not started; starts although a mark keeps servers off. */
  open(): Store;
}

export interface Moved extends Comparison {
  tally: Tally;
}

const SAY_EVERY_MS = 2_000;
/** A listener of a store that fires nothing. */
const DEAF = { onWake() {}, onRollback() {}, onHealth() {} };

/**
 * `say` gets lines for the person at the terminal. With differences in the answer nothing is marked as moved.
 * @throws MoveRefusal, StartError or StoreUnavailableError; the same command may be given again.
 */
export async function moveStores(
  places: { source: Place; target: Place },
  say: (line: string) => void,
): Promise<Moved> {
  const labels: Labels = { source: places.source.label, target: places.target.label };
  const opened: Store[] = [];
  const open = async (place: Place): Promise<Store> => {
    const store = patientStore(place.open());
    const { durability, warnings } = await store.start(DEAF);
    opened.push(store);
    if (opened.length <= 2) for (const line of [durability, ...warnings]) say(`${place.label}: ${line}`);
    return store;
  };
  try {
    const source = await open(places.source);
    let target = await open(places.target);
    const total = await checkStores({ source, target }, labels);
    await target.writeMark({ kind: 'arriving', from: labels.source, at: await target.time() });
    await target.clear();
    await target.stop();
    target = await open(places.target);
    say(`copying   ${total.toLocaleString('en-US')} tasks`);
    return await moveOpened({ source, target }, labels, total, say);
  } finally {
    await Promise.all(opened.map((store) => store.stop()));
  }
}

async function moveOpened(
  stores: Stores,
  labels: Labels,
  total: number,
  say: (line: string) => void,
): Promise<Moved> {
  const { source, target } = stores;
  const wasMoved = (await source.readMark())?.kind === 'moved';
  const prolongs = source.kind === 'redis' && !wasMoved;
  const guard = await startGuard(stores, labels, prolongs);
  try {
    const tally = emptyTally();
    await copyAll(stores, tally, guard, (line) => say(`copied    ${line}`), total);
    const found: Comparison = { differences: [], notes: [] };
    await compareAll(stores, found, guard, (line) => say(`compared  ${line}`), total);
    await guard.stop();
    if (found.differences.length > 0) {
      if (prolongs) await source.writeMark(null);
    } else {
      // In this order: killed in between, neither store is open, and the command repeated ends it.
      await source.writeMark({ kind: 'moved', to: labels.target, at: await source.time() });
      await target.writeMark(null);
    }
    return { tally, ...found };
  } catch (error) {
    await guard.stop().catch(() => undefined);
    // If this fails as well, the mark ends by itself.
    if (prolongs) await source.writeMark(null).catch(() => undefined);
    throw error;
  }
}

async function copyAll(
  stores: Stores,
  tally: Tally,
  guard: Guard,
  say: (line: string) => void,
  total: number,
): Promise<void> {
  const progress = createProgress(say, total);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    guard.check();
    await copyDocuments(stores, partition, tally);
    for (const ownerId of await ownersOf(stores.source, partition)) {
      guard.check();
      await copyOwner(stores, ownerId, tally);
      progress(tally.tasks);
    }
  }
  progress(tally.tasks, true);
}

async function compareAll(
  stores: Stores,
  found: Comparison,
  guard: Guard,
  say: (line: string) => void,
  total: number,
): Promise<void> {
  const progress = createProgress(say, total);
  const now = await stores.target.time();
  let compared = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    guard.check();
    await compareDocuments(stores, partition, now, found);
    for (const ownerId of await ownersOf(stores.source, partition)) {
      guard.check();
      compared += await compareOwner(stores, ownerId, now, found);
      progress(compared);
    }
  }
  progress(compared, true);
}

/** A line every 2 s, and the last one. */
function createProgress(say: (line: string) => void, total: number) {
  let saidMs = monotonicMs();
  return (tasks: number, last = false) => {
    if (!last && monotonicMs() - saidMs < SAY_EVERY_MS) return;
    saidMs = monotonicMs();
    say(`${tasks.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} tasks`);
  };
}
