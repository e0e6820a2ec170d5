/**
 * The part of the store contract that a move from one store to another needs (server/move): what reading for people and
 * for the engine leaves out, and putting in as it was, with instants, versions and cursors of the past.
 *
 * - Putting in may be repeated, after a lost answer or from the beginning: what is there already stays as it is.
 * - The order is: task, its runs (oldest created first), their logs, what is ready, its verdicts. No server runs on the
 *   store meanwhile: see mark.ts.
 * - No event is written. Topics begin again at 0, in the new epochs that a store opens which was emptied with `clear`.
 */
import type { StoreMark } from './mark.ts';
import type { DayRecord, DocumentRecord, RunRecord, Segment, TaskRecord, VerdictRecord } from './records.ts';
import type { StoredLogLine } from './requests.ts';

/** A task, and what its record does not tell. */
export interface TaskExport {
  task: TaskRecord;
  /** Hash of the request that made it. */
  fingerprint: string;
  pauseAfterFailures: number | null;
}

/** A run, and what its record does not tell. */
export interface RunExport {
  run: RunRecord;
  /** Local day of the slot; null when no slot asked for the run. */
  day: string | null;
  /** Number and fence of the last attempt; 0 before the first. */
  attempt: number;
  fence: number;
  /** Failed attempts, and attempts whose worker was lost. */
  failures: number;
  losses: number;
}

/** Documents of one owner and kind; where `listDocuments` finds them. */
export interface DocumentList {
  ownerId: string;
  kind: string;
}

export interface StoreRoom {
  /** What the store takes now; of a Redis shared with others, theirs as well. */
  usedBytes: number;
  /** What it may still take; null: not known or not limited. */
  freeBytes: number | null;
}

export interface TransferSteps {
  /** Why no server may start here; null: it may. */
  readMark(): Promise<StoreMark | null>;
  writeMark(mark: StoreMark | null): Promise<void>;
  /** Of the machine or of Redis; an estimate. */
  room(): Promise<StoreRoom>;

  /** All owners' lists of documents in the partition, in pages; some may come twice, or be empty. `next` null: the end. */
  listDocumentLists(
    partition: number,
    after: string | null,
  ): Promise<{ lists: DocumentList[]; next: string | null }>;
  /** In the order asked, at most 100; without those that are gone. All of one partition. */
  exportTasks(taskIds: string[]): Promise<TaskExport[]>;
  /** In the order asked, at most 100; without those that are gone. All of one partition. */
  exportRuns(runIds: string[]): Promise<RunExport[]>;

  /**
   * Removes everything but the mark, which must be `arriving`. The store is to be stopped and started afterwards: it then
   * opens new epochs.
   */
  clear(): Promise<void>;
  /** As it is, over one of the same id. Nothing when it has expired. */
  importDocument(ownerId: string, kind: string, document: DocumentRecord): Promise<void>;
  /**
   * Put-if-absent, without runs: its counters of live, held and waiting ones start at 0 and grow with `importRuns`.
   * `closed`: its segments but the last one, oldest first. `days`: all day counters. An owner's tasks come oldest first.
   */
  importTask(task: TaskExport, closed: Segment[], days: DayRecord[]): Promise<void>;
  /**
   * Put-if-absent of up to 100 runs of one owner's tasks, oldest created first. Running ones have an expired lease: the
   * next recoverRuns takes them back as lost.
   */
  importRuns(runs: RunExport[]): Promise<void>;
  /** The whole log of a run. */
  importRunLog(runId: string, lines: StoredLogLine[]): Promise<void>;
  /** Those of the runs that are queued join the ready ones, in this order. All of one partition, at most 1,000. */
  importReady(runIds: string[]): Promise<void>;
  /** Up to 1,000 records in order; those not after the newest one kept are passed over. */
  importVerdicts(taskId: string, records: VerdictRecord[]): Promise<void>;
}
