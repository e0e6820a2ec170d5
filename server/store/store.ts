/**
 * The store contract. Two implementations (server/store/sqlite, server/store/redis) pass one conformance suite
 * (test/store/contract). Every operation is asynchronous and touches one partition (one Redis Cluster slot), unless it
 * says otherwise; everything that changes state is one atomic step: all of it happens, or nothing.
 *
 * Rules that hold for every step
 * - The store's clock decides (`time()`); no caller's clock is trusted. Steps stamp createdAt, startedAt, endedAt and
 *   the like themselves.
 * - A repeat after a lost answer changes nothing; each operation says what it then answers.
 * - Each step that changes something appends one entry to its partition's event log, in the same atomic step; `seq`
 *   grows by one per topic and event inside an epoch, without holes. Topics: `tasks:<ownerId>` (the owner's list),
 *   `task:<taskId>`, `run:<runId>`.
 * - Steps of a batch are judged one by one and answered in the order asked; one that is refused does not touch others.
 * - An unreachable store rejects with a StoreUnavailableError (server/store/status.ts) within 1 s, whatever the
 *   operation; the step may or may not have been applied. An operation that would break the data rejects with another
 *   error and has changed nothing.
 * - Not in the contract: connections, transactions, keys, SQL.
 */

import type { EventPayload, EventType } from '../../shared/realtime.ts';
import type { RunError, RunState } from '../../shared/run.ts';
import type { JsonValue, TaskDefinition, TaskState } from '../../shared/task.ts';
import type {
  ClaimedRun,
  DayRecord,
  DocumentRecord,
  Episode,
  RunRecord,
  Segment,
  SkipDecision,
  SlotDecision,
  StepPolicy,
  TaskRecord,
  VerdictRecord,
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
  /** The store became unreachable / reachable again. */
  onHealth(up: boolean): void;
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
 * A change of one task, by its owner or by the engine. Compared: version, cursorAt (unless null), state, and that no
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

export interface StoredEvent {
  topic: string;
  seq: number;
  type: EventType;
  payload: EventPayload;
}

export interface Store {
  readonly kind: 'embedded' | 'redis';

  // ---- life ----
  /** Connects, checks (version, eviction policy, corruption, folder in use, partition count), makes what is missing.
   * Rejects with a StartError of one clear line. */
  start(listener: StoreListener): Promise<StoreInfo>;
  /** Idempotent. */
  stop(): Promise<void>;
  /** The store's clock, ms. Also the health probe. */
  time(): Promise<number>;
  /** Announces a live server for ttlMs (0: says good-bye) and answers the live ones, itself included. */
  beat(server: ServerBeat, ttlMs: number): Promise<ServerBeat[]>;

  // ---- documents: users, sessions, settings, kept data; whatever later parts need per owner ----
  /** `kind` is a short word, `id` ≤ 100 characters. */
  getDocument(ownerId: string, kind: string, id: string): Promise<DocumentRecord | null>;
  /** Written only if the present version is `ifVersion` (0: absent or expired). Null: it was not. Value ≤ 1 MiB as JSON. */
  putDocument(
    ownerId: string,
    kind: string,
    id: string,
    value: JsonValue,
    options: { ifVersion: number; expiresAt?: number | null },
  ): Promise<DocumentRecord | null>;
  /** True when there was one. `ifVersion` undefined: whatever the version. */
  deleteDocument(ownerId: string, kind: string, id: string, ifVersion?: number): Promise<boolean>;
  /** By id, ascending; `after` the last id seen. */
  listDocuments(
    ownerId: string,
    kind: string,
    options: { after?: string; limit: number },
  ): Promise<DocumentRecord[]>;

  // ---- tasks ----
  /** Put-if-absent of up to 100 tasks of one owner; `limit`: most tasks the owner may have. Events: task.created on the
   * owner's list and on the task. */
  createTasks(ownerId: string, tasks: NewTask[], limit: number): Promise<CreateTaskAnswer[]>;
  getTask(taskId: string): Promise<TaskRecord | null>;
  /** All of the owner's, newest first. */
  listTasks(ownerId: string): Promise<TaskRecord[]>;
  /** Event: task.changed on both topics (also slot.skipped for skips). */
  changeTask(change: TaskChange): Promise<ChangeTaskAnswer>;
  /** Removes the task and all that belongs to it. Running runs are told to cancel; their finish finds them gone. Event:
   * task.deleted on both topics. False: there was none. */
  deleteTask(taskId: string): Promise<boolean>;
  /** All segments kept, oldest first. */
  listSegments(taskId: string): Promise<Segment[]>;

  // ---- firing ----
  /** Active tasks, and those with a pending closing, whose nextAt is ≤ untilAt, earliest first. `after` continues a
   * listing: the nextAt and id of the last one seen. */
  loadDue(
    partition: number,
    untilAt: number,
    limit: number,
    after?: { nextAt: number; taskId: string },
  ): Promise<TaskRecord[]>;
  /**
   * The firing step, for up to 200 tasks of one partition. For each, all or nothing: compare, move the cursor, resolve
   * overlap against the live count (server/store/overlap.ts, one set of vectors for all implementations), write
   * verdicts and day counters, create runs (`held` or ready), append events. Neighbouring skips of one reason and day
   * become one record, also with the last record kept. With `claim`, what is ready is then claimed in the same call.
   */
  fireSlots(
    partition: number,
    fires: FireRequest[],
    claim?: ClaimRequest,
  ): Promise<{ fires: FireAnswer[]; claimed: ClaimedRun[] }>;

  // ---- runs ----
  /** Up to `limit` ready runs of the partition: priority first, then owners in turn, oldest-ready first within an owner;
   * each gets lease, token, fence = max(previous + 1, time × 1024), the next attempt number. Event: run.started. */
  claimRuns(partition: number, claim: ClaimRequest): Promise<ClaimedRun[]>;
  /** Prolongs leases to now + leaseMs, never beyond a run's deadline. An expired lease that nobody took yet is renewed. */
  renewRuns(partition: number, items: RenewItem[], leaseMs: number): Promise<RenewAnswer[]>;
  /**
   * Ends attempts. Refused for another token or fence. Writes outcome, attempt record, counters, retry time; makes the
   * next held or waiting run of the task ready; counts failures in a row and leaves a closing `paused` on the task when
   * they reach pauseAfterFailures; a run in `cancelling` whose outcome is retry, released or cancelled ends `cancelled`.
   * Removes the lease last. With `claim`, claims in the same call.
   */
  finishRuns(
    partition: number,
    items: FinishRequest[],
    claim?: ClaimRequest,
  ): Promise<{ finished: FinishAnswer[]; claimed: ClaimedRun[] }>;
  /** Progress (0 to 100, null: unchanged) and log lines of a running attempt; best effort, at most the last 1,000 lines and
   * 64 KiB a run are kept. False when token and fence are not those of the lease. */
  appendRunLog(
    runId: string,
    lease: { token: string; fence: number },
    lines: StoredLogLine[],
    progress: number | null,
  ): Promise<boolean>;
  /** Oldest first. */
  listRunLog(runId: string): Promise<StoredLogLine[]>;
  /** Puts up to 100 asked-for runs of one task in their lines. Events: run.queued or run.held. */
  askRuns(taskId: string, runs: AskedRun[], maxUnended: number): Promise<AskAnswer[]>;
  /** Held, queued or waiting runs are cancelled at once, running ones become `cancelling` (wake: cancel). */
  cancelRun(runId: string): Promise<CancelAnswer>;
  /**
   * Takes back up to `limit` expired leases (to `queued`; `cancelling` ones end `cancelled`; the third loss ends the run
   * `failed` with WORKER_LOST) and makes due retries ready. `countLosses: false` after the store itself was away.
   * Embedded: every lease of an earlier boot is expired, none of this boot's is.
   */
  recoverRuns(partition: number, options: { limit: number; countLosses: boolean }): Promise<RecoverAnswer>;
  getRun(runId: string): Promise<RunRecord | null>;
  /** Newest created first, of a task or of all an owner's tasks; `before` the id of the last one seen. At most 10,000 are
   * looked through for a filter; `more` says that older ones may exist. */
  listRuns(
    of: { taskId: string } | { ownerId: string },
    options: { states?: RunState[]; limit: number; before?: string },
  ): Promise<{ items: RunRecord[]; more: boolean }>;

  // ---- verdicts and counters ----
  /** Records that touch [fromAt, toAt), newest first unless `oldestFirst`; a range is answered whole. */
  listVerdicts(
    taskId: string,
    fromAt: number,
    toAt: number,
    options: { limit: number; oldestFirst?: boolean },
  ): Promise<VerdictRecord[]>;
  /** Number of verdict records kept, and the first one's instant. */
  countVerdicts(taskId: string): Promise<{ records: number; oldestAt: number | null }>;
  /** Days from `fromDay` on (`YYYYMMDD`), oldest first. */
  listDays(taskId: string, fromDay: string): Promise<DayRecord[]>;
  /**
   * Folds and prunes: verdict records before foldAt go, segments that ended at or before segmentsBeforeAt, days before
   * keepDay, and ended runs (with logs) that ended before runsBeforeAt, at most 500 a call. What has not ended stays.
   */
  pruneTask(taskId: string, options: PruneOptions): Promise<{ verdicts: number; runs: number }>;
  /** Every task of the partition, whatever its state, by id ascending; `after` the last id seen. For rounds that look at all. */
  scanTasks(partition: number, after: string | null, limit: number): Promise<TaskRecord[]>;

  // ---- events ----
  /** Log entries after `after` (null: from the oldest kept), at most `limit` entries; `position` continues. `gap`: entries
   * after `after` are no longer kept, or the epoch is another. */
  readEvents(
    partition: number,
    after: { epoch: string; position: string } | null,
    limit: number,
  ): Promise<{ epoch: string; position: string; events: StoredEvent[]; gap: boolean }>;
}
