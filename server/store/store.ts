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
 * - Runs: `run.*` events go to the task's and the run's topic. A task id that is made again goes on with its topic's seq.
 * - Failures in a row: cancelled runs leave them as they are, a resume sets them to 0.
 * - The calls are described here, what they are asked and answer in requests.ts, what is kept in records.ts.
 * - Not in the contract: connections, transactions, keys, SQL.
 */
import type { RunState } from '../../shared/run.ts';
import type { JsonValue } from '../../shared/task.ts';
import type { DayCount, Fault, IndexInspection, StrayEntry, TaskInspection } from './inspection.ts';
import type {
  ClaimedRun,
  DayRecord,
  DocumentRecord,
  RunRecord,
  Segment,
  TaskRecord,
  VerdictRecord,
} from './records.ts';
import type {
  AskAnswer,
  AskedRun,
  CancelAnswer,
  ChangeTaskAnswer,
  ClaimRequest,
  CreateTaskAnswer,
  FinishAnswer,
  FinishRequest,
  FireAnswer,
  FireRequest,
  NewTask,
  PruneOptions,
  RecoverAnswer,
  RenewAnswer,
  RenewItem,
  ServerBeat,
  StoredEvent,
  StoredLogLine,
  StoreInfo,
  StoreListener,
  TaskChange,
  TopicAsk,
  TopicReplay,
} from './requests.ts';
import type { TransferSteps } from './transfer.ts';

/** What moving a store needs besides is in transfer.ts. */
export interface Store extends TransferSteps {
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
   * next held or waiting run of the task ready (unless its end is asked for, by this finish or before); counts failures in a row and leaves a closing `paused` on the task when
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
   * Delivered after validUntilAt (default: no limit) it takes nothing back.
   * Embedded: every lease of an earlier boot is expired, none of this boot's is.
   */
  recoverRuns(
    partition: number,
    options: { limit: number; countLosses: boolean; validUntilAt?: number },
  ): Promise<RecoverAnswer>;
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

  // ---- inspection: the watchman's; see inspection.ts ----
  /**
   * What disagrees inside the store about tasks of the partition: up to `limit` by id ascending after the last one seen, or
   * those named. Changes nothing. Fewer are answered where many runs are kept; `next` says where to go on.
   */
  inspectTasks(
    partition: number,
    of: { after: string | null; limit: number } | { taskIds: string[] },
  ): Promise<TaskInspection>;
  /**
   * Looks again and puts right, in one atomic step, what disagrees about the task at that moment: runs are believed before
   * lists, nextAt before the due index. A run that nobody leases gets a lease of leaseMs, which a living worker renews and
   * recoverRuns takes back. Answers what it put right; a repeat finds nothing. Events: task.changed, run.queued.
   */
  repairTask(taskId: string, leaseMs: number): Promise<Fault[]>;
  /** Entries of the partition's indexes that point at nothing, about `limit` looked at a call; `after` from the call before. */
  inspectIndexes(partition: number, after: string | null, limit: number): Promise<IndexInspection>;
  /** Removes those of the entries that still point at nothing; answers how many. No events. */
  repairIndexes(partition: number, strays: StrayEntry[]): Promise<number>;
  /** Sets the slot counters of a day, if they still are what `seen` says. No events. */
  repairDay(taskId: string, day: string, seen: DayCount, counted: DayCount): Promise<boolean>;

  // ---- events ----
  /** Log entries after `after` (null: from the oldest kept), at most `limit` entries; `position` continues. `gap`: entries
   * after `after` are no longer kept, or the epoch is another. */
  readEvents(
    partition: number,
    after: { epoch: string; position: string } | null,
    limit: number,
  ): Promise<{ epoch: string; position: string; events: StoredEvent[]; gap: boolean }>;
  /**
   * Where topics of one partition stand, and what came after the seqs asked for: one atomic read. `position` continues
   * with readEvents from right there. Looks through at most `limit` (≤ 10,000) log entries, newest first, in one scan for
   * all topics. At most 200 topics.
   */
  replayTopics(
    partition: number,
    asks: TopicAsk[],
    limit: number,
  ): Promise<{ epoch: string; position: string; topics: TopicReplay[] }>;
  /** From now on hints of these partitions' events and run logs reach this process's listener, and of no others. Never
   * rejects: a store that is away takes it up when it is back. */
  listen(partitions: readonly number[]): void;
}
