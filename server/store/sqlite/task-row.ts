/** A task in memory, in its two tables, and as the contract's record. */
import { partitionOfId } from '../ids.ts';
import type { Closing, Episode, Segment, TaskRecord } from '../records.ts';
import { type DayCounts, packCounts, unpackCounts } from './days.ts';
import type { SqlDb, SqlRow } from './driver.ts';

/** The last verdict record of a task, when it is a skip that the next one may be joined to. */
export interface LastSkip {
  plannedAt: number;
  toAt: number;
  count: number;
  code: number;
  day: string;
}

/** What is to be written at the end of the transaction. */
export const CLEAN = 0;
/** task_now without the due index. */
export const NOW = 1;
/** task_now with it. */
export const DUE = 2;
/** task as well. */
export const ALL = 3;

/** The definition stays JSON text here; the main thread parses it. */
export interface TaskEntry extends Omit<TaskRecord, 'definition'> {
  n: number;
  ownerN: number;
  partition: number;
  definition: string;
  fingerprint: string;
  pauseAfterFailures: number | null;
  /** Unended late runs that are not held; at most 1. */
  lateLive: number;
  /** Unended manual runs. */
  freeLive: number;
  /** Unended manual and backfill runs. */
  asked: number;
  /** Rows in run. */
  kept: number;
  /** Last seq of the topic task:<id>. */
  seq: number;
  /** seq is further than the row's: claims write no task row, the runs' rows remember it. */
  seqAhead: boolean;
  lastSkip: LastSkip | null;
  today: DayCounts | null;
  dirty: number;
  inserted: boolean;
  deleted: boolean;
}

/** As it crosses to the main thread. */
export type WireTask = Omit<TaskRecord, 'definition'> & { definition: string };

export function wireTask(task: TaskEntry): WireTask {
  return {
    id: task.id,
    ownerId: task.ownerId,
    version: task.version,
    createdAt: task.createdAt,
    updatedAt: task.updatedAt,
    definition: task.definition,
    state: task.state,
    cursorAt: task.cursorAt,
    nextAt: task.nextAt,
    segment: task.segment,
    segmentSlots: task.segmentSlots,
    episode: task.episode,
    closing: task.closing,
    foldedThroughAt: task.foldedThroughAt,
    failures: task.failures,
    lastEnded: task.lastEnded,
    lastLate: task.lastLate,
    live: task.live,
    held: task.held,
    waiting: task.waiting,
  };
}

export const TASK_COLUMNS = `task.n n, task.id id, owner_n, owner.id owner_id, version, created_at, updated_at, state,
  definition, segment, pause_after, fingerprint, folded_at, body
  FROM task JOIN task_now ON task_now.n = task.n JOIN owner ON owner.n = task.owner_n`;

/** task_now.body: a JSON array in this order. */
type Body = [
  nextAt: number | null,
  cursorAt: number,
  segmentSlots: number,
  episode: Episode | null,
  closing: Closing | null,
  failures: number,
  lastEnded: TaskRecord['lastEnded'],
  lastLate: boolean,
  live: number,
  held: number,
  waiting: number,
  lateLive: number,
  freeLive: number,
  asked: number,
  kept: number,
  seq: number,
  lastSkip: LastSkip | null,
  day: string,
  counts: string,
];

const text = (value: unknown) => (value === null ? 'null' : JSON.stringify(value));

/** By hand: a third of the time of JSON.stringify on an array made for it, and every fire and finish pays it. */
export function packTask(t: TaskEntry): string {
  const counters = `${t.live},${t.held},${t.waiting},${t.lateLive},${t.freeLive},${t.asked},${t.kept},${t.seq}`;
  const ended = t.lastEnded === null ? 'null' : `"${t.lastEnded}"`;
  const today = t.today === null ? '"",""' : `"${t.today.day}","${packCounts(t.today)}"`;
  return `[${t.nextAt},${t.cursorAt},${t.segmentSlots},${text(t.episode)},${text(t.closing)},${t.failures},${ended},${t.lastLate},${counters},${text(t.lastSkip)},${today}]`;
}

export function taskOfRow(row: SqlRow): TaskEntry {
  const [
    nextAt,
    cursorAt,
    segmentSlots,
    episode,
    closing,
    failures,
    lastEnded,
    lastLate,
    live,
    held,
    waiting,
    lateLive,
    freeLive,
    asked,
    kept,
    seq,
    lastSkip,
    day,
    counts,
  ] = JSON.parse(row.body as string) as Body;
  return {
    n: row.n as number,
    id: row.id as string,
    ownerN: row.owner_n as number,
    ownerId: row.owner_id as string,
    partition: partitionOfId(row.id as string) ?? 0,
    version: row.version as number,
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
    state: row.state as TaskRecord['state'],
    definition: row.definition as string,
    segment: JSON.parse(row.segment as string) as Segment,
    pauseAfterFailures: row.pause_after as number | null,
    fingerprint: row.fingerprint as string,
    foldedThroughAt: row.folded_at as number,
    nextAt,
    cursorAt,
    segmentSlots,
    episode,
    closing,
    failures,
    lastEnded,
    lastLate,
    live,
    held,
    waiting,
    lateLive,
    freeLive,
    asked,
    kept,
    seq,
    seqAhead: false,
    lastSkip,
    today: day === '' ? null : unpackCounts(day, counts),
    dirty: CLEAN,
    inserted: true,
    deleted: false,
  };
}

/** Whether loadDue may list it. */
const dueAt = (task: TaskEntry) => (task.state === 'active' || task.closing !== null ? task.nextAt : null);

const openRuns = (task: TaskEntry) => task.live + task.lateLive + task.freeLive;

/** What task_now holds of a task as JSON, for the redo log. */
export type TaskImage = [n: number, dueAt: number | null, open: number, body: unknown[]];

/** `body` as packTask made it. */
export const imageOfTask = (task: TaskEntry, body: string): string =>
  `[${task.n},${dueAt(task)},${openRuns(task)},${body}]`;

export interface TaskRows {
  /** A new task, in both tables; `body` as packTask made it. */
  insert(task: TaskEntry, body: string): void;
  /** Its row in `task`. */
  update(task: TaskEntry): void;
  /** Its row in `task_now`. `isDue`: the due index may have to change. */
  updateNow(task: TaskEntry, body: string, isDue: boolean): void;
  /** Puts an image of the redo log into `task_now`. */
  restore(image: TaskImage): void;
}

export function taskRows(db: SqlDb): TaskRows {
  const insertTask =
    db.prepare(`INSERT INTO task (n, id, owner_n, version, created_at, updated_at, state, definition,
    segment, pause_after, fingerprint, folded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertNow = db.prepare(
    'INSERT INTO task_now (n, partition, due_at, open, body) VALUES (?, ?, ?, ?, ?)',
  );
  const updateTask =
    db.prepare(`UPDATE task SET version = ?, updated_at = ?, state = ?, definition = ?, segment = ?,
    pause_after = ?, folded_at = ? WHERE n = ?`);
  // An index entry is rewritten whenever its column is named, changed or not: hence two statements.
  const updateNow = db.prepare('UPDATE task_now SET open = ?, body = ? WHERE n = ?');
  const updateDue = db.prepare('UPDATE task_now SET due_at = ?, open = ?, body = ? WHERE n = ?');

  return {
    insert(task, body) {
      const { n, id, ownerN, version, createdAt, updatedAt, state, definition } = task;
      const segment = JSON.stringify(task.segment);
      const { pauseAfterFailures, fingerprint, foldedThroughAt } = task;
      insertTask.run(
        n,
        id,
        ownerN,
        version,
        createdAt,
        updatedAt,
        state,
        definition,
        segment,
        pauseAfterFailures,
        fingerprint,
        foldedThroughAt,
      );
      insertNow.run(n, task.partition, dueAt(task), openRuns(task), body);
      task.inserted = true;
    },
    update(task) {
      const { n, version, updatedAt, state, definition, pauseAfterFailures, foldedThroughAt } = task;
      const segment = JSON.stringify(task.segment);
      updateTask.run(version, updatedAt, state, definition, segment, pauseAfterFailures, foldedThroughAt, n);
    },
    updateNow(task, body, isDue) {
      if (isDue) updateDue.run(dueAt(task), openRuns(task), body, task.n);
      else updateNow.run(openRuns(task), body, task.n);
    },
    restore([n, due, open, body]) {
      updateDue.run(due, open, JSON.stringify(body), n);
    },
  };
}
