/**
 * How a task's life changes: pure functions from (task, now, what is wanted) to what the store is asked to do. Each edit
 * of the schedule, pause, resume and end decides every slot up to `closeAt`, closes the open segment there and (all but
 * the end) opens the next.
 */
import type { TaskDefinition } from '../../shared/task.ts';
import type { Segment, TaskRecord } from '../store/records.ts';
import type { NewTask, TaskChange } from '../store/requests.ts';
import { samePattern } from './definition.ts';
import { hasOwnData, nextStretch, openSegment, pausedSegment } from './open-segment.ts';
import { planClose } from './plan-close.ts';
import { createSegmentSource, slotsLeft } from './segment-source.ts';
import { spreadOffset } from './spread.ts';
import { scheduleZone } from './zone-day.ts';

/** A closing cannot wait for a catch-up that it has stopped; its slots are counted in one go (about 2 µs each). */
const MOST_OWED_AT_CLOSING = 10_000_000;

/** More slots are owed than a change decides at once: the scheduler has to catch the task up first. */
export const BEHIND = 'behind';

/** What the store is asked to create. Slots are planned from the instant after `now`; `at` from its own instant if past. */
export function newTask(id: string, definition: TaskDefinition, now: number, fingerprint: string): NewTask {
  const { schedule, policy } = definition;
  const fromAt = schedule.kind === 'at' ? Math.min(now, schedule.at) : now + 1;
  const offsetMs = spreadOffset(id, schedule.spreadMs ?? 0);
  const segment = openSegment(schedule, fromAt, schedule.maxSlots ?? null, offsetMs);
  return {
    id,
    definition,
    segment,
    cursorAt: fromAt - 1,
    nextAt: createSegmentSource(segment).next(fromAt - 1),
    fingerprint,
    pauseAfterFailures: policy.pauseAfterFailures ?? null,
  };
}

/** Name, action or policies change; schedule, cursor and segment do not. */
export function redefine(task: TaskRecord, definition: TaskDefinition): TaskChange {
  return {
    ...unchanged(task),
    cursorAt: null,
    definition,
    pauseAfterFailures: definition.policy.pauseAfterFailures ?? null,
  };
}

/** Another schedule. An ended task goes on with it; a paused one keeps it for its resume. One without a slot ends the task. */
export function reschedule(
  task: TaskRecord,
  definition: TaskDefinition,
  now: number,
): TaskChange | typeof BEHIND {
  const { schedule } = definition;
  const pauseAfterFailures = definition.policy.pauseAfterFailures ?? null;
  const maxSlots = schedule.maxSlots ?? null;
  if (task.state === 'paused') {
    const closeAt = Math.max(task.cursorAt, now);
    const isSame = samePattern(schedule, task.definition.schedule);
    const change = close(task, closeAt, 'schedule_changed', pausedSegment(task, closeAt, maxSlots, isSame));
    return change === BEHIND ? BEHIND : { ...change, definition, pauseAfterFailures, byUser: true };
  }
  const { closeAt, segment } = nextStretch(task, schedule, now, maxSlots);
  const change = close(task, closeAt, 'schedule_changed', segment);
  if (change === BEHIND) return BEHIND;
  const edited = { ...change, definition, pauseAfterFailures, byUser: true };
  // An active task without a next slot would never be looked at again.
  return change.nextAt === null ? { ...edited, open: null, state: 'ended' } : { ...edited, state: 'active' };
}

/** Held, queued and running runs go on; no slot is planned until the resume. */
export function pause(task: TaskRecord, now: number): TaskChange | typeof BEHIND {
  const closeAt = closingAt(task, now);
  const change = close(task, closeAt, 'paused', pausedSegment(task, closeAt, null, true));
  if (change === BEHIND || change.open === null) return change;
  const decided = change.skips.reduce((sum, skip) => sum + skip.count, 0);
  const maxSlots = task.segment.maxSlots === null ? null : Math.max(0, slotsLeft(task) - decided);
  const open = { ...change.open, maxSlots };
  return { ...change, open, state: 'paused', byUser: task.closing === null, closes: task.closing !== null };
}

/** Slots after `now`, with what maxSlots left when the task was paused. Without any the task ends. */
export function resume(task: TaskRecord, now: number): TaskChange {
  const { closeAt, segment } = nextStretch(task, task.definition.schedule, now, task.segment.maxSlots);
  const change = close(task, closeAt, 'paused', segment) as TaskChange;
  if (change.nextAt === null) return { ...change, open: null, state: 'ended', byUser: true };
  return { ...change, state: 'active', byUser: true };
}

/** Carries out a closing `ended` (`until` was met): held and waiting runs are cancelled. */
export function end(task: TaskRecord, now: number): TaskChange | typeof BEHIND {
  const change = close(task, closingAt(task, now), 'ended', null);
  if (change === BEHIND) return BEHIND;
  const byUser = task.closing === null;
  return { ...change, state: 'ended', byUser, closes: !byUser, cancelHeld: true };
}

/**
 * A segment that was planned with other zone or calendar data than this process has is closed behind its last decision, and
 * one with the present data goes on there: what is decided stays under the old name, what is not is planned anew. Null when
 * there is nothing to do, or a backlog has to be worked off first. Without a slot by the new data the task ends.
 */
export function seal(task: TaskRecord): TaskChange | null {
  const { segment, cursorAt } = task;
  const left = slotsLeft(task);
  if (task.state !== 'active' || task.closing !== null || task.episode !== null || left <= 0) return null;
  if (segment.toAt !== null || hasOwnData(segment)) return null;
  const maxSlots = segment.maxSlots === null ? null : left;
  const open = openSegment(segment.schedule, cursorAt + 1, maxSlots, segment.spreadMs);
  const nextAt = createSegmentSource(open).next(cursorAt);
  const change = { ...unchanged(task), byUser: false, closeAt: cursorAt + 1, nextAt };
  return nextAt === null ? { ...change, state: 'ended' } : { ...change, open };
}

/** What the pending closing asks for. */
export const carryOutClosing = (task: TaskRecord, now: number): TaskChange | typeof BEHIND =>
  task.closing?.reason === 'paused' ? pause(task, now) : end(task, now);

/** A closing decides up to where it was asked for; slots after it never existed. */
const closingAt = (task: TaskRecord, now: number) => Math.max(task.cursorAt, task.closing?.at ?? now);

function close(
  task: TaskRecord,
  closeAt: number,
  reason: 'schedule_changed' | 'paused' | 'ended',
  open: Segment | null,
): TaskChange | typeof BEHIND {
  const ended = task.segment.toAt !== null;
  const source = createSegmentSource(task.segment, scheduleZone(task.definition.schedule));
  const plan = ended
    ? { skips: [] }
    : planClose(task, closeAt, reason, source, task.closing === null ? undefined : MOST_OWED_AT_CLOSING);
  if (plan === null) return BEHIND;
  const hasSlots = open !== null && open.schedule !== null && open.maxSlots !== 0;
  return {
    ...unchanged(task),
    skips: plan.skips,
    nextCursorAt: closeAt,
    closeAt: ended ? null : closeAt + 1,
    open,
    nextAt: hasSlots ? createSegmentSource(open).next(closeAt) : null,
  };
}

const unchanged = (task: TaskRecord): TaskChange => ({
  taskId: task.id,
  version: task.version,
  cursorAt: task.cursorAt,
  byUser: true,
  closes: false,
  skips: [],
  nextCursorAt: task.cursorAt,
  closeAt: null,
  open: null,
  nextAt: task.nextAt,
  cancelHeld: false,
});
