/** The firing step: the cursor moves, and every slot it passes gets its verdict. */
import type { SkipReason } from '../../../../shared/run.ts';
import { resolveOverlap } from '../../overlap.ts';
import type { SkipDecision, SlotDecision, StepPolicy } from '../../records.ts';
import type { FireAnswer, FireRequest } from '../../requests.ts';
import { CAUGHT_UP, FIRED, REASONS } from '../days.ts';
import { checkIntegers, refuse } from '../refused.ts';
import type { RunEntry } from '../run-row.ts';
import type { State } from '../state.ts';
import { ALL, DUE, type TaskEntry } from '../task-row.ts';
import { recordSkip } from '../verdicts.ts';
import { cancelUnended, heldRuns, liveRuns, releaseHeld } from './end-run.ts';
import { newRun } from './new-run.ts';
import { trimRuns } from './prune.ts';

const MAX_DECISIONS = 1_000;
const LATE_REASONS: readonly SkipReason[] = [
  'outside_catch_up_window',
  'catch_up_limit',
  'coalesced',
  'catch_up_off',
];

/** Throws for what no planner may send; writes nothing. */
export function checkFire(fire: FireRequest): void {
  if (fire.decisions.length > MAX_DECISIONS) refuse('more than 1,000 decisions');
  const { cursorAt, nextCursorAt, nextAt } = fire;
  checkIntegers({ cursorAt, nextCursorAt, nextAt });
  checkPolicy(fire.policy);
  checkOrder(fire.decisions, fire.cursorAt, fire.nextCursorAt);
}

export function checkPolicy({ priority, timeoutMs, lateAfterMs }: StepPolicy): void {
  checkIntegers({ priority, timeoutMs, lateAfterMs });
}

/** Decisions must lie in order in (cursorAt, nextCursorAt]. */
export function checkOrder(decisions: readonly SlotDecision[], cursorAt: number, nextCursorAt: number): void {
  let before = cursorAt;
  for (const decision of decisions) {
    const last = decision.kind === 'skip' ? decision.toAt - 1 : decision.plannedAt;
    if (decision.plannedAt <= before || last < decision.plannedAt || last > nextCursorAt) {
      refuse(`slot ${decision.plannedAt} is out of order or beyond the cursor`);
    }
    if (!/^\d{8}$/.test(decision.day)) refuse(`${decision.day} is not a day`);
    if (decision.kind === 'skip') checkSkip(decision);
    else checkIntegers({ plannedAt: decision.plannedAt, nominalAt: decision.nominalAt });
    before = last;
  }
}

function checkSkip({ plannedAt, toAt, count, reason }: SkipDecision): void {
  checkIntegers({ plannedAt, toAt, count });
  if (count < 1 || !REASONS.includes(reason)) refuse(`slot ${plannedAt} is skipped without count or reason`);
}

export function fireTask(s: State, now: number, fire: FireRequest): FireAnswer {
  const { taskId } = fire;
  const task = s.task(taskId);
  if (task === null) return { code: 'gone', taskId };
  if (task.version !== fire.version) return { code: 'stale', taskId };
  if (task.cursorAt !== fire.cursorAt || task.state !== 'active' || task.closing !== null) {
    return { code: task.cursorAt >= fire.nextCursorAt ? 'already_fired' : 'stale', taskId };
  }
  if (fire.nextCursorAt > now) return { code: 'early', taskId, now };

  const done = { ready: [] as string[], runs: 0, skipped: 0 };
  for (const decision of fire.decisions) {
    if (decision.kind === 'skip') skipSlots(s, task, decision, now, done);
    else if (decision.kind === 'catch_up') catchUp(s, task, decision, fire, now, done);
    else fireSlot(s, task, decision, fire, now, done);
  }
  const last = fire.decisions.at(-1);
  // A fired slot counts as on time until its run says otherwise.
  if (last !== undefined) {
    task.lastLate = last.kind === 'catch_up' || (last.kind === 'skip' && LATE_REASONS.includes(last.reason));
  }
  task.cursorAt = fire.nextCursorAt;
  task.nextAt = fire.ends ? null : fire.nextAt;
  task.episode = fire.episode;
  s.touchTask(task, DUE);
  if (fire.ends) {
    task.segment = { ...task.segment, toAt: task.segment.toAt ?? fire.nextCursorAt + 1 };
    task.state = 'ended';
    task.updatedAt = now;
    s.touchTask(task, ALL);
    s.emitToOwner(task, 'task.changed', { taskId, at: now, version: task.version });
  }
  trimRuns(s, task);
  return { code: 'fired', taskId, ...done };
}

interface Done {
  ready: string[];
  runs: number;
  skipped: number;
}
type Skip = Extract<SlotDecision, { kind: 'skip' }>;
type Slot = Exclude<SlotDecision, Skip>;

function skipSlots(s: State, task: TaskEntry, skip: Omit<Skip, 'kind'>, now: number, done: Done): void {
  skipRange(s, task, skip, now);
  task.segmentSlots += skip.count;
  done.skipped += skip.count;
}

/** Verdict, counters and event of skipped slots; also for changes of a task. */
export function skipRange(s: State, task: TaskEntry, skip: Omit<Skip, 'kind'>, now: number): void {
  recordSkip(s, task, skip);
  const { plannedAt, toAt, count, reason } = skip;
  s.emit(task, 'slot.skipped', { taskId: task.id, at: now, plannedAt, toAt, count, reason });
}

function catchUp(s: State, task: TaskEntry, slot: Slot, fire: FireRequest, now: number, done: Done): void {
  slotRun(s, task, slot, fire, task.lateLive > 0, now, done);
}

function fireSlot(s: State, task: TaskEntry, slot: Slot, fire: FireRequest, now: number, done: Done): void {
  const overlap = resolveOverlap(fire.policy.overlap, task.live, task.held);
  if (overlap.slot === 'skip') {
    const { plannedAt, day } = slot;
    skipSlots(s, task, { plannedAt, toAt: plannedAt + 1, count: 1, reason: overlap.reason!, day }, now, done);
    return;
  }
  // Held ones first: otherwise the end of the last live one would make a held one ready.
  if (overlap.cancelHeld) cancelAll(s, task, heldRuns(s, task, 'slot', task.held), now);
  if (overlap.cancelLive) cancelAll(s, task, liveRuns(s, task), now);
  if (overlap.releaseHeld) for (const run of releaseHeld(s, task, now)) done.ready.push(run.id);
  const held = overlap.slot === 'hold' && task.live > 0;
  slotRun(s, task, slot, fire, held, now, done);
}

function cancelAll(s: State, task: TaskEntry, runs: RunEntry[], now: number): void {
  for (const run of runs) cancelUnended(s, task, run, now);
}

function slotRun(
  s: State,
  task: TaskEntry,
  slot: Slot,
  fire: FireRequest,
  held: boolean,
  now: number,
  done: Done,
): void {
  const { plannedAt, nominalAt, day } = slot;
  const fired = slot.kind === 'fire';
  const verdict = fired ? 'fired' : 'caught_up';
  task.lastSkip = null;
  s.day(task, day).counts[fired ? FIRED : CAUGHT_UP]! += 1;
  task.segmentSlots += 1;
  const id = `${task.id}:${plannedAt}`;
  const payload = { taskId: task.id, runId: id, at: now, plannedAt };
  const next = fire.ends || fire.nextAt === null ? null : { nextAt: fire.nextAt };
  s.emit(task, fired ? 'slot.fired' : 'slot.caught_up', { ...payload, ...next });
  const line = fired ? 'slot' : 'late';
  const seed = { key: plannedAt, trigger: 'slot', retryOf: null, policy: fire.policy } as const;
  const run = newRun(s, task, { ...seed, line, plannedAt, nominalAt, verdict, day, held }, now);
  done.runs += 1;
  if (!held) done.ready.push(run.id);
}
