/** One-shot tasks in windows of a rate, made well before the first of them is due. */
import { planWindows } from './tally.mjs';
import { createTasks, definition, ownerOf } from './tasks.mjs';

/** Slower than either store makes them on any machine measured; a store that takes longer is told. */
const TASKS_A_MS = 5;

/**
 * Plans the windows (see `planWindows`), hands them to `onPlanned`, makes the tasks. Rejects when the making took so long
 * that it overlapped with the first window.
 */
export async function createOneShots({ store, clock }, rates, onPlanned, options) {
  const count = rates.reduce((sum, { perSecond, seconds }) => sum + perSecond * seconds, 0);
  const fromAt = clock.now() + 2_000 + count / TASKS_A_MS;
  const windows = planWindows(fromAt, rates, options);
  onPlanned(windows);
  const tasks = windows
    .flatMap(({ instants }) => instants)
    .map((at, n) => ({ owner: ownerOf(n), definition: definition({ kind: 'at', at }) }));
  await createTasks(store, clock.now(), tasks);
  if (clock.now() > fromAt - 500) throw new Error('making the tasks took too long for this measurement');
}
