/** For random lives of a task the audit counts what brute force counts, in any interval, and notices any one change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SlotDecision, VerdictRecord } from '../../../server/store/records.ts';
import { auditSlots, countPlanned, joinAudits } from '../../../server/tasks/audit.ts';
import { brutePlanned } from '../../helpers/brute-slots.ts';
import { boundedSchedule, catchUps, command, starts } from '../scheduler/support/arbitrary-schedules.ts';
import { simulate } from '../scheduler/support/simulation.ts';

const SEED = 20261125;

const lives = fc
  .constantFrom(...starts)
  .chain((start) =>
    fc.tuple(
      fc.constant(start),
      boundedSchedule(start),
      catchUps,
      fc.array(command(start, 2), { minLength: 8, maxLength: 25 }),
    ),
  );
/** Parts of a whole, for instants and records of a life that is not known yet. */
const part = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

test('counts equal brute force in any interval, and one change is noticed', () => {
  let slots = 0;
  let spoilt = 0;
  fc.assert(
    fc.property(lives, part, part, part, fc.integer({ min: 0, max: 3 }), (life, a, b, pick, how) => {
      const { paper, now } = simulate(...life);
      const cursorAt = Math.min(paper.record.cursorAt, now);
      const records = paper.decisions.map(verdictOf);
      const bornAt = paper.segments[0]?.fromAt as number;
      const [fromAt, toAt] = [a, b]
        .map((x) => bornAt + Math.floor(x * (cursorAt + 2 - bornAt)))
        .sort((x, y) => x - y) as [number, number];
      const inside = (from: number, to: number) => records.filter((r) => r.toAt > from && r.plannedAt < to);
      const audit = (from: number, to: number, verdicts = inside(from, to)) =>
        auditSlots({ segments: paper.segments, verdicts, fromAt: from, toAt: to });

      const planned = brutePlanned(paper.segments, fromAt, toAt);
      slots += planned.length;
      const found = audit(fromAt, toAt);
      assert.ok(found.ok, JSON.stringify(found));
      assert.equal(found.planned, planned.length);
      assert.equal(countPlanned(paper.segments, fromAt, toAt, Number.MAX_SAFE_INTEGER), planned.length);
      const runs = planned.filter((slot) =>
        records.some((r) => r.plannedAt === slot && r.verdict === 'fired'),
      );
      assert.equal(found.fired, runs.length);

      const before = audit(bornAt, fromAt);
      const after = audit(toAt, cursorAt + 1);
      const whole = audit(bornAt, cursorAt + 1);
      assert.deepEqual(joinAudits(joinAudits(before, found), after), whole, 'parts make the whole');

      const index = Math.floor(pick * records.length);
      const one = records[index];
      if (one === undefined) return;
      spoilt += 1;
      assert.ok(
        !audit(bornAt, cursorAt + 1, spoil(records, index, one, how)).ok,
        `change ${how} of ${index}`,
      );
    }),
    { numRuns: 250, seed: SEED, includeErrorInReport: true },
  );
  assert.ok(slots > 1_500 && spoilt > 150, `${slots} slots, ${spoilt} spoilt`);
});

function spoil(records: VerdictRecord[], index: number, one: VerdictRecord, how: number): VerdictRecord[] {
  const others = records.toSpliced(index, 1);
  if (how === 0) return others;
  if (how === 1) return records.toSpliced(index, 0, one);
  if (how === 2) return records.with(index, { ...one, count: one.count + 1 });
  return records.with(index, { ...one, plannedAt: one.plannedAt + 1, toAt: one.toAt + 1 });
}

function verdictOf(d: SlotDecision): VerdictRecord {
  if (d.kind === 'skip') {
    const { plannedAt, toAt, count, reason } = d;
    return { plannedAt, toAt, count, verdict: 'skipped', reason };
  }
  const verdict = d.kind === 'fire' ? 'fired' : 'caught_up';
  return { plannedAt: d.plannedAt, toAt: d.plannedAt + 1, count: 1, verdict, reason: null };
}
