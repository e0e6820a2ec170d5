/** The narrow ports that handlers get beside their attempt. `app.ts` hands them over; handlers never see a store. */
import type { JsonValue } from '../../shared/task.ts';

/** What `dataSync` keeps for one task. */
export interface SyncRecord {
  /** Grows by one with every save; 1 for the first. */
  revision: number;
  /** Who saved it, so that a repeat of that run can tell its own work from an earlier run's. */
  runId: string;
  fence: number;
  /** Item id to content hash as they were before that run began. */
  before: Record<string, string>;
  /** Item id to content hash as kept now. */
  hashes: Record<string, string>;
}

/** Keeps one list per task: at most 2,000 items and 1 MiB as JSON (the handler holds to that before it saves). */
export interface SyncPort {
  /** Null before the first save. */
  load(userId: string, taskId: string): Promise<SyncRecord | null>;
  /**
   * One atomic step: replaces record and items when the kept revision is `expectedRevision` (0: nothing kept).
   * Answers false, and writes nothing, when it is not, or when the same run has saved with a higher fence. Repeated
   * with the same `next` after a lost answer it answers true.
   */
  save(
    userId: string,
    taskId: string,
    expectedRevision: number,
    next: SyncRecord,
    items: Record<string, JsonValue>,
  ): Promise<boolean>;
}

export interface HistoryPort {
  /**
   * Removes the owner's ended runs, and their logs, that ended more than `days` days ago; verdicts and counters stay.
   * Works in batches and stops between two once the signal is aborted. Repeating it is harmless.
   */
  prune(userId: string, days: number, signal: AbortSignal): Promise<{ runs: number }>;
}

export interface HandlerPorts {
  sync: SyncPort;
  history: HistoryPort;
}
