/** Runs, slots and verdicts: the words of docs/promise and the transition table that stores, docs and phone share. */
import type { JsonValue } from './task.ts';

export type RunState =
  | 'held'
  | 'queued'
  | 'running'
  | 'retry_wait'
  | 'cancelling'
  | 'succeeded'
  | 'failed'
  | 'timed_out'
  | 'cancelled';

/**
 * Every move a run may make, and why. Both stores, docs/states.md and the phone are tested against this table.
 * A run that is created starts `held` or `queued`.
 */
export const RUN_TRANSITIONS = [
  { from: 'held', to: 'queued', because: 'the run before it ended' },
  { from: 'held', to: 'cancelled', because: 'cancelled, replaced, or the task ended' },
  { from: 'queued', to: 'running', because: 'claimed' },
  { from: 'queued', to: 'cancelled', because: 'cancelled' },
  { from: 'running', to: 'succeeded', because: 'the action succeeded' },
  { from: 'running', to: 'failed', because: 'no attempts left, or the third worker was lost' },
  { from: 'running', to: 'timed_out', because: 'no attempts left and the last failure was a timeout' },
  { from: 'running', to: 'retry_wait', because: 'the attempt failed and attempts are left' },
  { from: 'running', to: 'queued', because: 'the lease expired (lost) or was given back (released)' },
  { from: 'running', to: 'cancelling', because: 'cancel was asked for' },
  { from: 'retry_wait', to: 'queued', because: 'the delay is over' },
  { from: 'retry_wait', to: 'cancelled', because: 'cancelled' },
  { from: 'cancelling', to: 'cancelled', because: 'the worker confirmed, or its lease ended' },
  { from: 'cancelling', to: 'succeeded', because: 'its finish came first' },
  { from: 'cancelling', to: 'failed', because: 'its finish came first' },
  { from: 'cancelling', to: 'timed_out', because: 'its finish came first' },
] as const satisfies readonly { from: RunState; to: RunState; because: string }[];

/** States that a run never leaves. */
export const ENDED_STATES = [
  'succeeded',
  'failed',
  'timed_out',
  'cancelled',
] as const satisfies readonly RunState[];

/** `slot`: planned by the schedule. `manual`: run now, retry, requeue. `backfill`: past slots, asked for. */
export type RunTrigger = 'slot' | 'manual' | 'backfill';

export type Verdict = 'fired' | 'caught_up' | 'skipped';

/** Why a slot was skipped. */
export const SKIP_REASONS = [
  'overlap',
  'buffer_full',
  'outside_catch_up_window',
  'catch_up_limit',
  'coalesced',
  'catch_up_off',
  'schedule_changed',
  'paused',
  'ended',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** How one attempt ended. `lost`: its worker's lease expired. `released`: given back at shutdown. */
export type AttemptOutcome = 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'lost' | 'released';

export interface RunError {
  code: string;
  message: string;
}

export interface Attempt {
  /** 1 for the first. */
  n: number;
  /** Grows with every claim of this run. */
  fence: number;
  worker: string;
  startedAt: number;
  /** Null while it runs. */
  endedAt: number | null;
  outcome: AttemptOutcome | null;
  error: RunError | null;
}

export interface RunSummary {
  id: string;
  taskId: string;
  trigger: RunTrigger;
  state: RunState;
  /** Of the slot that asked for it; null for manual runs. */
  verdict: 'fired' | 'caught_up' | null;
  /** The slot, or the instant a person asked. */
  plannedAt: number;
  /** First start minus plannedAt; null before the first start. */
  lateByMs: number | null;
  startedAt: number | null;
  endedAt: number | null;
}

/** A run as `GET /api/runs/:id` answers it. */
export interface Run extends RunSummary {
  /** The run that this one repeats, or null. */
  retryOf: string | null;
  /** The slot before the spread. */
  nominalAt: number;
  /** Part of lateByMs that was spent held behind other runs. */
  waitedMs: number;
  /** When it last became ready; null while held. */
  queuedAt: number | null;
  /** When a waiting retry becomes ready; null otherwise. */
  retryAt: number | null;
  /** 0 to 100, or null. */
  progress: number | null;
  /** At most 4 KiB as JSON. */
  result: JsonValue;
  error: RunError | null;
  attempts: Attempt[];
}

export interface LogLine {
  at: number;
  attempt: number;
  level: 'info' | 'warn' | 'error';
  text: string;
}

/** One slot, or neighbouring skipped slots with one reason as one item. */
export interface SlotItem {
  /** The slot, or the first of the range. */
  plannedAt: number;
  /** plannedAt + 1, or one past the last slot of the range. */
  toAt: number;
  count: number;
  verdict: Verdict;
  reason: SkipReason | null;
  runId: string | null;
  /** Known while the run is kept. */
  lateByMs: number | null;
}

/** One bar of a task's card: a run, or a range of skipped slots. */
export interface RecentSlot {
  /** The slot, the first of a skipped range, or the instant a person asked. */
  plannedAt: number;
  /** Slots it stands for: 1, more for a skipped range. */
  count: number;
  /** Null: a manual run, or a backfill one. */
  verdict: Verdict | null;
  /** Of a skipped one. */
  reason: SkipReason | null;
  /** Null when skipped. */
  runId: string | null;
  state: RunState | null;
  lateByMs: number | null;
  /** True when it started later than the task's lateAfterMs allows. */
  late: boolean;
  /** 0 to 100 while it runs, else null. */
  progress: number | null;
}

/** The proof: slots that the segments plan against verdicts kept, over `[fromAt, toAt)` behind the cursor. */
export interface Audit {
  fromAt: number;
  toAt: number;
  planned: number;
  fired: number;
  caughtUp: number;
  skipped: Partial<Record<SkipReason, number>>;
  /** Planned slots without a verdict plus verdicts without a planned slot. */
  unaccounted: number;
  /**
   * The same count for stretches that were planned with other zone or calendar data than this server has: the recount may
   * differ there without anything having gone wrong. Absent when 0.
   */
  unproven?: number;
  ok: boolean;
  /** True when part of the interval is folded into whole days and was widened to them. */
  folded: boolean;
}

/** Counters of one day in the task's zone. */
export interface DayStats {
  /** `YYYY-MM-DD`. */
  day: string;
  planned: number;
  onTime: number;
  late: number;
  caughtUp: number;
  skipped: number;
  succeeded: number;
  failed: number;
}
