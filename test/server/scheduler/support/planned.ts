/** A task in memory for planSlots, and plans applied to it until nothing is owed. */
import { type PlannedTask, planSlots, type SlotPlan } from '../../../../server/scheduler/plan-slots.ts';
import type { SlotDecision } from '../../../../server/store/records.ts';
import { openSegment } from '../../../../server/tasks/open-segment.ts';
import { createSegmentSource } from '../../../../server/tasks/segment-source.ts';
import type { CatchUp, Schedule } from '../../../../shared/task.ts';

/** 2026-11-23 00:00:00 UTC: a whole second, minute, hour and day of UTC. */
export const T = Date.UTC(2026, 10, 23);

/** Slots after `cursorAt`, in a segment that began just behind it. */
export function plannedTask(
  schedule: Schedule,
  catchUp: CatchUp = {},
  cursorAt = schedule.kind === 'at' ? schedule.at - 1 : T,
): PlannedTask {
  const segment = openSegment(schedule, cursorAt + 1, schedule.maxSlots ?? null);
  return { cursorAt, segment, segmentSlots: 0, episode: null, definition: { policy: { catchUp } } };
}

export const plan = (task: PlannedTask, now: number, slots = 1_000): SlotPlan | null =>
  planSlots(task, now, createSegmentSource(task.segment), { slots });

/** The task with a plan applied, as the firing step leaves it. */
export function applied(task: PlannedTask, { nextCursorAt, episode, decisions }: SlotPlan): PlannedTask {
  const decided = decisions.reduce((sum, d) => sum + countOf(d), 0);
  return { ...task, cursorAt: nextCursorAt, episode, segmentSlots: task.segmentSlots + decided };
}

export const countOf = (decision: SlotDecision): number => (decision.kind === 'skip' ? decision.count : 1);

/** Plans and applies until nothing is owed; `now` may move on between batches. */
export function drain(task: PlannedTask, now: number, slots: number, stepMs = 0) {
  const decisions: SlotDecision[] = [];
  let calls = 0;
  for (let at = now; ; at += stepMs) {
    const next = plan(task, at, slots);
    if (next === null) return { task, decisions, calls, ended: false };
    calls += 1;
    decisions.push(...next.decisions);
    task = applied(task, next);
    if (next.ends) return { task, decisions, calls, ended: true };
  }
}

/** Decisions in short: what became of the slots, in seconds after T. */
export const inShort = (decisions: readonly SlotDecision[]): string[] =>
  decisions.map((d) =>
    d.kind === 'skip'
      ? `${d.reason} ${(d.plannedAt - T) / 1_000}..${(d.toAt - 1 - T) / 1_000} ×${d.count}`
      : `${d.kind} ${(d.plannedAt - T) / 1_000}`,
  );
