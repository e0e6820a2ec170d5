/**
 * Which slots does a task owe, and what is to become of each? Pure: no I/O, no clock, no randomness, no knowledge of
 * what runs (overlap is resolved inside the firing step). Time and downtimes are table and property tests.
 */
import type { CatchUp, TaskDefinition } from '../../shared/task.ts';
import type { Episode, SlotDecision, TaskRecord } from '../store/records.ts';
import { type SegmentSource, slotsLeft } from '../tasks/segment-source.ts';

/** A slot this long past, in ms, is late: nobody was running, the store was away, or the loop was blocked. */
export const LATE_SLOT_MS = 1_000;

export const CATCH_UP_DEFAULTS = { policy: 'all', windowMs: 86_400_000, maxRuns: 100 } as const;

/** What a plan is made from. */
export type PlannedTask = Pick<TaskRecord, 'cursorAt' | 'segment' | 'segmentSlots' | 'episode'> & {
  definition: Pick<TaskDefinition, 'policy'>;
};

export interface PlanLimits {
  /** Most decisions. */
  slots: number;
  /** Most slots counted off as skipped; default `slots`. Counting cron slots costs 0.001 to 0.4 µs each, 10 to 40 on a day
   * with a DST change. */
  skipped?: number;
}

export interface SlotPlan {
  /** Owed slots in order; empty only when `ends`. */
  decisions: SlotDecision[];
  /** The last decided slot; `now` when there was none to decide. */
  nextCursorAt: number;
  /** The slot after it, possibly owed already (the batch was full); null when there is none. */
  nextAt: number | null;
  episode: Episode | null;
  /** No slot is left in the open segment. */
  ends: boolean;
}

/**
 * The owed slots of an active task, at most `limits.slots` of them; null when nothing is owed at `now`. Calling again with
 * the plan applied goes on where it stopped, and a backlog is judged as of its start however many calls it takes.
 */
export function planSlots(
  task: PlannedTask,
  now: number,
  source: SegmentSource,
  limits: PlanLimits,
): SlotPlan | null {
  const left = slotsLeft(task);
  const first = left > 0 ? source.next(task.cursorAt) : null;
  // The cursor has to move all the same: a step that moves nothing answers `already_fired` and would be tried for ever.
  if (first === null) {
    const nextCursorAt = Math.max(task.cursorAt, now);
    return { decisions: [], nextCursorAt, nextAt: null, episode: null, ends: true };
  }
  if (first <= task.cursorAt) throw new Error('a slot source went backwards');
  if (first > now) return null;

  const catchUp = { ...CATCH_UP_DEFAULTS, ...task.definition.policy.catchUp };
  const episode = currentEpisode(task, first, left, now, catchUp, source);
  const decisions: SlotDecision[] = [];
  const spreadMs = task.segment.spreadMs;
  let budget = limits.skipped ?? limits.slots;
  let decided = 0;
  let cursorAt = task.cursorAt;
  let nextAt: number | null = first;

  while (
    nextAt !== null &&
    nextAt <= now &&
    budget > 0 &&
    decided < left &&
    decisions.length < limits.slots
  ) {
    const at: number = nextAt;
    // A slot beyond the episode that is late by now starts an episode of its own, in the next call.
    if ((episode === null || at > episode.startedAt) && now - at > LATE_SLOT_MS) break;
    const judged = judge(at, episode, catchUp);
    const day = source.day(at);
    if (judged.kind !== 'skip') {
      decisions.push({ kind: judged.kind, plannedAt: at, nominalAt: at - spreadMs, day });
      cursorAt = at;
      decided += 1;
    } else {
      const most = Math.min(left - decided, source.countsFreely ? Number.MAX_SAFE_INTEGER : budget);
      const { count, lastAt } = source.count(at, Math.min(judged.untilAt, source.dayEnd(day)), most);
      if (lastAt === null || count === 0) throw new Error('a slot source lost a slot');
      decisions.push({ kind: 'skip', plannedAt: at, toAt: lastAt + 1, count, reason: judged.reason, day });
      cursorAt = lastAt;
      decided += count;
      budget -= source.countsFreely ? 1 : count;
    }
    nextAt = decided < left ? source.next(cursorAt) : null;
    if (nextAt !== null && nextAt <= cursorAt) throw new Error('a slot source went backwards');
  }
  const open = episode !== null && nextAt !== null && nextAt <= episode.startedAt;
  return { decisions, nextCursorAt: cursorAt, nextAt, episode: open ? episode : null, ends: nextAt === null };
}

/** The episode that the first owed slot belongs to: the stored one, a new one, or none when it is on time. */
function currentEpisode(
  task: PlannedTask,
  first: number,
  left: number,
  now: number,
  catchUp: Required<CatchUp>,
  source: SegmentSource,
): Episode | null {
  if (task.episode !== null && first <= task.episode.startedAt) return task.episode;
  if (now - first <= LATE_SLOT_MS) return null;
  const startedAt = now;
  let lateEnd = startedAt - LATE_SLOT_MS;
  if (task.segment.maxSlots !== null) {
    // maxSlots may end the backlog before its age does.
    const owed = source.count(first, lateEnd, left);
    if (owed.count >= left && owed.lastAt !== null) lateEnd = owed.lastAt + 1;
  }
  const wanted = { all: catchUp.maxRuns, latest: 1, none: 0 }[catchUp.policy];
  const oldest = Math.max(first, startedAt - catchUp.windowMs);
  if (wanted === 0) return { startedAt, runFromAt: startedAt };
  return { startedAt, runFromAt: source.nthNewest(oldest, lateEnd, wanted) ?? oldest };
}

type Judgement =
  | { kind: 'fire' | 'catch_up' }
  | { kind: 'skip'; reason: Extract<SlotDecision, { kind: 'skip' }>['reason']; untilAt: number };

/** What becomes of one slot; a skip also says up to where (exclusive) the same holds. */
function judge(at: number, episode: Episode | null, catchUp: Required<CatchUp>): Judgement {
  if (episode === null || at > episode.startedAt || episode.startedAt - at <= LATE_SLOT_MS)
    return { kind: 'fire' };
  const lateEnd = episode.startedAt - LATE_SLOT_MS;
  const windowFrom = episode.startedAt - catchUp.windowMs;
  if (at < windowFrom)
    return { kind: 'skip', reason: 'outside_catch_up_window', untilAt: Math.min(windowFrom, lateEnd) };
  if (catchUp.policy === 'none') return { kind: 'skip', reason: 'catch_up_off', untilAt: lateEnd };
  if (at >= episode.runFromAt) return { kind: 'catch_up' };
  const reason = catchUp.policy === 'latest' ? 'coalesced' : 'catch_up_limit';
  return { kind: 'skip', reason, untilAt: Math.min(episode.runFromAt, lateEnd) };
}
