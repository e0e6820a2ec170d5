/** One task of the list as it lives: what its card needs, and what each event of topic `task:<id>` makes of it. Pure. */
import type { EventPayload, EventType } from '../../shared/realtime';
import type { RecentSlot, RunState, Verdict } from '../../shared/run';
import type { Health, Task } from '../../shared/task';

/** Bars of a card. */
export const RECENT_SLOTS = 30;
/** Default of `policy.lateAfterMs` (shared/task.ts). */
const LATE_AFTER_MS = 1_000;
/** Default of `policy.retry.maxAttempts`. */
const MAX_ATTEMPTS = 3;
/** Slots that catch-up gave up: the same list by which the stores call a task late. */
const LATE_REASONS: readonly string[] = [
  'outside_catch_up_window',
  'catch_up_limit',
  'coalesced',
  'catch_up_off',
];
/** Reasons of changes made by people: they say nothing about punctuality. */
const NEUTRAL_REASONS: readonly string[] = ['schedule_changed', 'paused', 'ended'];

/** A recent slot, with what only events tell. */
export type LiveSlot = RecentSlot & {
  /** The attempt that runs or ran last. */
  attempt?: number;
  /** When a waiting retry is due. */
  retryAt?: number;
};

/** What a card is made of; small, because the list is kept on the phone. */
export interface LiveTask {
  id: string;
  version: number;
  name: string;
  state: Task['state'];
  health: Health;
  createdAt: number;
  schedule: Task['schedule'];
  lateAfterMs: number;
  maxAttempts: number;
  /** Null when no slot is planned. */
  nextFireAt: number | null;
  /** Every slot at or before this instant has its verdict. */
  decidedThroughAt: number;
  /** At most 30, newest first. */
  recent: readonly LiveSlot[];
}

/** What became of a task, and whether the event said too little, so that it must be read again. */
export interface LiveChange {
  task: LiveTask;
  incomplete: boolean;
}

/** A task as read from the server. What only events told about its retries is kept from `before`. */
export function toLiveTask(task: Task, before?: LiveTask): LiveTask {
  const known = new Map(before?.recent.map((slot) => [slot.runId, slot]));
  const recent = (task.recent ?? []).slice(0, RECENT_SLOTS).map((slot): LiveSlot => {
    const old = slot.runId === null ? undefined : known.get(slot.runId);
    if (old?.attempt === undefined || isEnded(slot.state)) return slot;
    const retryAt = slot.state === 'retry_wait' ? old.retryAt : undefined;
    return { ...slot, attempt: old.attempt, ...(retryAt === undefined ? null : { retryAt }) };
  });
  const { id, version, name, state, health, createdAt, schedule, nextFireAt, decidedThroughAt } = task;
  const lateAfterMs = task.policy.lateAfterMs ?? LATE_AFTER_MS;
  const maxAttempts = task.policy.retry?.maxAttempts ?? MAX_ATTEMPTS;
  return {
    id,
    version,
    name,
    state,
    health,
    createdAt,
    schedule,
    lateAfterMs,
    maxAttempts,
    nextFireAt,
    decidedThroughAt,
    recent,
  };
}

/** Ended for good. A slot that was skipped has no run and is not asked about. */
export function isEnded(state: RunState | null): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'timed_out' || state === 'cancelled';
}

/**
 * Applies an event of a slot or a run. Seen before, or older than what is known, it changes nothing and the same task
 * comes back. `task.changed` and what is not understood ask for a fresh reading.
 */
export function applyTaskEvent(task: LiveTask, type: EventType, event: EventPayload): LiveChange {
  if (type === 'slot.fired' || type === 'slot.caught_up') {
    return { task: decided(task, type === 'slot.fired' ? 'fired' : 'caught_up', event), incomplete: false };
  }
  if (type === 'slot.skipped') return skipped(task, event);
  if (type.startsWith('run.')) return moved(task, event);
  // Of the same version too: a task that ends keeps its version.
  return { task, incomplete: event.version === undefined || event.version >= task.version };
}

/** Best-effort progress of a running run; the same task when there is nothing to show. */
export function applyProgress(task: LiveTask, runId: string, progress: number): LiveTask {
  const at = task.recent.findIndex((slot) => slot.runId === runId);
  const slot = task.recent[at];
  if (slot === undefined || slot.state !== 'running' || slot.progress === progress) return task;
  return { ...task, recent: put(task.recent, at, { ...slot, progress }) };
}

function decided(task: LiveTask, verdict: Verdict, event: EventPayload): LiveTask {
  const { plannedAt, runId } = event;
  if (plannedAt === undefined || runId === undefined) return task;
  const known = task.recent.find((slot) => slot.runId === runId);
  if (known === undefined && plannedAt <= task.decidedThroughAt) return task;
  const recent =
    known === undefined
      ? insert(task.recent, { ...newSlot(runId, plannedAt), verdict })
      : task.recent.map((slot) => (slot === known ? { ...slot, verdict } : slot));
  if (plannedAt <= task.decidedThroughAt) return { ...task, recent };
  return {
    ...task,
    recent,
    decidedThroughAt: plannedAt,
    nextFireAt: event.nextAt ?? null,
    health: healthAfterSlot(task, verdict === 'caught_up'),
  };
}

function skipped(task: LiveTask, event: EventPayload): LiveChange {
  const { plannedAt, reason, count = 1 } = event;
  if (plannedAt === undefined || reason === undefined) return { task, incomplete: true };
  const decidedThroughAt = (event.toAt ?? plannedAt + 1) - 1;
  if (decidedThroughAt <= task.decidedThroughAt) return { task, incomplete: false };
  // Neighbouring slots skipped for one reason are one bar, as the server counts them.
  const at = task.recent.findIndex((slot) => slot.verdict !== null);
  const last = task.recent[at];
  const recent =
    last?.verdict === 'skipped' && last.reason === reason
      ? put(task.recent, at, { ...last, count: last.count + count })
      : insert(task.recent, {
          ...newSlot(null, plannedAt),
          count,
          verdict: 'skipped',
          reason: reason as LiveSlot['reason'],
          state: null,
        });
  const neutral = NEUTRAL_REASONS.includes(reason);
  const health = neutral ? task.health : healthAfterSlot(task, LATE_REASONS.includes(reason));
  // The next slot does not come with a skipped one: what was planned has passed, so it must be read.
  const passed = task.nextFireAt !== null && task.nextFireAt <= decidedThroughAt;
  const nextFireAt = event.nextAt ?? task.nextFireAt;
  return {
    task: { ...task, recent, decidedThroughAt, nextFireAt, health },
    incomplete: passed && event.nextAt === undefined,
  };
}

function moved(task: LiveTask, event: EventPayload): LiveChange {
  const { runId, state } = event;
  if (runId === undefined || state === undefined) return { task, incomplete: true };
  const at = task.recent.findIndex((slot) => slot.runId === runId);
  const known = task.recent[at];
  const plannedAt = known?.plannedAt ?? event.plannedAt ?? slotOf(runId);
  // A run that a person asked for and whose beginning was missed.
  if (plannedAt === null) return { task, incomplete: task.recent.length < RECENT_SLOTS };
  // Older than what is shown. Its end may matter to the task's health, or be old news: the server knows.
  const oldest = task.recent[RECENT_SLOTS - 1];
  if (known === undefined && oldest !== undefined && plannedAt < oldest.plannedAt) {
    return { task, incomplete: isEnded(state) };
  }
  const before = known ?? newSlot(runId, plannedAt);
  const isOld = event.attempt !== undefined && event.attempt < (before.attempt ?? 0);
  if (isEnded(before.state) || isOld) return { task, incomplete: false };

  const lateByMs = before.lateByMs ?? event.lateByMs ?? null;
  const after: LiveSlot = {
    ...before,
    state,
    lateByMs,
    late: lateByMs !== null && lateByMs > task.lateAfterMs,
    progress: state === 'running' || state === 'cancelling' ? before.progress : null,
  };
  if (event.attempt !== undefined) after.attempt = event.attempt;
  if (event.retryAt === undefined) delete after.retryAt;
  else after.retryAt = event.retryAt;
  if (isEnded(state)) delete after.attempt;
  const recent = known === undefined ? insert(task.recent, after) : put(task.recent, at, after);
  const next = { ...task, recent };
  if (!isEnded(state) || after.verdict === null) return { task: next, incomplete: false };
  const health = healthAfterRun(next, after);
  return { task: { ...next, health: health.is }, incomplete: !health.sure };
}

/** Newest first, without those beyond what a card shows. */
function insert(recent: readonly LiveSlot[], slot: LiveSlot): readonly LiveSlot[] {
  const older = recent.findIndex((other) => other.plannedAt <= slot.plannedAt);
  const at = older === -1 ? recent.length : older;
  return [...recent.slice(0, at), slot, ...recent.slice(at)].slice(0, RECENT_SLOTS);
}

/** Not `Array.prototype.with`: phones before iOS 16 have none. */
function put(recent: readonly LiveSlot[], at: number, slot: LiveSlot): readonly LiveSlot[] {
  return [...recent.slice(0, at), slot, ...recent.slice(at + 1)];
}

/** A run just queued. Its id tells a planned one (`<task>:<slot>`) from one that a person asked for. */
function newSlot(runId: string | null, plannedAt: number): LiveSlot {
  const planned = runId !== null && slotOf(runId) !== null;
  return {
    plannedAt,
    count: 1,
    verdict: planned ? 'fired' : null,
    reason: null,
    runId,
    state: 'queued',
    lateByMs: null,
    late: false,
    progress: null,
  };
}

/** The slot that a run's id names, or null. */
function slotOf(runId: string): number | null {
  const slot = /^[^:]+:(\d{1,16})$/.exec(runId)?.[1];
  return slot === undefined ? null : Number(slot);
}

/** A failing task stays so until a run ends well; otherwise the newest slot decides. */
function healthAfterSlot(task: LiveTask, late: boolean): Health {
  if (task.health === 'failing') return 'failing';
  if (late) return 'late';
  if (task.health !== 'late') return task.health;
  return task.recent.some((slot) => slot.verdict !== null && isEnded(slot.state)) ? 'healthy' : 'unknown';
}

/**
 * The rule of the API: failing, else late by the last slot, else healthy. Behind a failing health it is not seen whether
 * the last slot was late: when the run itself does not say, it is guessed and must be read.
 */
function healthAfterRun(task: LiveTask, run: LiveSlot): { is: Health; sure: boolean } {
  if (run.state === 'failed' || run.state === 'timed_out') return { is: 'failing', sure: true };
  const says = run.verdict === 'fired' && run.lateByMs !== null;
  const hidden = task.health === 'failing';
  const late = says ? run.late : hidden ? lastSlotLate(task.recent) : task.health === 'late';
  return { is: late ? 'late' : 'healthy', sure: says || !hidden };
}

function lastSlotLate(recent: readonly LiveSlot[]): boolean {
  const last = recent.find((slot) => slot.verdict !== null && !NEUTRAL_REASONS.includes(slot.reason ?? ''));
  if (last === undefined) return false;
  if (last.verdict === 'skipped') return LATE_REASONS.includes(last.reason ?? '');
  return last.verdict === 'caught_up' || (isEnded(last.state) && last.late);
}
