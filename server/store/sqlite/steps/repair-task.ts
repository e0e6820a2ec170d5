/** Puts right what disagrees about a task, as it is found at that moment: rows of runs are believed before counts. */
import type { DayCount, Fault } from '../../inspection.ts';
import { CAUGHT_UP, FIRED, REASONS, skippedIndex } from '../days.ts';
import { inspectTask, QueueSights } from '../inspect-task.ts';
import type { State } from '../state.ts';
import { ALL, NOW } from '../task-row.ts';
import { releaseNext } from './end-run.ts';

/** A boot that never was: recoverRuns takes such a run back. */
const NO_BOOT = 0;

export function repairTask(s: State, now: number, taskId: string): Fault[] {
  s.flushRows();
  const task = s.task(taskId);
  if (task === null) return [];
  const sight = inspectTask(s, task, new QueueSights(s));
  if (sight.faults.length === 0) return [];
  const place = s.partitions[task.partition]!;
  Object.assign(task, sight.counts);
  for (const run of sight.unwritten) s.touchRun(run);
  for (const run of sight.unqueued) s.pushReady(run, task.partition);
  for (const run of sight.unplanned) {
    run.retryAt ??= now;
    s.touchRun(run);
    place.retries.push({ at: run.retryAt, runId: run.id });
  }
  for (const run of sight.unleased) {
    run.boot = NO_BOOT;
    s.touchRun(run);
    s.leased.delete(run.id);
    place.lost.push(run.id);
  }
  // Memory is what callers were told: it is written.
  s.touchTask(task, ALL);
  releaseNext(s, task, 'slot', now);
  releaseNext(s, task, 'late', now);
  s.emitToOwner(task, 'task.changed', { taskId, at: now, version: task.version });
  if (task.nextAt !== null) s.wakes.push({ kind: 'due', partition: task.partition, at: task.nextAt });
  return sight.faults;
}

export function repairDay(
  s: State,
  _now: number,
  taskId: string,
  day: string,
  seen: DayCount,
  counted: DayCount,
): boolean {
  const task = s.task(taskId);
  // Another day would take the place of the newest one.
  if (task === null || task.today === null || day > task.today.day) return false;
  s.flushRows();
  const { counts } = s.day(task, day);
  const same =
    counts[FIRED] === seen.fired &&
    counts[CAUGHT_UP] === seen.caughtUp &&
    REASONS.every((reason) => counts[skippedIndex(reason)] === (seen.skipped[reason] ?? 0));
  if (!same) return false;
  counts[FIRED] = counted.fired;
  counts[CAUGHT_UP] = counted.caughtUp;
  for (const reason of REASONS) counts[skippedIndex(reason)] = counted.skipped[reason] ?? 0;
  s.touchTask(task, NOW);
  return true;
}
