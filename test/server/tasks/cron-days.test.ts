import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cron } from 'croner';
import fc from 'fast-check';
import { createSlotSource, type SlotSource } from '../../../server/tasks/schedule.ts';
import { transitionsBetween } from '../../../server/tasks/zone-offsets.ts';
import { cronPattern, ZONES, zonedInstant } from './cron-samples.ts';

const HOUR = 3_600_000;

/** croner alone, slot by slot. */
function byCroner(cron: string, timezone: string, afterAt: number, n: number): number[] {
  const mode = cron.trim().split(/\s+/).length === 5 ? '5-part' : '6-part';
  return new Cron(cron, { mode, timezone }).nextRuns(n, new Date(afterAt)).map((date) => date.getTime());
}

function bySource(source: SlotSource, afterAt: number, n: number): number[] {
  const slots: number[] = [];
  for (let at = source.next(afterAt); at !== null && slots.length < n; at = source.next(at)) slots.push(at);
  return slots;
}

test('next gives the slots croner gives, near transitions and far from them', () => {
  fc.assert(
    fc.property(cronPattern, zonedInstant, (cron, { timezone, at }) => {
      const source = createSlotSource({ kind: 'cron', cron, timezone });
      assert.deepEqual(bySource(source, at, 12), byCroner(cron, timezone, at, 12));
    }),
    { seed: 20_261_123, numRuns: 500 },
  );
});

test('countBetween and nthNewest agree with the slots croner gives', () => {
  fc.assert(
    fc.property(
      cronPattern,
      zonedInstant,
      fc.integer({ min: 1, max: 25 }),
      fc.integer({ min: 1, max: 25 }),
      (cron, { timezone, at }, n, limit) => {
        const source = createSlotSource({ kind: 'cron', cron, timezone });
        const slots = byCroner(cron, timezone, at, 20);
        const toAt = slots.length === 20 ? slots.at(-1)! + 1 : at + 400 * 24 * HOUR;
        const wanted = slots.filter((slotAt) => slotAt < toAt);
        const counted = wanted.slice(0, limit);
        assert.deepEqual(source.countBetween(at + 1, toAt, limit), {
          count: counted.length,
          lastAt: counted.at(-1) ?? null,
        });
        assert.equal(source.nthNewest(at + 1, toAt, n), wanted.at(-n) ?? null);
      },
    ),
    { seed: 7, numRuns: 300 },
  );
});

test('every slot of the two days around a change of offset is the one croner gives', () => {
  const patterns = ['*/10 * * * *', '*/7 0-4 * * *', '30 2 * * *', '0 0,2,23 * * *', '59 23 L * *'];
  for (const timezone of ZONES) {
    const [first, second] = transitionsBetween(Date.UTC(2009, 0, 1), Date.UTC(2012, 0, 1), timezone).slice(
      -2,
    );
    for (const transition of [first, second]) {
      if (transition === undefined) continue;
      const [fromAt, toAt] = [transition.at - 24 * HOUR, transition.at + 24 * HOUR];
      for (const cron of patterns) {
        const expected = byCroner(cron, timezone, fromAt, 400).filter((at) => at < toAt);
        const source = createSlotSource({ kind: 'cron', cron, timezone });
        assert.deepEqual(bySource(source, fromAt, expected.length), expected, `${cron} in ${timezone}`);
        assert.equal(source.countBetween(fromAt + 1, toAt, 1_000).count, expected.length);
      }
    }
  }
});

test('a slot at or before the reference is an error and no loop', (t) => {
  t.mock.method(Cron.prototype, 'nextRun', () => new Date(5_000));
  const source = createSlotSource({ kind: 'cron', cron: '* * * * *', timezone: 'Europe/Berlin' });
  const fromAt = Date.UTC(2026, 2, 29, 1);
  assert.throws(() => source.next(fromAt), /went back/);
  assert.throws(() => source.countBetween(fromAt, fromAt + HOUR, 10), /went back/);
});

test('a pattern that never matches has no slots', () => {
  const source = createSlotSource({ kind: 'cron', cron: '0 0 30 2 *' });
  assert.equal(source.next(Date.UTC(2026, 0, 1)), null);
  assert.deepEqual(source.countBetween(0, Date.UTC(2100, 0, 1), 10), { count: 0, lastAt: null });
  assert.equal(source.nthNewest(0, Date.UTC(2100, 0, 1), 1), null);
});
