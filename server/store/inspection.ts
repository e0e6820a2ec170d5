/** What the watchman (server/scheduler/watchman.ts) asks a store about itself, and what it is answered. */
import type { DayRecord, TaskRecord } from './records.ts';

/**
 * What may disagree inside a store about a task that it can read:
 * - `due_entry`: the due index and nextAt;
 * - `index_entry`: the task is missing from its partition's list, or from its owner's;
 * - `run_list`: the task's lists and counts of unended runs, and the runs themselves;
 * - `lease_entry`: a run is running without a lease (or with one that would not end);
 * - `queue_entry`: a run is queued in no queue that is served;
 * - `retry_entry`: a run waits for a retry that is not planned for its instant;
 * - `line_stuck`: runs are held or wait, and nothing that they could wait for is unended;
 * - `memory`: the embedded store's memory and its tables.
 */
export type FaultKind =
  | 'due_entry'
  | 'index_entry'
  | 'run_list'
  | 'lease_entry'
  | 'queue_entry'
  | 'retry_entry'
  | 'line_stuck'
  | 'memory';

export interface Fault {
  kind: FaultKind;
  /** Where and how: the same words as long as nothing has moved. */
  what: string;
}

export interface InspectedTask {
  task: TaskRecord;
  faults: Fault[];
}

/** A task or run that cannot be read: no step can repair what is not there. */
export interface BrokenRecord {
  id: string;
  what: string;
}

export interface TaskInspection {
  tasks: InspectedTask[];
  broken: BrokenRecord[];
  /** Goes on behind this id; null: that was the last. */
  next: string | null;
}

/**
 * An entry that points at nothing. `due`, `task`: of a task without records. `lease`, `retry`: of a run that is not running,
 * or does not wait. `owner`: of a task in its owner's list. `runs` (embedded): run rows of a task that is gone.
 */
export interface StrayEntry {
  index: 'due' | 'task' | 'lease' | 'retry' | 'owner' | 'runs';
  /** Task or run id; the embedded store's own number where there is no id any more. */
  id: string;
  /** Of an entry in an owner's list; else empty. */
  owner: string;
}

export interface IndexInspection {
  strays: StrayEntry[];
  /** Tasks that an index knows of and the partition's list of tasks does not. */
  unlisted: string[];
  /** Opaque; null: that was the last. */
  next: string | null;
}

/** What verdicts make of the counters of a day. */
export type DayCount = Pick<DayRecord, 'fired' | 'caughtUp' | 'skipped'>;
