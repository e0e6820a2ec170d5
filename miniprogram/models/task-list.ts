/** The task list as the phone knows it: a view (segment, search) over tasks, kept right by pages, snapshots and events. Pure. */
import type { TaskCounts, TaskPage } from '../../shared/api';
import type { EventPayload, EventType, RunProgressPayload, Snapshots } from '../../shared/realtime';
import type { Task } from '../../shared/task';
import { applyProgress, applyTaskEvent, isEnded, type LiveTask, toLiveTask } from './live-task';

export const SEGMENTS = ['all', 'running', 'troubled', 'paused'] as const;
export type Segment = (typeof SEGMENTS)[number];

export interface TaskList {
  segment: Segment;
  /** Part of the name that is looked for; empty: any. */
  q: string;
  /** Every task known, shown or not. */
  tasks: ReadonlyMap<string, LiveTask>;
  /** The tasks shown, newest first. */
  ids: readonly string[];
  /** Where the next page begins; null at the end; undefined before the server's first answer to this view. */
  nextCursor: string | null | undefined;
  /** Of all my tasks, whatever the view; null until known. */
  counts: TaskCounts | null;
}

/** A change, and what it leaves to be read from the server. */
export interface ListChange {
  list: TaskList;
  /** The task to read again, or null. */
  read: string | null;
  /** What happened cannot be counted from what is known here: the counts must be read again. */
  recount: boolean;
}

export function emptyTaskList(): TaskList {
  return { segment: 'all', q: '', tasks: new Map(), ids: [], nextCursor: undefined, counts: null };
}

/** Another segment or search. Until the server answers, it shows what is known of it. */
export function chooseView(list: TaskList, segment: Segment, q: string): TaskList {
  const view = { ...list, segment, q };
  const fitting = [...list.tasks.values()].filter((task) => fits(view, task));
  const ids = fitting.sort((a, b) => b.createdAt - a.createdAt).map((task) => task.id);
  return { ...view, ids, nextCursor: undefined };
}

/**
 * The server's first page of this view, or the page after what is shown. Tasks in `newer` have had events since the page
 * was asked for: what is known of them stays.
 */
export function takePage(
  list: TaskList,
  page: TaskPage,
  place: 'first' | 'next',
  newer: ReadonlySet<string> = new Set(),
): TaskList {
  const tasks = new Map(list.tasks);
  for (const task of page.items) {
    const before = tasks.get(task.id);
    if (before === undefined || !newer.has(task.id)) tasks.set(task.id, toLiveTask(task, before));
  }
  const shown = place === 'first' ? [] : list.ids;
  const had = new Set(shown);
  const ids = [...shown, ...page.items.map((task) => task.id).filter((id) => !had.has(id))];
  return { ...list, tasks, ids, nextCursor: page.nextCursor, counts: page.counts };
}

/** One task as read again, or as a snapshot of its topic gave it. */
export function takeTask(list: TaskList, task: Task): ListChange {
  const before = list.tasks.get(task.id);
  // An answer that was overtaken by a newer one.
  if (before !== undefined && task.version < before.version) return unchanged(list);
  return replace(list, before, toLiveTask(task, before));
}

/** The newest of my tasks, whatever the view: those that it should name and does not are gone. */
export function takeSnapshot(list: TaskList, snapshot: Snapshots['tasks']): ListChange {
  const named = new Set(snapshot.items.map((task) => task.id));
  const oldest = snapshot.items[snapshot.items.length - 1];
  const coversAll = snapshot.nextCursor === null;
  let next = list;
  for (const task of list.tasks.values()) {
    const covered = coversAll || (oldest !== undefined && task.createdAt > oldest.createdAt);
    if (covered && !named.has(task.id)) next = dropTask(next, task.id).list;
  }
  // Oldest first, so that each new one finds its place in front.
  for (const task of [...snapshot.items].reverse()) next = takeTask(next, task).list;
  return { list: next, read: null, recount: next !== list };
}

/** Any sequenced event of `tasks` or `task:<id>`. */
export function applyListEvent(list: TaskList, type: EventType, event: EventPayload): ListChange {
  const before = list.tasks.get(event.taskId);
  if (type === 'task.deleted') return dropTask(list, event.taskId);
  if (before === undefined) {
    const concerns = type === 'task.created' || type === 'task.changed';
    return concerns ? { list, read: event.taskId, recount: true } : unchanged(list);
  }
  const { task, incomplete } = applyTaskEvent(before, type, event);
  return { ...replace(list, before, task), read: incomplete ? task.id : null };
}

export function applyListProgress(list: TaskList, event: RunProgressPayload): TaskList {
  const task = list.tasks.get(event.taskId);
  return task === undefined
    ? list
    : replace(list, task, applyProgress(task, event.runId, event.progress)).list;
}

/** A task that is gone, here or elsewhere. */
export function dropTask(list: TaskList, id: string): ListChange {
  const before = list.tasks.get(id);
  if (before === undefined) return { list, read: null, recount: true };
  const tasks = new Map(list.tasks);
  tasks.delete(id);
  const ids = list.ids.filter((other) => other !== id);
  return {
    list: { ...list, tasks, ids, counts: recounted(list.counts, before, undefined) },
    read: null,
    recount: false,
  };
}

const unchanged = (list: TaskList): ListChange => ({ list, read: null, recount: false });

function replace(list: TaskList, before: LiveTask | undefined, after: LiveTask): ListChange {
  if (before === after) return unchanged(list);
  const tasks = new Map(list.tasks).set(after.id, after);
  // Whether a task new to the phone is in the counts already, only the server knows.
  const counts = before === undefined ? list.counts : recounted(list.counts, before, after);
  const next = { ...list, tasks, counts };
  return { list: { ...next, ids: placed(next, after) }, read: null, recount: before === undefined };
}

/** The ids shown once a task has changed: it enters where it belongs, leaves where it does not, or stays in its place. */
function placed(list: TaskList, task: LiveTask): readonly string[] {
  const shown = list.ids.includes(task.id);
  if (!fits(list, task)) return shown ? list.ids.filter((id) => id !== task.id) : list.ids;
  if (shown) return list.ids;
  const older = list.ids.findIndex((id) => (list.tasks.get(id)?.createdAt ?? 0) <= task.createdAt);
  // Beyond what has been loaded: it comes with its page.
  if (older === -1 && typeof list.nextCursor === 'string') return list.ids;
  const at = older === -1 ? list.ids.length : older;
  return [...list.ids.slice(0, at), task.id, ...list.ids.slice(at)];
}

function fits(view: Pick<TaskList, 'segment' | 'q'>, task: LiveTask): boolean {
  if (view.q !== '' && !task.name.toLowerCase().includes(view.q.toLowerCase())) return false;
  return view.segment === 'all' || measures[view.segment](task);
}

/** What puts a task into a segment: the rules behind the server's counts. */
const measures = {
  running: (task: LiveTask) =>
    task.recent.some((slot) => slot.verdict !== null && slot.state !== null && !isEnded(slot.state)),
  troubled: (task: LiveTask) => task.health === 'failing' || task.health === 'late',
  paused: (task: LiveTask) => task.state === 'paused',
} as const satisfies Record<Exclude<Segment, 'all'>, (task: LiveTask) => boolean>;

function recounted(
  counts: TaskCounts | null,
  before: LiveTask,
  after: LiveTask | undefined,
): TaskCounts | null {
  if (counts === null) return null;
  const is = (task: LiveTask | undefined, segment: Segment) =>
    Number(task !== undefined && (segment === 'all' || measures[segment](task)));
  const moves = SEGMENTS.map((segment) => is(after, segment) - is(before, segment));
  if (moves.every((move) => move === 0)) return counts;
  const [all, running, troubled, paused] = SEGMENTS.map((segment, at) =>
    Math.max(0, counts[segment] + (moves[at] ?? 0)),
  ) as [number, number, number, number];
  return { all, running, troubled, paused };
}
