/** A task on paper: applies plans and changes to a record as the store's steps would, and remembers every verdict. */
import assert from 'node:assert/strict';
import type { SlotPlan } from '../../server/scheduler/plan-slots.ts';
import type { Closing, Segment, SkipDecision, SlotDecision, TaskRecord } from '../../server/store/records.ts';
import type { NewTask, TaskChange } from '../../server/store/requests.ts';

export interface PaperTask {
  record: TaskRecord;
  segments: Segment[];
  /** In the order they were given. */
  decisions: SlotDecision[];
  fire(plan: SlotPlan): void;
  change(change: TaskChange): void;
  /** A finish that asks for the end or a pause. */
  leaveClosing(closing: Closing): void;
}

export function paperTask(task: NewTask, createdAt: number): PaperTask {
  const paper: PaperTask = {
    segments: [task.segment],
    decisions: [],
    record: {
      id: task.id,
      ownerId: 'owner',
      version: 1,
      createdAt,
      updatedAt: createdAt,
      definition: task.definition,
      state: 'active',
      cursorAt: task.cursorAt,
      nextAt: task.nextAt,
      segment: task.segment,
      segmentSlots: 0,
      episode: null,
      closing: null,
      foldedThroughAt: 0,
      failures: 0,
      lastEnded: null,
      lastLate: false,
      live: 0,
      held: 0,
      waiting: 0,
    },
    fire(plan) {
      const { record } = paper;
      assert.ok(record.state === 'active' && record.closing === null, 'else the step answers stale');
      assert.ok(plan.nextCursorAt > record.cursorAt, 'else the step answers already_fired');
      paper.decisions.push(...plan.decisions);
      record.segmentSlots += plan.decisions.reduce((sum, d) => sum + (d.kind === 'skip' ? d.count : 1), 0);
      record.cursorAt = plan.nextCursorAt;
      record.nextAt = plan.ends ? null : plan.nextAt;
      record.episode = plan.episode;
      if (plan.ends) {
        record.state = 'ended';
        closeSegment(plan.nextCursorAt + 1);
      }
    },
    change(change) {
      const { record } = paper;
      assert.equal(change.version, record.version);
      assert.equal(change.closes, record.closing !== null, 'else the step answers stale');
      if (change.definition !== undefined) record.definition = change.definition;
      if (change.state !== undefined) record.state = change.state;
      if (change.closes) record.closing = null;
      if (change.byUser) record.version += 1;
      if (change.cursorAt === null) return;
      assert.equal(change.cursorAt, record.cursorAt);
      assert.ok(change.nextCursorAt >= record.cursorAt, 'the cursor only moves forward');
      paper.decisions.push(...(change.skips satisfies SkipDecision[]));
      record.segmentSlots += change.skips.reduce((sum, skip) => sum + skip.count, 0);
      record.cursorAt = change.nextCursorAt;
      record.nextAt = change.nextAt;
      record.episode = null;
      if (change.closeAt !== null) closeSegment(change.closeAt);
      if (change.open !== null) {
        paper.segments.push(change.open);
        record.segment = change.open;
        record.segmentSlots = 0;
      }
    },
    leaveClosing(closing) {
      const { record } = paper;
      if (record.closing !== null || record.state === 'ended') return;
      record.closing = closing;
      record.nextAt = Math.min(record.nextAt ?? closing.at, closing.at);
    },
  };
  function closeSegment(toAt: number): void {
    const last = { ...(paper.segments.at(-1) as Segment), toAt };
    paper.segments[paper.segments.length - 1] = last;
    paper.record.segment = last;
  }
  return paper;
}
