/** Creating, reading and listing tasks. Changing and deleting have files of their own. */
import { partitionOfId, partitionOfOwner } from '../../ids.ts';
import type { Segment } from '../../records.ts';
import type { NewTask } from '../../requests.ts';
import { checkIntegers, refuse } from '../refused.ts';
import type { State } from '../state.ts';
import { ALL, CLEAN, type TaskEntry, type WireTask, wireTask } from '../task-row.ts';

const MAX_TASKS = 100;

/** As it crosses to the thread. */
export type WireNewTask = Omit<NewTask, 'definition'> & { definition: string };
export type WireCreateAnswer =
  | { code: 'created' | 'exists'; task: WireTask }
  | { code: 'conflict' }
  | { code: 'limit' };

export function createTasks(
  s: State,
  now: number,
  ownerId: string,
  tasks: WireNewTask[],
  limit: number,
): WireCreateAnswer[] {
  if (tasks.length > MAX_TASKS) refuse('more than 100 tasks');
  const partition = partitionOfOwner(ownerId);
  for (const { id, cursorAt, nextAt } of tasks) {
    if (partitionOfId(id) !== partition) refuse(`task id ${id} is not of its owner`);
    checkIntegers({ cursorAt, nextAt });
  }

  s.flushRows();
  const owner = s.owner(ownerId);
  let present = Number(s.db.prepare('SELECT count(*) n FROM task WHERE owner_n = ?').get(owner.n)?.n);
  return tasks.map((given) => {
    const known = s.task(given.id);
    if (known !== null) {
      const same = known.ownerId === ownerId && known.fingerprint === given.fingerprint;
      return same ? { code: 'exists', task: wireTask(known) } : { code: 'conflict' };
    }
    if (present >= limit) return { code: 'limit' };
    present += 1;
    return { code: 'created', task: wireTask(createTask(s, now, owner, partition, given)) };
  });
}

function createTask(
  s: State,
  now: number,
  owner: { n: number; id: string },
  partition: number,
  given: WireNewTask,
): TaskEntry {
  const before = s.db.prepare('SELECT seq FROM gone_task WHERE id = ?').get(given.id);
  const task: TaskEntry = {
    n: 0,
    id: given.id,
    ownerN: owner.n,
    ownerId: owner.id,
    partition,
    version: 1,
    createdAt: now,
    updatedAt: now,
    definition: given.definition,
    state: 'active',
    cursorAt: given.cursorAt,
    nextAt: given.nextAt,
    segment: given.segment,
    segmentSlots: 0,
    episode: null,
    closing: null,
    foldedThroughAt: 0,
    failures: 0,
    lastEnded: null,
    lastLate: false,
    live: 0,
    held: 0,
    waiting: 0,
    fingerprint: given.fingerprint,
    pauseAfterFailures: given.pauseAfterFailures,
    lateLive: 0,
    freeLive: 0,
    asked: 0,
    kept: 0,
    seq: (before?.seq as number | undefined) ?? 0,
    seqAhead: false,
    lastSkip: null,
    today: null,
    dirty: CLEAN,
    inserted: false,
    deleted: false,
  };
  s.addTask(task);
  s.touchTask(task, ALL);
  s.emitToOwner(task, 'task.created', { taskId: task.id, at: now, version: task.version });
  if (task.nextAt !== null) s.wakes.push({ kind: 'due', partition, at: task.nextAt });
  return task;
}

export function getTask(s: State, _now: number, taskId: string): WireTask | null {
  const task = s.task(taskId);
  return task === null ? null : wireTask(task);
}

export function listTasks(s: State, _now: number, ownerId: string): WireTask[] {
  s.flushRows();
  const rows = s.db.prepare('SELECT id FROM task WHERE owner_n = ? ORDER BY n DESC').all(s.owner(ownerId).n);
  return tasksOf(s, rows as { id: string }[]);
}

export function loadDue(
  s: State,
  _now: number,
  partition: number,
  untilAt: number,
  limit: number,
  after?: { nextAt: number; taskId: string },
): WireTask[] {
  s.flushRows();
  // A deleted `after` has no place any more: the ties of its instant are listed again.
  const from = after === undefined ? [-1, 0] : [after.nextAt, s.task(after.taskId)?.n ?? 0];
  const rows = s.db
    .prepare(
      `SELECT task.id id FROM task_now JOIN task ON task.n = task_now.n
       WHERE partition = ? AND due_at <= ? AND (due_at, task_now.n) > (?, ?) ORDER BY due_at, task_now.n LIMIT ?`,
    )
    .all(partition, untilAt, from[0]!, from[1]!, limit);
  return tasksOf(s, rows as { id: string }[]);
}

/** Ids of a partition share their first two digits. */
export function scanTasks(
  s: State,
  _now: number,
  partition: number,
  after: string | null,
  limit: number,
): WireTask[] {
  s.flushRows();
  const prefix = partition.toString(16).padStart(2, '0');
  const rows = s.db
    .prepare('SELECT id FROM task WHERE id > ? AND id < ? ORDER BY id LIMIT ?')
    .all(after ?? prefix, `${prefix}~`, limit);
  return tasksOf(s, rows as { id: string }[]);
}

function tasksOf(s: State, rows: { id: string }[]): WireTask[] {
  return rows
    .map(({ id }) => s.task(id))
    .filter((task) => task !== null)
    .map(wireTask);
}

export function listSegments(s: State, _now: number, taskId: string): Segment[] {
  const task = s.task(taskId);
  if (task === null) return [];
  const rows = s.db.prepare('SELECT body FROM segment WHERE task_n = ? ORDER BY n').all(task.n);
  return [...rows.map(({ body }) => JSON.parse(body as string) as Segment), task.segment];
}
