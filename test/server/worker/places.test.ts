/** Places: never more runs at once than there are, promises to claims included. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ClaimRequest } from '../../../server/store/requests.ts';
import { createPlaces } from '../../../server/worker/places.ts';

test('a promise holds places until the claim is answered', () => {
  const places = createPlaces(5, 'w', 700);
  const first = places.reserve(3) as ClaimRequest;
  assert.deepEqual([first.limit, first.worker, first.leaseMs], [3, 'w', 700]);
  assert.match(first.requestId, /^[0-9a-f]{32}$/);
  const second = places.reserve(3) as ClaimRequest;
  assert.equal(second.limit, 2, 'no more than are free');
  assert.notEqual(second.requestId, first.requestId);
  assert.equal(places.reserve(1), null);
  places.settle(first, 1);
  assert.equal(places.free(), 2, 'two of three were not taken');
  places.settle(second, 2);
  assert.equal(places.free(), 2);
  places.leave();
  assert.equal(places.free(), 3);
  assert.equal(places.reserve(0), null);
});

test('once closed nothing is promised, whatever leaves', () => {
  const places = createPlaces(2, 'w', 700);
  const claim = places.reserve(1) as ClaimRequest;
  places.close();
  assert.deepEqual([places.free(), places.reserve(1)], [0, null]);
  places.settle(claim, 1);
  places.leave();
  assert.deepEqual([places.free(), places.reserve(1)], [0, null]);
});

test('whatever the order of claims, answers and returns, the bound holds and no place is lost', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ reserve: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ settle: fc.nat(6) }),
      fc.constant('leave' as const),
    ),
    { maxLength: 80, size: 'max' },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), steps, (total, sequence) => {
      const places = createPlaces(total, 'w', 1);
      const claims: ClaimRequest[] = [];
      let running = 0;
      for (const step of sequence) {
        if (step === 'leave') {
          if (running > 0) places.leave();
          running = Math.max(0, running - 1);
        } else if ('reserve' in step) {
          const claim = places.reserve(step.reserve);
          if (claim !== null) claims.push(claim);
        } else {
          const claim = claims.shift();
          if (claim === undefined) continue;
          const taken = Math.min(step.settle, claim.limit);
          places.settle(claim, taken);
          running += taken;
        }
        const promised = claims.reduce((sum, claim) => sum + claim.limit, 0);
        assert.equal(places.free(), total - running - promised);
        assert.ok(running + promised <= total);
      }
    }),
    { seed: 20261130, numRuns: 150, includeErrorInReport: true },
  );
});
