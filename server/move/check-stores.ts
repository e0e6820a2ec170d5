/** What must hold before a move writes anything. Each refusal is one line that says what to do. */
import { PARTITIONS } from '../store/ids.ts';
import { minuteOf, type StoreMark } from '../store/mark.ts';
import type { Store } from '../store/store.ts';
import type { Stores } from './copy-owner.ts';
import { refuseMove } from './refusal.ts';
import { documentListsOf, documentsOf, tasksOf } from './walk.ts';

/** The two stores take up to twice as much as each other for the same. */
const SIZES_DIFFER_BY = 2;
/** Says good-bye for a server that never was: the answer tells who lives. */
const NOBODY = { id: 'move', roles: [], startedAt: 0 };

export interface Labels {
  source: string;
  target: string;
}

/** @returns the source's tasks. */
export async function checkStores(stores: Stores, labels: Labels): Promise<number> {
  const { source, target } = stores;
  const [left, arrived] = await Promise.all([source.readMark(), target.readMark()]);
  checkTargetMark(arrived, labels);
  checkSourceMark(left, arrived, labels, await source.time());
  await checkNobodyLives(stores, labels);
  if (arrived === null) await checkEmpty(target, labels.target);
  await checkRoom(stores, labels);
  return countTasks(source);
}

function checkTargetMark(mark: StoreMark | null, { source, target }: Labels): void {
  if (mark === null || (mark.kind === 'arriving' && mark.from === source)) return;
  if (mark.kind === 'arriving')
    refuseMove(
      `${target} holds an unfinished move from ${mark.from}: repeat that one, or give it up with --undo`,
    );
  refuseMove(
    mark.kind === 'moved'
      ? `${target} still holds what was moved to ${mark.to} on ${minuteOf(mark.at)}: delete that, or choose another place`
      : `${target} is being moved to ${mark.to}`,
  );
}

function checkSourceMark(
  mark: StoreMark | null,
  arrived: StoreMark | null,
  { source, target }: Labels,
  now: number,
): void {
  if (mark === null || (mark.kind === 'leaving' && mark.untilAt <= now)) return;
  if (mark.kind === 'leaving') {
    const seconds = Math.ceil((mark.untilAt - now) / 1_000);
    // One that was killed says nothing more: its mark ends by itself.
    refuseMove(`${source} is being moved to ${mark.to}; if that move was killed, try again in ${seconds} s`);
  }
  if (mark.kind === 'arriving')
    refuseMove(`${source} holds an unfinished move from ${mark.from}: finish that first, or --undo it`);
  // Killed between its last two marks: the target was never open to servers.
  if (arrived?.kind === 'arriving' && mark.to === target) return;
  refuseMove(
    `${source} was moved to ${mark.to} on ${minuteOf(mark.at)} already; to move it again, --undo that first`,
  );
}

/** Called during the move as well: a server may have been starting when the marks were set. */
export async function checkNobodyLives({ source, target }: Stores, labels: Labels): Promise<void> {
  for (const [store, label] of [
    [source, labels.source],
    [target, labels.target],
  ] as const) {
    const live = await store.beat(NOBODY, 0);
    if (live.length === 0) continue;
    refuseMove(
      `${live.length} server${live.length === 1 ? ' runs' : 's run'} on ${label}: stop all of them first (one that was killed counts for some seconds more)`,
    );
  }
}

async function checkEmpty(target: Store, label: string): Promise<void> {
  let [tasks, documents] = [await countTasks(target), 0];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const list of documentListsOf(target, partition)) {
      for await (const page of documentsOf(target, list)) documents += page.length;
    }
  }
  if (tasks + documents === 0) return;
  refuseMove(
    `${label} is not empty (tasks: ${tasks}, documents: ${documents}; a server started there once is enough): delete all that, or choose another place`,
  );
}

async function countTasks(store: Store): Promise<number> {
  let tasks = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    for await (const _ of tasksOf(store, partition)) tasks += 1;
  }
  return tasks;
}

async function checkRoom({ source, target }: Stores, labels: Labels): Promise<void> {
  const [from, to] = await Promise.all([source.room(), target.room()]);
  if (to.freeBytes === null || to.freeBytes * SIZES_DIFFER_BY >= from.usedBytes) return;
  const mib = (bytes: number) => `${Math.ceil(bytes / 1_048_576)} MiB`;
  refuseMove(
    `${labels.target} has ${mib(to.freeBytes)} left, and ${labels.source} takes ${mib(from.usedBytes)}: make room first`,
  );
}
