/**
 * For random schedules, zones with DST, downtimes, edits, pauses, batch sizes and crashes, every slot gets exactly the
 * verdict that an independent recount by brute force expects: never twice, never early, never out of order.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { SlotDecision } from '../../../server/store/records.ts';
import { auditSlots } from '../../../server/tasks/audit.ts';
import { boundedSchedule, catchUps, command, starts } from './support/arbitrary-schedules.ts';
import { type Simulation, simulate } from './support/simulation.ts';

const RUNS = 300;
const SEED = 20261123;

test('verdicts equal a recount by brute force', () => {
  let decided = 0;
  let episodes = 0;
  const cases = fc
    .constantFrom(...starts)
    .chain((start) =>
      fc.tuple(
        fc.constant(start),
        boundedSchedule(start),
        catchUps,
        fc.array(command(start, 1), { minLength: 5, maxLength: 30 }),
      ),
    );
  fc.assert(
    fc.property(cases, ([start, schedule, catchUp, commands]) => {
      const ended = simulate(start, schedule, catchUp, commands);
      checkAudit(ended, start - 100_000);
      decided += ended.verdicts.size;
      episodes += ended.episodes;
    }),
    { numRuns: RUNS, seed: SEED, includeErrorInReport: true },
  );
  // A simulation that decides nothing would prove nothing.
  assert.ok(decided > 20_000 && episodes > 200, `${decided} slots, ${episodes} episodes`);
});

/** The product's own audit agrees, and notices one verdict that is missing. */
function checkAudit({ paper, verdicts, now }: Simulation, fromAt: number): void {
  const toAt = Math.min(now, paper.record.cursorAt) + 1;
  const kept = paper.decisions.map(verdictOf);
  const audit = auditSlots({ segments: paper.segments, verdicts: kept, fromAt, toAt });
  assert.equal(audit.planned, verdicts.size);
  assert.ok(audit.ok, JSON.stringify(audit));
  if (kept.length === 0) return;
  const missing = auditSlots({ segments: paper.segments, verdicts: kept.slice(1), fromAt, toAt });
  assert.ok(!missing.ok, 'a missing verdict is noticed');
}

function verdictOf(d: SlotDecision) {
  if (d.kind === 'skip') {
    const { plannedAt, toAt, count, reason } = d;
    return { plannedAt, toAt, count, verdict: 'skipped' as const, reason };
  }
  const verdict = d.kind === 'fire' ? ('fired' as const) : ('caught_up' as const);
  return { plannedAt: d.plannedAt, toAt: d.plannedAt + 1, count: 1, verdict, reason: null };
}
