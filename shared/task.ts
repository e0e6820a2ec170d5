/**
 * Tasks as the phone and the server exchange them. Instants are integer milliseconds since the Unix epoch in store
 * time and named `xAt`; lengths are milliseconds and named `xMs`; intervals are half-open, `[fromAt, toAt)`.
 */
import type { RecentSlot, RunSummary } from './run.ts';

/** `active` plans slots; `paused` plans none until resumed; `ended` has no further slot. */
export type TaskState = 'active' | 'paused' | 'ended';

/**
 * Which local days have slots: every day; the work days of mainland China (make-up days on weekends are, public holidays are
 * not); or the other days. Years without a published plan count Monday to Friday as work days.
 */
export type Calendar = 'all' | 'cn_workdays' | 'cn_holidays';

/** Bounds and placement that every kind of schedule may carry. Absent fields mean their default. */
export interface ScheduleBounds {
  /** Which days count, by the schedule's zone (`every` and `at`: Asia/Shanghai). Default `all`. */
  calendar?: Calendar;
  /** No nominal slot before this instant. Default null: none. */
  startAt?: number | null;
  /** No nominal slot at or after this instant. Default null: none. */
  endAt?: number | null;
  /** At most this many planned slots from the segment's start, whatever their verdict. Default null: no limit. */
  maxSlots?: number | null;
  /**
   * Every slot of a task comes later than its nominal instant by one stable offset in `[0, spreadMs)`, another for each task.
   * Below the shortest interval of the schedule, at most one day. Default 0.
   */
  spreadMs?: number;
}

/**
 * A cron pattern read in an IANA time zone: 5 fields, 6 with seconds first, or 7 with a year last, as CloudBase timers write
 * them.
 */
export interface CronSchedule extends ScheduleBounds {
  kind: 'cron';
  cron: string;
  /** IANA name or `UTC`. Default `Asia/Shanghai`. */
  timezone?: string;
}

/** Slots at `anchorAt + k * everyMs` for every integer k. */
export interface EverySchedule extends ScheduleBounds {
  kind: 'every';
  /** At least 1,000. */
  everyMs: number;
  /** Default 0. */
  anchorAt?: number;
}

/** One slot. */
export interface AtSchedule extends ScheduleBounds {
  kind: 'at';
  at: number;
}

export type Schedule = CronSchedule | EverySchedule | AtSchedule;

/** What an HTTP answer must look like for the attempt to succeed. */
export interface HttpExpectation {
  /** Accepted status codes. Default: 200 to 299. */
  status?: number[];
  /** The whole call must take no longer than this. */
  maxMs?: number;
  /** Values in the JSON answer, by path (`$.a.b[0]`). */
  json?: { path: string; equals: JsonScalar }[];
}

export type JsonScalar = string | number | boolean | null;
export type JsonValue = JsonScalar | JsonValue[] | { [key: string]: JsonValue };

export interface HttpAction {
  kind: 'http';
  /** Default GET. */
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  /** Write-only: values read back as `***`; a value sent back as `***` is kept. */
  headers?: Record<string, string>;
  /** Write-only like headers. A string is sent as it is, anything else as JSON. */
  body?: JsonValue;
  expect?: HttpExpectation;
  /** Follow up to 5 redirects, each checked like the first address. Default false. */
  followRedirects?: boolean;
}

export interface HandlerAction {
  kind: 'handler';
  /** A name from `GET /api/handlers`. */
  name: string;
  input?: JsonValue;
}

export type Action = HttpAction | HandlerAction;

export type OverlapPolicy = 'skip' | 'buffer_one' | 'buffer_all' | 'cancel_other' | 'allow_all';
export type CatchUpPolicy = 'all' | 'latest' | 'none';

export interface RetryPolicy {
  /** Attempts that may fail, the first included; 1 to 20. Default 3. */
  maxAttempts?: number;
  /** Default 1,000. */
  baseDelayMs?: number;
  /** Default 60,000. */
  maxDelayMs?: number;
}

export interface CatchUp {
  /** Default `all`. */
  policy?: CatchUpPolicy;
  /** Default 86,400,000 (one day). */
  windowMs?: number;
  /** Default 100, at most 10,000. */
  maxRuns?: number;
}

/** The task ends once the value at `path` in a run's result equals this. */
export interface UntilCondition {
  path: string;
  equals: JsonScalar;
}

export interface TaskPolicy {
  /** Per attempt. Default 10,000. */
  timeoutMs?: number;
  retry?: RetryPolicy;
  /** What becomes of an on-time slot while an earlier run has not ended. Default `skip`. */
  overlap?: OverlapPolicy;
  catchUp?: CatchUp;
  /** A start within this many ms of its slot is on time; 1 to 60,000. Default 1,000. */
  lateAfterMs?: number;
  /** -10 to 10, higher first. Default 0. */
  priority?: number;
  /** Pause after this many failed slot runs in a row. Default null: never. */
  pauseAfterFailures?: number | null;
  until?: UntilCondition | null;
}

/** What the owner writes. Only what differs from a default is stored. */
export interface TaskDefinition {
  name: string;
  schedule: Schedule;
  action: Action;
  policy: TaskPolicy;
  /** Attribute policy: who may run it. Kept, and evaluated by later parts. */
  requires: string | null;
  /** Attribute policy: who may find and watch it. */
  visibleTo: string | null;
}

export type Health = 'healthy' | 'failing' | 'late' | 'unknown';

/** Over 30 days. Null fields below 10 slots. */
export interface Punctuality {
  /** On time of all slots but those skipped by overlap, pause or end; 0 to 100 with two decimals. */
  onTimePct: number | null;
  p50Ms: number | null;
  p99Ms: number | null;
}

/** A task as `GET /api/tasks/:id` answers it. */
export interface Task extends TaskDefinition {
  id: string;
  version: number;
  state: TaskState;
  health: Health;
  createdAt: number;
  updatedAt: number;
  /** Every slot at or before this instant has its verdict. */
  decidedThroughAt: number;
  /** The next planned slot, spread included; null when none. */
  nextFireAt: number | null;
  /** The same slot before the spread. */
  nominalAt: number | null;
  lastRun: RunSummary | null;
  punctuality: Punctuality;
  /** The last slots and runs, newest first; only when asked for with `recent=1` to `30`. */
  recent?: RecentSlot[];
}
