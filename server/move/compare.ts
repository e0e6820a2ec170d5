/** The proof after a move: everything is read from both stores again and laid side by side. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Audit } from '../../shared/run.ts';
import { AppError } from '../lib/errors.ts';
import type { RunRecord, TaskRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import { createHistoryService } from '../tasks/history-service.ts';
import type { Stores } from './copy-owner.ts';
import { documentListsOf, documentsOf, runsOf, verdictsOf } from './walk.ts';

/** A document that ends so soon may be gone in one store and not yet in the other. */
const SOON_MS = 60_000;

export interface Comparison {
  /** One line each, naming what differs; the move has failed. */
  differences: string[];
  /** Tasks whose audit is not ok; with no difference named, it was not before. */
  notes: string[];
}

/** `now`: store time. Answers the number of tasks. */
export async function compareOwner(
  stores: Stores,
  ownerId: string,
  now: number,
  found: Comparison,
): Promise<number> {
  const tasks = await stores.source.listTasks(ownerId);
  const there = await stores.target.listTasks(ownerId);
  const ids = (list: TaskRecord[]) => list.map(({ id }) => id);
  if (!isDeepStrictEqual(ids(tasks), ids(there)))
    found.differences.push(`owner ${ownerId}: ${tasks.length} tasks, ${there.length} in the target`);
  for (const task of tasks) await compareTask(stores, task, now, found);
  return tasks.length;
}

async function compareTask(stores: Stores, task: TaskRecord, now: number, found: Comparison): Promise<void> {
  const { id } = task;
  const name = `task ${id} (${task.definition.name})`;
  const differ = (what: string) => found.differences.push(`${name}: ${what}`);
  const both = async <T>(read: (store: Store) => Promise<T>): Promise<[T, T]> =>
    Promise.all([read(stores.source), read(stores.target)]);

  const [record, moved] = await both((store) => store.getTask(id));
  if (!isDeepStrictEqual(record, moved)) differ('the record differs');
  for (const [what, read] of [
    ['segments', (store: Store) => store.listSegments(id)],
    ['days', (store: Store) => store.listDays(id, '')],
    ['runs', (store: Store) => runsSeen(store, id)],
  ] as const) {
    const [before, after] = await both<unknown[]>(read);
    if (!isDeepStrictEqual(before, after)) differ(`${what} differ: ${before.length}, ${after.length} there`);
  }
  const [before, after] = await both((store) => readVerdicts(store, id));
  if (!isDeepStrictEqual(before, after))
    differ(`verdicts differ: ${JSON.stringify(before.counts)}, ${JSON.stringify(after.counts)} there`);

  // Made of what was found equal above, so that the source's own would be the same.
  const audit = await auditOf(stores.target, task, now);
  if (!audit.ok)
    found.notes.push(`${name}: its audit is not ok, as it was not before: ${JSON.stringify(audit)}`);
}

/** How many slots have which verdict, and a digest of all records. */
async function readVerdicts(store: Store, taskId: string) {
  const counts: Record<string, number> = {};
  const digest = createHash('sha256');
  for await (const page of verdictsOf(store, taskId)) {
    for (const { plannedAt, toAt, count, verdict, reason } of page) {
      const key = reason ?? verdict;
      counts[key] = (counts[key] ?? 0) + count;
      digest.update(`${plannedAt},${toAt},${count},${key};`);
    }
  }
  return { counts, digest: digest.digest('hex') };
}

/** What a user sees of each run, newest first. */
async function runsSeen(store: Store, taskId: string): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const run of runsOf(store, taskId)) {
    const { id, state, createdAt, queuedAt, startedAt, endedAt, retryAt, attempts }: RunRecord = run;
    seen.push([id, state, createdAt, queuedAt, startedAt, endedAt, retryAt, attempts.length]);
  }
  return seen;
}

/** Of the whole life that is kept; of the last day where that is more than one audit looks at. */
async function auditOf(store: Store, { ownerId, id }: TaskRecord, now: number): Promise<Audit> {
  const history = createHistoryService({ store, clock: { now: () => now } });
  try {
    return await history.audit(ownerId, id, { fromAt: 0 });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'RANGE_TOO_LARGE') throw error;
    return history.audit(ownerId, id, {});
  }
}

export async function compareDocuments(
  { source, target }: Stores,
  partition: number,
  now: number,
  found: Comparison,
): Promise<void> {
  for await (const list of documentListsOf(source, partition)) {
    for await (const page of documentsOf(source, list)) {
      const there = await Promise.all(page.map(({ id }) => target.getDocument(list.ownerId, list.kind, id)));
      for (const [index, document] of page.entries()) {
        const endsSoon = document.expiresAt !== null && document.expiresAt < now + SOON_MS;
        if (!endsSoon && !isDeepStrictEqual(document, there[index]))
          found.differences.push(`document ${list.kind} ${document.id} of ${list.ownerId} differs`);
      }
    }
  }
}
