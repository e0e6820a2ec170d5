/** A task's life on paper, second by second if need be, beside a recount by brute force. */
import assert from 'node:assert/strict';
import { planSlots } from '../../../../server/scheduler/plan-slots.ts';
import type { SlotDecision } from '../../../../server/store/records.ts';
import { createSegmentSource } from '../../../../server/tasks/segment-source.ts';
import * as changes from '../../../../server/tasks/task-changes.ts';
import type { CatchUp, Schedule, TaskDefinition } from '../../../../shared/task.ts';
import { brutePlanned } from '../../../helpers/brute-slots.ts';
import { type PaperTask, paperTask } from '../../../helpers/paper-task.ts';

export type Command =
  /** Time moves on by aheadMs, then (unless null) to `pastSlotMs` after the next slot: edges are hit on purpose. */
  | {
      kind: 'pass';
      aheadMs: number;
      pastSlotMs: number | null;
      slots: number;
      crash: 'none' | 'before' | 'after';
    }
  | { kind: 'pause' | 'resume' | 'close to end' | 'close to pause' }
  | { kind: 'edit'; schedule: Schedule };

/** A backlog as of its start, slot by slot. */
interface Expected {
  startedAt: number;
  of: Map<number, string>;
}

export interface Simulation {
  paper: PaperTask;
  verdicts: Map<number, string>;
  episodes: number;
  now: number;
}

/** Plays the commands and checks every verdict. `changed` is called after each change of the task's life. */
export function simulate(
  start: number,
  schedule: Schedule,
  catchUp: CatchUp,
  commands: readonly Command[],
  changed: (paper: PaperTask, now: number) => void = () => {},
): Simulation {
  let now = start;
  const definition: TaskDefinition = {
    name: 't',
    schedule,
    action: { kind: 'handler', name: 'noop' },
    policy: { catchUp },
    requires: null,
    visibleTo: null,
  };
  const paper = paperTask(changes.newTask('00aaaaaaaaaaaaaaaa', definition, now, ''), now);
  const verdicts = new Map<number, string>();
  let episode: Expected | null = null;
  let episodes = 0;
  let lastDecided = Number.MIN_SAFE_INTEGER;

  /** Planned by the segments, at or before an instant, and without a verdict. */
  const undecided = (until: number) => brutePlanned(paper.segments, paper.record.cursorAt + 1, until + 1);

  /** Writes down what the decisions say, slot by slot, and checks order, earliness and repetition. */
  function record(
    decisions: readonly SlotDecision[],
    owed: readonly number[],
    expect: (slot: number) => string,
  ): void {
    let next = 0;
    for (const decision of decisions) {
      const count = decision.kind === 'skip' ? decision.count : 1;
      for (let n = 0; n < count; n += 1) {
        const slot = owed[next++];
        assert.ok(slot !== undefined, 'no slot is invented');
        if (n === 0) assert.equal(slot, decision.plannedAt, 'in order, none left out');
        if (decision.kind === 'skip' && n === count - 1)
          assert.equal(slot + 1, decision.toAt, 'a range ends at its last slot');
        assert.ok(slot > lastDecided, 'never out of order');
        assert.ok(slot <= now, 'never early');
        assert.ok(!verdicts.has(slot), 'never twice');
        const said = decision.kind === 'skip' ? decision.reason : decision.kind;
        assert.equal(said, expect(slot), `slot ${slot} at ${now}`);
        verdicts.set(slot, said);
        lastDecided = slot;
      }
    }
  }

  function pass(slots: number, crash: 'none' | 'before' | 'after'): void {
    if (paper.record.closing !== null) {
      change(changes.carryOutClosing(paper.record, now), closingReason());
      return;
    }
    if (paper.record.state !== 'active') return;
    const source = createSegmentSource(paper.record.segment);
    const plan = planSlots(paper.record, now, source, { slots });
    const owed = undecided(now);
    if (plan === null) assert.equal(owed.length, 0, 'nothing owed is left undecided');
    if (plan === null || crash === 'before') return;
    const [first] = owed;
    if (first === undefined) {
      assert.ok(plan.ends && plan.decisions.length === 0, 'nothing to decide but the end');
      if (now > paper.record.cursorAt) paper.fire(plan);
      return;
    }
    assert.ok(plan.decisions.length > 0, 'each pass decides something');
    if (episode !== null && first > episode.startedAt) episode = null;
    if (episode === null && now - first > 1_000) {
      episode = { startedAt: now, of: judge(owed, now, catchUp) };
      episodes += 1;
    }
    record(plan.decisions, owed, (slot) => {
      if (episode !== null && slot <= episode.startedAt) return episode.of.get(slot) as string;
      assert.ok(now - slot <= 1_000, 'a late slot belongs to an episode');
      return 'fire';
    });
    paper.fire(plan);
    if (plan.ends) changed(paper, now);
    // The answer was lost: the plan made again from the record goes on behind it.
    if (crash === 'after') pass(slots, 'none');
  }

  const closingReason = () => (paper.record.closing?.reason === 'ended' ? 'ended' : 'paused');

  function change(planned: ReturnType<typeof changes.pause>, reason: string): void {
    if (planned === changes.BEHIND) {
      assert.ok(undecided(now).length > 1_000, 'behind only when so far');
      return;
    }
    const owed = planned.closeAt === null ? [] : undecided(planned.closeAt - 1);
    record(planned.skips, owed, () => reason);
    const skipped = planned.skips.reduce((sum, skip) => sum + skip.count, 0);
    assert.equal(skipped, owed.length, 'every owed slot is decided');
    paper.change(planned);
    episode = null;
    changed(paper, now);
  }

  function move(aheadMs: number, pastSlotMs: number | null): void {
    now += aheadMs;
    if (pastSlotMs === null) return;
    const slot = createSegmentSource(paper.record.segment).next(Math.max(now, paper.record.cursorAt));
    if (slot !== null && slot < now + 100_000_000) now = Math.max(now, slot + pastSlotMs);
  }

  for (const command of commands) {
    const { state, closing } = paper.record;
    if (command.kind === 'pass') {
      move(command.aheadMs, command.pastSlotMs);
      pass(command.slots, command.crash);
    } else if (command.kind === 'close to end') paper.leaveClosing({ reason: 'ended', at: now });
    else if (command.kind === 'close to pause') {
      if (state === 'active') paper.leaveClosing({ reason: 'paused', at: now });
    } else if (closing !== null) pass(1, 'none');
    else if (command.kind === 'pause' && state === 'active')
      change(changes.pause(paper.record, now), 'paused');
    else if (command.kind === 'resume' && state === 'paused')
      change(changes.resume(paper.record, now), 'none');
    else if (command.kind === 'edit') {
      const next = { ...paper.record.definition, schedule: command.schedule };
      change(changes.reschedule(paper.record, next, now), state === 'active' ? 'schedule_changed' : 'none');
    }
  }
  const open = () => paper.record.state === 'active' || paper.record.closing !== null;
  for (let n = 0; n < 20_000 && open() && undecided(now).length > 0; n += 1) pass(1_000, 'none');
  return { paper, verdicts, episodes, now };
}

/** What the promise says about a backlog, slot by slot, with nothing clever. */
function judge(owed: readonly number[], now: number, catchUp: CatchUp): Map<number, string> {
  const { policy = 'all', windowMs = 86_400_000, maxRuns = 100 } = catchUp;
  const of = new Map<number, string>();
  const late = owed.filter((slot) => now - slot > 1_000);
  const inWindow = late.filter((slot) => slot >= now - windowMs);
  const wanted = Math.min(inWindow.length, policy === 'latest' ? 1 : maxRuns);
  const kept = new Set(inWindow.slice(inWindow.length - wanted));
  for (const slot of owed) {
    if (now - slot <= 1_000) of.set(slot, 'fire');
    else if (slot < now - windowMs) of.set(slot, 'outside_catch_up_window');
    else if (policy === 'none') of.set(slot, 'catch_up_off');
    else if (kept.has(slot)) of.set(slot, 'catch_up');
    else of.set(slot, policy === 'latest' ? 'coalesced' : 'catch_up_limit');
  }
  return of;
}
