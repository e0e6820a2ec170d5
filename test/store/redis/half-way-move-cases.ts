/** Half-way: putting a task in again that was read out whole. */
import { catchUp, fireSlot, skip } from '../contract/build.ts';
import { type Case, claimAll, fire, fired, ids, type Scene } from './half-way-scene.ts';

/** Runs of every kind of waiting, taken out of the store; the step puts all back. */
async function takenOut(scene: Scene) {
  const { lab, task } = scene;
  await fire(scene, [catchUp(scene.slot(0)), catchUp(scene.slot(1)), fireSlot(scene.slot(2))]);
  await claimAll(scene);
  await fire(scene, [fireSlot(scene.slot(3)), skip(scene.slot(4), 'coalesced', 2)]);
  const runIds = ids(scene, 0, 1, 2, 3);
  const [[given], runs, segments, days, verdicts] = await Promise.all([
    lab.store.exportTasks([task.id]),
    lab.store.exportRuns(runIds),
    lab.store.listSegments(task.id),
    lab.store.listDays(task.id, ''),
    lab.store.listVerdicts(task.id, 0, Number.MAX_SAFE_INTEGER, { limit: 99, oldestFirst: true }),
  ]);
  if (given === undefined) throw new Error('the task is not there');
  await lab.store.deleteTask(task.id);
  return {
    async step() {
      await lab.store.importTask(given, segments.slice(0, -1), days);
      await lab.store.importRuns(runs);
      await lab.store.importReady(runIds);
      await lab.store.importVerdicts(task.id, verdicts);
    },
    runs: runIds,
    verdicts: [
      `${scene.slot(0)} caught_up`,
      `${scene.slot(1)} caught_up`,
      ...fired(scene, 2, 3),
      `${scene.slot(4)} skipped coalesced 2`,
    ],
  };
}

export const MOVE_CASES: Case[] = (
  ['import-task', 'import-runs', 'import-ready', 'import-verdicts'] as const
).map((script) => ({ name: 'puts a task in again', script, prepare: takenOut }));
