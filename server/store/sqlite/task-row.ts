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

export const TASK_COLUMNS = `task.n n, task.id id, owner_n, owner.id owner_id, version, created_at,
  updated_at, state, definition, segment, pause_after, fingerprint, folded_at, next_at, cursor_at, segment_slots, episode,
  closing, failures, last_ended, last_late, live, held, waiting, late_live, free_live, asked, kept, task_now.seq seq,
  last_skip, today
  FROM task JOIN task_now ON task_now.n = task.n JOIN owner ON owner.n = task.owner_n`;

const json = <T>(text: unknown): T | null => (text === null ? null : (JSON.parse(text as string) as T));

export function taskOfRow(row: SqlRow): TaskEntry {
  const today = row.today as string | null;
  const split = today === null ? -1 : today.indexOf(':');
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
    nextAt: row.next_at as number | null,
    cursorAt: row.cursor_at as number,
    segmentSlots: row.segment_slots as number,
    episode: json<Episode>(row.episode),
    closing: json<Closing>(row.closing),
    failures: row.failures as number,
    lastEnded: row.last_ended as TaskRecord['lastEnded'],
    lastLate: row.last_late === 1,
    live: row.live as number,
    held: row.held as number,
    waiting: row.waiting as number,
    lateLive: row.late_live as number,
    freeLive: row.free_live as number,
    asked: row.asked as number,
    kept: row.kept as number,
    seq: row.seq as number,
    seqAhead: false,
    lastSkip: json<LastSkip>(row.last_skip),
    today: today === null ? null : unpackCounts(today.slice(0, split), today.slice(split + 1)),
    dirty: CLEAN,
    inserted: true,
    deleted: false,
  };
}

/** Whether loadDue may list it. */
const dueAt = (task: TaskEntry) => (task.state === 'active' || task.closing !== null ? task.nextAt : null);

const HOT = [
  'next_at',
  'cursor_at',
  'segment_slots',
  'episode',
  'closing',
  'failures',
  'last_ended',
  'last_late',
  'live',
  'held',
  'waiting',
  'late_live',
  'free_live',
  'asked',
  'kept',
  'seq',
  'last_skip',
  'today',
] as const;

const hotValues = (task: TaskEntry) =>
  [
    task.nextAt,
    task.cursorAt,
    task.segmentSlots,
    task.episode === null ? null : JSON.stringify(task.episode),
    task.closing === null ? null : JSON.stringify(task.closing),
    task.failures,
    task.lastEnded,
    task.lastLate ? 1 : 0,
    task.live,
    task.held,
    task.waiting,
    task.lateLive,
    task.freeLive,
    task.asked,
    task.kept,
    task.seq,
    task.lastSkip === null ? null : JSON.stringify(task.lastSkip),
    task.today === null ? null : `${task.today.day}:${packCounts(task.today)}`,
  ] as const;

/** Writes what has changed. */
export function taskWriter(db: SqlDb): (task: TaskEntry) => void {
  const set = (names: readonly string[]) => names.map((name) => `${name} = ?`).join(', ');
  const insertTask =
    db.prepare(`INSERT INTO task (n, id, owner_n, version, created_at, updated_at, state, definition,
    segment, pause_after, fingerprint, folded_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const insertNow = db.prepare(
    `INSERT INTO task_now (n, partition, due_at, ${HOT.join(', ')}) VALUES (?, ?, ?, ${HOT.map(() => '?').join(', ')})`,
  );
  const updateTask =
    db.prepare(`UPDATE task SET version = ?, updated_at = ?, state = ?, definition = ?, segment = ?,
    pause_after = ?, folded_at = ? WHERE n = ?`);
  // An index entry is rewritten whenever its column is named, changed or not: hence two statements.
  const updateNow = db.prepare(`UPDATE task_now SET ${set(HOT)} WHERE n = ?`);
  const updateDue = db.prepare(`UPDATE task_now SET due_at = ?, ${set(HOT)} WHERE n = ?`);

  return (task) => {
    const segment = task.dirty === ALL ? JSON.stringify(task.segment) : '';
    if (!task.inserted) {
      insertTask.run(
        task.n,
        task.id,
        task.ownerN,
        task.version,
        task.createdAt,
        task.updatedAt,
        task.state,
        task.definition,
        segment,
        task.pauseAfterFailures,
        task.fingerprint,
        task.foldedThroughAt,
      );
      insertNow.run(task.n, task.partition, dueAt(task), ...hotValues(task));
      task.inserted = true;
    } else {
      if (task.dirty === ALL) {
        updateTask.run(
          task.version,
          task.updatedAt,
          task.state,
          task.definition,
          segment,
          task.pauseAfterFailures,
          task.foldedThroughAt,
          task.n,
        );
      }
      if (task.dirty === NOW) updateNow.run(...hotValues(task), task.n);
      else updateDue.run(dueAt(task), ...hotValues(task), task.n);
    }
    task.dirty = CLEAN;
    task.seqAhead = false;
  };
}
