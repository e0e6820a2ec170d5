/** Which slots of a task have a successful run, whoever asked for it: what a backfill leaves out. */
import { slotRunId } from '../store/ids.ts';
import type { RunRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';

/** Slot runs read at once. */
const READ_AT_ONCE = 100;
/** Successful runs that are looked through for those a person asked for, newest first, a page and in all. */
const A_PAGE = 500;
const MOST_PAGES = 20;
/** A retry of a retry of a retry: how far back its slot is followed. */
const MOST_STEPS = 10;

/**
 * By slot, the ids of its successful runs, of these slots: its own run, backfills of it, retries of either. A slot's own run is
 * read by its id however long ago it was; of the others the newest 10,000 successful runs are looked through.
 */
export async function succeededSlots(
  store: Store,
  taskId: string,
  slots: readonly number[],
): Promise<Map<number, Set<string>>> {
  const found = new Map<number, Set<string>>();
  if (slots.length === 0) return found;
  const add = (plannedAt: number, runId: string) =>
    found.set(plannedAt, (found.get(plannedAt) ?? new Set()).add(runId));

  for (let from = 0; from < slots.length; from += READ_AT_ONCE) {
    const ids = slots.slice(from, from + READ_AT_ONCE).map((at) => slotRunId(taskId, at));
    for (const run of await Promise.all(ids.map((id) => store.getRun(id)))) {
      if (run?.state === 'succeeded') add(run.plannedAt, run.id);
    }
  }
  const oldestAt = slots[0] as number;
  let before: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const { items, more } = await store.listRuns(
      { taskId },
      { states: ['succeeded'], limit: A_PAGE, ...(before !== undefined && { before }) },
    );
    for (const run of items) {
      const plannedAt = run.trigger === 'slot' ? null : await slotOf(store, run);
      if (plannedAt !== null) add(plannedAt, run.id);
    }
    const last = items.at(-1);
    // No run of these slots is older than the first of them.
    if (!more || last === undefined || last.createdAt < oldestAt) return found;
    before = last.id;
  }
  return found;
}

/** The slot that a run was for; null for a manual run of none. */
async function slotOf(store: Store, asked: RunRecord): Promise<number | null> {
  let run: RunRecord | null = asked;
  for (let steps = 0; steps < MOST_STEPS && run !== null; steps += 1) {
    if (run.trigger !== 'manual') return run.plannedAt;
    run = run.retryOf === null ? null : await store.getRun(run.retryOf);
  }
  return null;
}
