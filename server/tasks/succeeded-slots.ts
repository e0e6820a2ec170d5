/** Which slots of a task have a successful run, whoever asked for it: what a backfill leaves out. */
import { RUNS_KEPT_PER_TASK } from '../store/limits.ts';
import type { RunRecord } from '../store/records.ts';
import type { Store } from '../store/store.ts';

/** A retry of a retry of a retry: how far back its slot is followed. */
const MOST_STEPS = 10;

/** By slot, the ids of its successful runs, among those kept: its own run, backfills of it, and retries of either. */
export async function succeededSlots(store: Store, taskId: string): Promise<Map<number, Set<string>>> {
  const { items } = await store.listRuns({ taskId }, { states: ['succeeded'], limit: RUNS_KEPT_PER_TASK });
  const found = new Map<number, Set<string>>();
  for (const run of items) {
    const plannedAt = await slotOf(store, run);
    if (plannedAt !== null) found.set(plannedAt, (found.get(plannedAt) ?? new Set()).add(run.id));
  }
  return found;
}

/** The slot that a run was for; null for a manual run of none, or of one that is no longer kept. */
async function slotOf(store: Store, asked: RunRecord): Promise<number | null> {
  let run: RunRecord | null = asked;
  for (let steps = 0; steps < MOST_STEPS && run !== null; steps += 1) {
    if (run.trigger !== 'manual') return run.plannedAt;
    run = run.retryOf === null ? null : await store.getRun(run.retryOf);
  }
  return null;
}
