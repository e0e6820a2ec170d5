/** Whatever is edited, paused, resumed and ended, and whenever: no slot is lost between two stretches of a task's life. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SlotDecision } from '../../../server/store/records.ts';
import { brutePlanned } from '../../helpers/brute-slots.ts';
import type { PaperTask } from '../../helpers/paper-task.ts';
import { boundedSchedule, catchUps, command, starts } from '../scheduler/support/arbitrary-schedules.ts';
import { simulate } from '../scheduler/support/simulation.ts';

const SEED = 20261124;

test('segments are contiguous, cursors only move forward, maxSlots is kept', () => {
  const seen = { changes: 0, pauses: 0, ends: 0 };
  const cases = fc
    .constantFrom(...starts)
    .chain((start) =>
      fc.tuple(
        fc.constant(start),
        boundedSchedule(start),
        catchUps,
        fc.array(command(start, 4), { minLength: 8, maxLength: 30 }),
      ),
    );
  fc.assert(
    fc.property(cases, ([start, schedule, catchUp, commands]) => {
      let cursorAt = Number.MIN_SAFE_INTEGER;
      simulate(start, schedule, catchUp, commands, (paper, now) => {
        seen.changes += 1;
        if (paper.record.state === 'paused') seen.pauses += 1;
        if (paper.record.state === 'ended') seen.ends += 1;
        assert.ok(paper.record.cursorAt >= cursorAt && paper.record.cursorAt <= Math.max(now, cursorAt));
        cursorAt = paper.record.cursorAt;
        checkSegments(paper);
        checkNext(paper);
        checkMaxSlots(paper);
      });
    }),
    { numRuns: 250, seed: SEED, includeErrorInReport: true },
  );
  assert.ok(seen.changes > 1_000 && seen.pauses > 200 && seen.ends > 100, JSON.stringify(seen));
});

function checkSegments({ segments, record }: PaperTask): void {
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next === undefined) continue;
    assert.ok(segment.toAt !== null && segment.toAt >= segment.fromAt, 'closed before the next opens');
    assert.ok(next.fromAt >= segment.toAt, 'segments never overlap');
  }
  const last = segments.at(-1);
  assert.equal(last?.toAt === null, record.state !== 'ended', 'open unless the task has ended');
  assert.deepEqual(record.segment, last);
  if (record.state !== 'ended') assert.equal(last?.schedule === null, record.state === 'paused');
  // Everything behind the cursor belongs to closed stretches or to the open one; the gap of an end is no stretch.
  if (record.state !== 'ended') assert.ok((last?.fromAt as number) <= record.cursorAt + 1);
}

/** An active task points at its next slot: the index would never show it otherwise. */
function checkNext({ record, segments }: PaperTask): void {
  if (record.state !== 'active') {
    if (record.closing === null) assert.equal(record.nextAt, null);
    return;
  }
  assert.ok(record.nextAt !== null, 'an active task has a next slot');
  const planned = brutePlanned(segments, record.cursorAt + 1, record.nextAt + 1);
  assert.deepEqual(planned, [record.nextAt], 'and it is the first that its segments plan');
}

/** Since the last edit of the schedule, pauses or not. */
function checkMaxSlots({ record, segments, decisions }: PaperTask): void {
  const most = record.definition.schedule.maxSlots ?? null;
  if (most === null) return;
  // Segments of other schedules were made by earlier edits.
  const mine = segments.findLastIndex(
    ({ schedule }) => schedule !== null && schedule !== record.definition.schedule,
  );
  const fromAt = segments[mine + 1]?.fromAt ?? Number.POSITIVE_INFINITY;
  const decided = decisions.reduce((sum, d) => sum + (d.plannedAt >= fromAt ? countOf(d) : 0), 0);
  assert.ok(decided <= most, `${decided} slots decided of ${most}`);
  if (record.segment.schedule === record.definition.schedule && record.segment.toAt === null)
    assert.equal(record.segment.maxSlots, most - decided + record.segmentSlots, 'what is left is carried on');
}

const countOf = (decision: SlotDecision) => (decision.kind === 'skip' ? decision.count : 1);
