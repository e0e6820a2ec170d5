/** From the store's records to what the API answers. Pure. */
import type { RecentSlot, Run, RunSummary } from '../../shared/run.ts';
import type { Action, Health, HttpAction, Punctuality, Task } from '../../shared/task.ts';
import { LATENESS_BUCKETS, latenessPercentile } from '../store/lateness.ts';
import type { DayRecord, RunRecord, TaskRecord } from '../store/records.ts';

/** What stands for a secret when it is read; sent back, it means "unchanged". */
export const MASK = '***';

/** Punctuality says nothing below this many slots. */
const FEWEST_SLOTS = 10;
/** Days that punctuality looks back. */
export const PUNCTUALITY_DAYS = 30;

/** Without `recent` the answer has no such field. */
export function taskView(
  task: TaskRecord,
  lastRun: RunRecord | null,
  days: readonly DayRecord[],
  recent?: RecentSlot[],
): Task {
  const { name, schedule, action, policy, requires, visibleTo } = task.definition;
  const nextFireAt = task.state === 'active' && task.closing === null ? task.nextAt : null;
  return {
    id: task.id,
    version: task.version,
    name,
    state: task.state,
    health: healthOf(task),
    schedule,
    action: maskAction(action),
    policy,
    requires,
    visibleTo,
    createdAt: task.createdAt,
    updatedAt: task.updatedAt,
    decidedThroughAt: task.cursorAt,
    nextFireAt,
    nominalAt: nextFireAt === null ? null : nextFireAt - task.segment.spreadMs,
    lastRun: lastRun === null ? null : runSummary(lastRun),
    punctuality: punctualityOf(days),
    ...(recent !== undefined && { recent }),
  };
}

/** failing: the last ended slot run did not succeed; late: else the last slot was late or missed by a catch-up rule. */
export function healthOf(task: Pick<TaskRecord, 'lastEnded' | 'lastLate'>): Health {
  if (task.lastEnded === 'failed' || task.lastEnded === 'timed_out') return 'failing';
  if (task.lastLate) return 'late';
  return task.lastEnded === null ? 'unknown' : 'healthy';
}

/** On time of all slots but those skipped by overlap, pause or end. */
export function punctualityOf(days: readonly DayRecord[]): Punctuality {
  const histogram = new Array<number>(LATENESS_BUCKETS).fill(0);
  let onTime = 0;
  let slots = 0;
  for (const day of days) {
    for (let bucket = 0; bucket < LATENESS_BUCKETS; bucket += 1) {
      const timely = day.onTime[bucket] ?? 0;
      onTime += timely;
      histogram[bucket] = (histogram[bucket] as number) + timely + (day.late[bucket] ?? 0);
    }
    slots += day.fired + day.caughtUp;
    for (const [reason, count] of Object.entries(day.skipped)) {
      if (!['overlap', 'buffer_full', 'paused', 'ended', 'schedule_changed'].includes(reason)) slots += count;
    }
  }
  // Runs that have not ended yet are in no histogram; they are not held against the task.
  const started = histogram.reduce((sum, n) => sum + n, 0);
  const missed = days.reduce((sum, day) => sum + day.fired + day.caughtUp, 0);
  const judged = started + Math.max(0, slots - missed);
  if (judged < FEWEST_SLOTS) return { onTimePct: null, p50Ms: null, p99Ms: null };
  return {
    onTimePct: Math.floor((onTime / judged) * 10_000) / 100,
    p50Ms: latenessPercentile(histogram, 0.5),
    p99Ms: latenessPercentile(histogram, 0.99),
  };
}

export function runSummary(run: RunRecord): RunSummary {
  const { id, taskId, trigger, state, verdict, plannedAt, lateByMs, startedAt, endedAt } = run;
  return { id, taskId, trigger, state, verdict, plannedAt, lateByMs, startedAt, endedAt };
}

export function runView(run: RunRecord): Run {
  const { retryOf, nominalAt, waitedMs, queuedAt, retryAt, progress, result, error, attempts } = run;
  return {
    ...runSummary(run),
    retryOf,
    nominalAt,
    waitedMs,
    queuedAt,
    retryAt,
    progress,
    result,
    error,
    attempts,
  };
}

/** Headers and body are write-only. */
export function maskAction(action: Action): Action {
  if (action.kind !== 'http') return action;
  const masked: HttpAction = { ...action };
  if (action.headers !== undefined) {
    masked.headers = Object.fromEntries(Object.keys(action.headers).map((name) => [name, MASK]));
  }
  if (action.body !== undefined && action.body !== null) masked.body = MASK;
  return masked;
}

/** What was read as masked and is sent back masked keeps its old value, as long as it still goes to the same origin. */
export function unmaskAction(sent: Action, kept: Action): Action {
  if (sent.kind !== 'http' || kept.kind !== 'http' || !sameOrigin(sent.url, kept.url)) return sent;
  const action: HttpAction = { ...sent };
  if (sent.body === MASK && kept.body !== undefined) action.body = kept.body;
  if (sent.headers !== undefined) {
    const old = new Map(
      Object.entries(kept.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    action.headers = Object.fromEntries(
      Object.entries(sent.headers).map(([name, value]) => [
        name,
        value === MASK ? (old.get(name.toLowerCase()) ?? value) : value,
      ]),
    );
  }
  return action;
}

const sameOrigin = (a: string, b: string) =>
  URL.canParse(a) && URL.canParse(b) && new URL(a).origin === new URL(b).origin;
