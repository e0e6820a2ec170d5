/** Changes of one task, by its owner or by the engine, and its removal. */
import type { TaskChange } from '../../requests.ts';
import { checkIntegers, refuse } from '../refused.ts';
import type { State } from '../state.ts';
import { ALL, type TaskEntry, type WireTask, wireTask } from '../task-row.ts';
import { cancelUnended, heldRuns } from './end-run.ts';
import { checkOrder, skipRange } from './fire.ts';

/** As it crosses to the thread. */
export type WireChange = Omit<TaskChange, 'definition'> & { definition?: string };
export type WireChangeAnswer =
  | { code: 'changed'; task: WireTask }
  | { code: 'version_conflict'; version: number }
  | { code: 'stale' }
  | { code: 'gone' };

export function changeTask(s: State, now: number, change: WireChange): WireChangeAnswer {
  const task = s.task(change.taskId);
  if (task === null) return { code: 'gone' };
  if (task.version !== change.version) return { code: 'version_conflict', version: task.version };
  if (change.closes !== (task.closing !== null)) return { code: 'stale' };
  const { closeAt, open } = change;
  const closed = task.segment.toAt !== null;
  if ((closeAt !== null && closed) || (open !== null && closeAt === null && !closed))
    return { code: 'stale' };
  if (change.cursorAt !== null) {
    if (change.cursorAt !== task.cursorAt) return { code: 'stale' };
    checkPlan(task, change, now);
  }

  const becameActive = change.state === 'active' && task.state !== 'active';
  if (change.cursorAt !== null) moveOn(s, task, change, now);
  if (change.definition !== undefined) task.definition = change.definition;
  if (change.pauseAfterFailures !== undefined) task.pauseAfterFailures = change.pauseAfterFailures;
  if (change.state !== undefined) task.state = change.state;
  if (becameActive) task.failures = 0;
  if (change.byUser) task.version += 1;
  task.updatedAt = now;
  s.touchTask(task, ALL);
  s.emitToOwner(task, 'task.changed', { taskId: task.id, at: now, version: task.version });
  if (change.cancelHeld) {
    for (const line of ['slot', 'late'] as const) {
      const count = line === 'slot' ? task.held : task.waiting;
      for (const run of heldRuns(s, task, line, count)) cancelUnended(s, task, run, now);
    }
  }
  // Not before: of an ending task no end of a held run makes the next one ready.
  if (change.closes) task.closing = null;
  if (task.nextAt !== null) s.wakes.push({ kind: 'due', partition: task.partition, at: task.nextAt });
  return { code: 'changed', task: wireTask(task) };
}

/** Throws for what would break the account of slots; writes nothing. */
function checkPlan(task: TaskEntry, change: WireChange, now: number): void {
  const { nextCursorAt, nextAt, closeAt } = change;
  checkIntegers({ nextCursorAt, nextAt, closeAt });
  // A clock that stepped back leaves the cursor ahead of now: standing still is always allowed.
  if (nextCursorAt < task.cursorAt || nextCursorAt > Math.max(now, task.cursorAt)) {
    refuse('the cursor may only move forward, up to now');
  }
  checkOrder(change.skips, task.cursorAt, nextCursorAt);
}

function moveOn(s: State, task: TaskEntry, change: WireChange, now: number): void {
  for (const skip of change.skips) {
    skipRange(s, task, skip, now);
    task.segmentSlots += skip.count;
  }
  task.cursorAt = change.nextCursorAt;
  task.nextAt = change.nextAt;
  // A backlog belongs to its segment, whose owed slots all have their verdict now.
  if (change.closeAt !== null || change.open !== null) task.episode = null;
  if (change.closeAt !== null) task.segment = { ...task.segment, toAt: change.closeAt };
  if (change.open !== null) {
    s.db
      .prepare('INSERT INTO segment (task_n, to_at, body) VALUES (?, ?, ?)')
      .run(task.n, task.segment.toAt, JSON.stringify(task.segment));
    task.segment = change.open;
    task.segmentSlots = 0;
  }
}

/** The task is gone at once; its runs, verdicts and days follow in the background, in small transactions. */
export function deleteTask(s: State, now: number, taskId: string): boolean {
  const task = s.task(taskId);
  if (task === null) return false;
  s.flushRows();
  for (const run of s.leased.values()) {
    if (run.taskN !== task.n) continue;
    s.leased.delete(run.id);
    s.wakes.push({ kind: 'cancel', partition: task.partition, runId: run.id });
  }
  s.emitToOwner(task, 'task.deleted', { taskId, at: now, version: task.version });
  s.db.prepare('INSERT OR REPLACE INTO gone_task (id, seq, at) VALUES (?, ?, ?)').run(taskId, task.seq, now);
  s.db.prepare('DELETE FROM task WHERE n = ?').run(task.n);
  s.db.prepare('DELETE FROM task_now WHERE n = ?').run(task.n);
  s.db.prepare('INSERT INTO purge (task_n, before_at) VALUES (?, NULL)').run(task.n);
  s.dropRunsOf(task);
  s.dropTask(task);
  s.purging = true;
  return true;
}
