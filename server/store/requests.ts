/** What the steps of the store contract (store.ts) are asked and what they answer. */
import type { EventPayload, EventType } from '../../shared/realtime.ts';
import type { RunError, RunState } from '../../shared/run.ts';
import type { JsonValue, TaskDefinition, TaskState } from '../../shared/task.ts';
import type {
  Episode,
  RunRecord,
  Segment,
  SkipDecision,
  SlotDecision,
  StepPolicy,
  TaskRecord,
} from './records.ts';

/** What the store found out about itself at start. */
export interface StoreInfo {
  /** One line: what an acknowledged write survives. */
  durability: string;
  /** One line each; nothing here stops the start. */
  warnings: string[];
}

/** Something changed that a loop may be waiting for. Hints only: loops also poll (≤ 1 s). */
export type Wake =
  /** A task's next slot may now be as early as `at`. */
  | { kind: 'due'; partition: number; at: number }
  /** Runs became ready. */
  | { kind: 'ready'; partition: number }
  /** A running run is to be cancelled. */
  | { kind: 'cancel'; partition: number; runId: string };

export interface StoreListener {
  /** Never throws into the store. From any server of the same store, this one included. */
  onWake(wake: Wake): void;
  /** The partition's write number went backwards, or its epoch is another: acknowledged writes were lost. A new epoch is
   * open already; whatever is cached of the partition must be read again. */
  onRollback(partition: number): void;
  /**
   * The partition's event log grew; only for partitions asked for with `listen`. A hint: it may be lost, so that readers
   * also look every few seconds. From any server of the same store, this one included.
   */
  onEvents?(partition: number): void;
  /** Progress and log lines of a run, as they were written; best effort, only for partitions asked for with `listen`. */
  onRunLog?(news: RunLogNews): void;
  /** The store became unreachable / reachable again. */
  onHealth(up: boolean): void;
  /** The store has ended inside this process and will not come back: the process is to be started anew. */
  onGone?(why: string): void;
}

/** One live server. */
export interface ServerBeat {
  id: string;
  /** What it does: `scheduler` and `worker` count for the sharing of partitions. */
  roles: string[];
  startedAt: number;
}

export interface NewTask {
  id: string;
  definition: TaskDefinition;
  segment: Segment;
  /** segment.fromAt - 1, as a rule. */
  cursorAt: number;
  nextAt: number | null;
  /** Hash of the request; decides whether a repeat of the id is the same creation. */
  fingerprint: string;
  /** Pause after this many failures in a row; null: never. (Steps read it without reading the definition.) */
  pauseAfterFailures: number | null;
}
export type CreateTaskAnswer =
  | { code: 'created' | 'exists'; task: TaskRecord }
  /** The id is taken by another creation. */
  | { code: 'conflict' }
  | { code: 'limit' };

/**
 * A change of one task, by its owner or by the engine. Compared: version, cursorAt (unless null), whether its segment is open, and that no
 * closing is pending (unless `closes`). Then, together: skips are recorded, the open segment is closed at `closeAt`, the
 * next one opened, cursor, state and definition replaced.
 */
export interface TaskChange {
  taskId: string;
  version: number;
  /** Expected cursor; null when the change touches neither cursor nor segment (a rename). */
  cursorAt: number | null;
  /** User edits grow the version; the engine's own (ending, pausing after failures) do not. */
  byUser: boolean;
  /** This change carries out the pending closing. */
  closes: boolean;
  definition?: TaskDefinition;
  pauseAfterFailures?: number | null;
  state?: TaskState;
  /** Verdicts of slots in (cursorAt, nextCursorAt] that had none. */
  skips: SkipDecision[];
  /** New cursor; must not be after the store's now nor before the old one. Ignored when cursorAt is null. */
  nextCursorAt: number;
  /** Close the open segment at this instant (its toAt); null: it stays open. */
  closeAt: number | null;
  /** Open this segment (segmentSlots starts at 0). */
  open: Segment | null;
  /** Only used when cursorAt is not null. */
  nextAt: number | null;
  /** Cancel held runs and waiting caught-up/backfill runs (`until`, delete). */
  cancelHeld: boolean;
}
export type ChangeTaskAnswer =
  | { code: 'changed'; task: TaskRecord }
  | { code: 'version_conflict'; version: number }
  /** Cursor, state or closing moved meanwhile: read again and repeat. */
  | { code: 'stale' }
  | { code: 'gone' };

/** One task's part of a firing step. */
export interface FireRequest {
  taskId: string;
  /** Compared with the task's, together with cursorAt, state `active` and no pending closing. */
  version: number;
  cursorAt: number;
  /** In order of plannedAt, all in (cursorAt, nextCursorAt]. At most 1,000. */
  decisions: SlotDecision[];
  /** The last decided slot, or later. Never after the store's now: then the answer is `early`. */
  nextCursorAt: number;
  nextAt: number | null;
  /** Stored with the cursor; null when no backlog is left. */
  episode: Episode | null;
  /** No slot is left: the segment is closed at nextCursorAt + 1 and the task ends. Held and waiting runs still run. */
  ends: boolean;
  policy: StepPolicy;
}
export type FireAnswer =
  | {
      code: 'fired';
      taskId: string /** Runs made ready by it, in order. */;
      ready: string[];
      runs: number;
      skipped: number;
    }
  /** The cursor is at or past nextCursorAt already, under the same version. */
  | { code: 'already_fired'; taskId: string }
  | { code: 'early'; taskId: string; now: number }
  /** Version, cursor, state or closing moved: read it again. */
  | { code: 'stale'; taskId: string }
  | { code: 'gone'; taskId: string };

/** A request for work. Repeating requestId within 60 s answers the same runs. */
export interface ClaimRequest {
  /** Random, 122 bits or more; also the token of every lease it makes. */
  requestId: string;
  worker: string;
  limit: number;
  leaseMs: number;
}

export type FinishOutcome = 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'retry' | 'released';

export interface FinishRequest {
  runId: string;
  token: string;
  fence: number;
  /** `retry`: the attempt failed (or timed out) and attempts are left. `released`: given back unfinished, counts nothing. */
  outcome: FinishOutcome;
  /** How the attempt itself ended, for its record. */
  attemptOutcome: 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'released';
  /** For `retry`. */
  retryInMs: number;
  error: RunError | null;
  /** ≤ 4 KiB as JSON; null when none. */
  result: JsonValue;
  /** `until` is met: a closing with reason `ended` is left on the task (unless one is pending or it has ended). */
  endTask: boolean;
}
export type FinishAnswer =
  | { code: 'finished'; runId: string; state: RunState }
  /** This very finish was applied before. */
  | { code: 'already_done'; runId: string; state: RunState }
  /** Another lease has it, or it ended otherwise: nothing was written. */
  | { code: 'refused'; runId: string }
  | { code: 'gone'; runId: string };

export interface RenewItem {
  runId: string;
  token: string;
  fence: number;
}
export type RenewAnswer = { runId: string; code: 'renewed' | 'cancelling' | 'lost' };

/** A run asked for by a person. */
export interface AskedRun {
  /** From askedRunId. Put-if-absent. */
  id: string;
  taskId: string;
  trigger: 'manual' | 'backfill';
  /** `free` for manual, `late` for backfill. */
  line: 'free' | 'late';
  /** The slot for backfill; null for manual: the store's now. */
  plannedAt: number | null;
  nominalAt: number | null;
  retryOf: string | null;
  policy: StepPolicy;
}
export type AskAnswer =
  | { code: 'created' | 'exists'; run: RunRecord }
  | { code: 'gone' }
  /** Over `maxUnended` unended asked runs of the task. */
  | { code: 'limit' };

export type CancelAnswer = { code: 'cancelled' | 'cancelling' | 'ended'; run: RunRecord } | { code: 'gone' };

export interface RecoverAnswer {
  /** Attempts whose lease had expired. */
  lost: { runId: string; taskId: string; state: RunState }[];
  /** Waiting retries made ready. */
  promoted: number;
  /** Earliest instant at which there will be something to do again, as known; null: nothing waits. */
  nextAt: number | null;
}

export interface PruneOptions {
  /** The start of a local day; 0: nothing is folded. */
  foldAt: number;
  /** `YYYYMMDD`; empty: all are kept. */
  keepDay: string;
  segmentsBeforeAt: number;
  runsBeforeAt: number;
}

export interface StoredLogLine {
  at: number;
  attempt: number;
  level: 'info' | 'warn' | 'error';
  text: string;
}

export interface RunLogNews {
  partition: number;
  runId: string;
  /** Null: unchanged. */
  progress: number | null;
  /** Oldest first. */
  lines: StoredLogLine[];
}

/** A topic and the last seq that its reader has; null: it has none and only asks where the topic stands. */
export interface TopicAsk {
  topic: string;
  afterSeq: number | null;
}
export interface TopicReplay {
  topic: string;
  /** The topic's last seq; 0 before its first event. */
  seq: number;
  /** Events after `afterSeq`, oldest first; empty when none was asked for; null: some are no longer kept, lie too far back,
   * or afterSeq is beyond seq. */
  events: StoredEvent[] | null;
}

export interface StoredEvent {
  topic: string;
  seq: number;
  type: EventType;
  payload: EventPayload;
}
