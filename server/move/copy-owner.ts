/** Takes over one owner's tasks with all that belongs to them. */
import type { Store } from '../store/store.ts';
import type { RunExport, TaskExport } from '../store/transfer.ts';
import type { Tally } from './tally.ts';
import { inPieces, runsOf, verdictsOf } from './walk.ts';

const TASKS_A_CALL = 100;
const RUNS_A_CALL = 100;
const READY_A_CALL = 1_000;
/** A log may be 64 KiB. */
const LOGS_AT_ONCE = 10;

export interface Stores {
  source: Store;
  target: Store;
}

export async function copyOwner(stores: Stores, ownerId: string, tally: Tally): Promise<void> {
  // Lists show what was created last first; what is put in first is taken for older.
  const ids = (await stores.source.listTasks(ownerId)).map(({ id }) => id).toReversed();
  for (const some of inPieces(ids, TASKS_A_CALL)) {
    for (const task of await stores.source.exportTasks(some)) await copyTask(stores, task, tally);
  }
  await copyRuns(stores, ids, tally);
  for (const id of ids) {
    for await (const records of verdictsOf(stores.source, id)) {
      await stores.target.importVerdicts(id, records);
      tally.verdicts += records.length;
    }
  }
  tally.owners += 1;
}

async function copyTask({ source, target }: Stores, given: TaskExport, tally: Tally): Promise<void> {
  const { id } = given.task;
  const [segments, days] = await Promise.all([source.listSegments(id), source.listDays(id, '')]);
  await target.importTask(given, segments.slice(0, -1), days);
  tally.tasks += 1;
  tally.segments += segments.length;
  tally.days += days.length;
}

async function copyRuns({ source, target }: Stores, taskIds: string[], tally: Tally): Promise<void> {
  const { ids, ready } = await orderOfRuns(source, taskIds);
  for (const some of inPieces(ids, RUNS_A_CALL)) {
    const runs = await source.exportRuns(some);
    await target.importRuns(runs);
    tally.runs += runs.length;
    const started = runs.filter(({ attempt }) => attempt > 0);
    for (const few of inPieces(started, LOGS_AT_ONCE)) {
      const lines = await Promise.all(few.map((one) => copyLog({ source, target }, one)));
      tally.logLines += lines.reduce((sum, n) => sum + n, 0);
    }
  }
  for (const some of inPieces(ready, READY_A_CALL)) await target.importReady(some);
}

async function copyLog({ source, target }: Stores, { run }: RunExport): Promise<number> {
  const lines = await source.listRunLog(run.id);
  if (lines.length > 0) await target.importRunLog(run.id, lines);
  return lines.length;
}

/**
 * Ids of all runs of these tasks, oldest created first, as the lists of the owner show them; and those that are ready, the
 * one that has been so for longest first. Some 100 bytes a run: at most 500 ended ones a task are kept.
 */
async function orderOfRuns(store: Store, taskIds: string[]): Promise<{ ids: string[]; ready: string[] }> {
  const all: { id: string; createdAt: number; queuedAt: number | null }[] = [];
  for (const taskId of taskIds) {
    const newestFirst: typeof all = [];
    for await (const run of runsOf(store, taskId)) {
      const queuedAt = run.state === 'queued' ? run.queuedAt : null;
      newestFirst.push({ id: run.id, createdAt: run.createdAt, queuedAt });
    }
    // A clock that was set back must not change the order in which a task's runs stand in line.
    let createdAt = 0;
    for (const run of newestFirst.reverse()) {
      createdAt = Math.max(createdAt, run.createdAt);
      all.push({ ...run, createdAt });
    }
  }
  all.sort((a, b) => a.createdAt - b.createdAt);
  const ready = all.filter(({ queuedAt }) => queuedAt !== null);
  return {
    ids: all.map(({ id }) => id),
    ready: ready.toSorted((a, b) => (a.queuedAt as number) - (b.queuedAt as number)).map(({ id }) => id),
  };
}
