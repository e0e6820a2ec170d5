/**
 * The records that stores keep and answer. No connection, transaction or driver type appears here. Instants are ms of
 * store time.
 */
import type { Attempt, RunError, RunState, RunTrigger, SkipReason } from '../../shared/run.ts';
import type { JsonValue, OverlapPolicy, Schedule, TaskDefinition, TaskState } from '../../shared/task.ts';

/**
 * A stretch of a task's life under one schedule: it plans the slots of `schedule` in `[fromAt, toAt)`, at most
 * `maxSlots` of them. `schedule: null` is a paused stretch and plans none. Edit, pause, resume and end close one; all
 * but end open the next.
 */
export interface Segment {
  fromAt: number;
  /** Null while open. */
  toAt: number | null;
  schedule: Schedule | null;
  /** Planned slots allowed from fromAt on; null: no limit. (A resumed task goes on with what was left.) */
  maxSlots: number | null;
  /** Offset added to every nominal slot. */
  spreadMs: number;
  /** Version of the time zone data it was planned with, such as `2025b`. */
  zoneData: string;
  /** Version of the calendar data; empty while no calendar is used. */
  calendarData: string;
}

/** A backlog being worked off; judged as of its start however many batches it takes. */
export interface Episode {
  startedAt: number;
  /** Oldest slot that still gets a run; earlier ones are skipped as `catch_up_limit` (or `coalesced`). */
  runFromAt: number;
}

/** An end or a pause that a finish asked for (`until`, `pauseAfterFailures`) and the scheduler has yet to carry out. */
export interface Closing {
  reason: 'ended' | 'paused';
  /** Slots up to and including this instant, if undecided, are skipped with the reason. */
  at: number;
}

/** A task as the store keeps it: what the owner wrote, and what the engine keeps beside it. */
export interface TaskRecord {
  id: string;
  ownerId: string;
  /** Grows by one with each user edit, never with a fire. */
  version: number;
  createdAt: number;
  updatedAt: number;
  definition: TaskDefinition;
  state: TaskState;
  /** `decidedThroughAt`: every slot at or before it has its verdict, none after it has. Only moves forward. */
  cursorAt: number;
  /** The next slot to decide; a hint for the due index. Null: nothing to do. */
  nextAt: number | null;
  /** The open segment, or the last one once the task has ended. */
  segment: Segment;
  /** Slots decided in the open segment so far. */
  segmentSlots: number;
  episode: Episode | null;
  closing: Closing | null;
  /** Verdicts before this instant are folded into day counters; 0: none. Always the start of a local day. */
  foldedThroughAt: number;
  /** Failed slot runs in a row. */
  failures: number;
  /** How the last slot run that ended did; null: none has ended. */
  lastEnded: 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | null;
  /** The last decided slot was late, caught up, or skipped by a catch-up rule. */
  lastLate: boolean;
  /** Unended on-time runs that are not held / held ones / waiting caught-up and backfill runs. */
  live: number;
  held: number;
  waiting: number;
}

/** Which queue of its task a run stands in. `slot`: on-time slots, under the overlap policy. `late`: caught-up and backfill
 * runs, in order, one at a time. `free`: manual runs; no order, no overlap. */
export type RunLine = 'slot' | 'late' | 'free';

export interface RunRecord {
  id: string;
  taskId: string;
  ownerId: string;
  trigger: RunTrigger;
  line: RunLine;
  state: RunState;
  retryOf: string | null;
  plannedAt: number;
  nominalAt: number;
  verdict: 'fired' | 'caught_up' | null;
  createdAt: number;
  /** First start minus plannedAt; null before it. */
  lateByMs: number | null;
  /** How long it was held before it first became ready. */
  waitedMs: number;
  queuedAt: number | null;
  retryAt: number | null;
  /** Start of the first attempt. */
  startedAt: number | null;
  endedAt: number | null;
  progress: number | null;
  result: JsonValue;
  error: RunError | null;
  /** Ended attempts, oldest first, then the running one with endedAt null. At most the last 50. */
  attempts: Attempt[];
  timeoutMs: number;
  lateAfterMs: number;
  priority: number;
}

/** A slot's verdict, or neighbouring skipped slots of one local day with one reason. In order of plannedAt, disjoint. */
export interface VerdictRecord {
  plannedAt: number;
  /** plannedAt + 1, or one past the last slot of the range. */
  toAt: number;
  count: number;
  verdict: 'fired' | 'caught_up' | 'skipped';
  reason: SkipReason | null;
}

/** Counters of one local day (`YYYYMMDD`) of a task. Kept for slots by the day of plannedAt. */
export interface DayRecord {
  day: string;
  fired: number;
  caughtUp: number;
  skipped: Partial<Record<SkipReason, number>>;
  /** Ended slot runs that had started: by bucket of LATENESS_BOUNDS_MS, on time and late apart. */
  onTime: number[];
  late: number[];
  /** Ended slot runs by how they ended. timed_out counts as failed. */
  succeeded: number;
  failed: number;
  cancelled: number;
}

/** What the firing step is told about one slot (or range), in order of plannedAt. `day` is the local day of plannedAt. */
export type SlotDecision =
  | { kind: 'fire'; plannedAt: number; nominalAt: number; day: string }
  | { kind: 'catch_up'; plannedAt: number; nominalAt: number; day: string }
  | { kind: 'skip'; plannedAt: number; toAt: number; count: number; reason: SkipReason; day: string };

export type SkipDecision = Extract<SlotDecision, { kind: 'skip' }>;

/** What a step needs of the policy, so that it need not read the definition (the version compare vouches for it). */
export interface StepPolicy {
  overlap: OverlapPolicy;
  priority: number;
  timeoutMs: number;
  lateAfterMs: number;
}

/** A run handed to a worker. `definition` is the task's at the moment of the claim. */
export interface ClaimedRun {
  runId: string;
  taskId: string;
  ownerId: string;
  trigger: RunTrigger;
  plannedAt: number;
  nominalAt: number;
  attempt: number;
  /** Failed attempts before this one (lost and released ones do not count). */
  failures: number;
  fence: number;
  token: string;
  startedAt: number;
  lateByMs: number;
  timeoutMs: number;
  /** No renewal is accepted beyond this instant: startedAt + timeoutMs + 15,000. */
  deadlineAt: number;
  definition: TaskDefinition;
}

/** One owner's small document. `version` starts at 1 and grows with every put. */
export interface DocumentRecord {
  id: string;
  version: number;
  value: JsonValue;
  /** Removed by the store some time after this instant; null: kept. Reading never answers an expired one. */
  expiresAt: number | null;
}
