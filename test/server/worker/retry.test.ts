/** When a failed attempt is repeated, and that it is not for ever. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { planRetry } from '../../../server/worker/retry.ts';

const most = () => 0.999_999_999_999;
const DAY_MS = 86_400_000;

test('the defaults: three attempts, 1 s doubled, up to a minute', () => {
  assert.deepEqual(
    [1, 2, 3].map((failures) => planRetry(undefined, failures, undefined, most)),
    [1_000, 2_000, null],
  );
  const many = { maxAttempts: 20 };
  assert.deepEqual(
    [6, 7, 8, 19, 20].map((failures) => planRetry(many, failures, undefined, most)),
    [32_000, 60_000, 60_000, 60_000, null],
  );
});

test('maxAttempts counts the first attempt', () => {
  assert.equal(planRetry({ maxAttempts: 1 }, 1, undefined, most), null);
  assert.equal(planRetry({ maxAttempts: 2 }, 1, undefined, most), 1_000);
  assert.equal(planRetry({ maxAttempts: 2 }, 2, undefined, most), null);
  assert.equal(planRetry({ maxAttempts: 2 }, 9, undefined, most), null, 'also beyond it');
});

test('full jitter: from 0 up to the ceiling', () => {
  const policy = { maxAttempts: 20, baseDelayMs: 100, maxDelayMs: 5_000 };
  assert.equal(
    planRetry(policy, 3, undefined, () => 0),
    0,
  );
  assert.equal(
    planRetry(policy, 3, undefined, () => 0.5),
    200,
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 19 }),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      (failures, random) => {
        const delay = planRetry(policy, failures, undefined, () => random) as number;
        const ceiling = Math.min(5_000, 100 * 2 ** (failures - 1));
        assert.ok(Number.isInteger(delay) && delay >= 0 && delay <= ceiling, `${delay} of ${ceiling}`);
        assert.ok(Math.abs(delay - random * ceiling) <= 1, 'evenly spread');
      },
    ),
    { seed: 20261129, numRuns: 200 },
  );
});

test('no delay at all is allowed; huge numbers do not overflow', () => {
  assert.equal(planRetry({ baseDelayMs: 0 }, 1, undefined, most), 0);
  assert.equal(planRetry({ maxAttempts: 2_000, maxDelayMs: DAY_MS }, 1_500, undefined, most), DAY_MS);
});

test('an action may say when: rounded, at most one day, only while attempts are left', () => {
  for (const [asked, delay] of [
    [0, 0],
    [1_234.4, 1_234],
    [-5, 0],
    [DAY_MS, DAY_MS],
    [DAY_MS + 1, DAY_MS],
    [Number.POSITIVE_INFINITY, DAY_MS],
  ] as const) {
    assert.equal(
      planRetry(undefined, 1, asked, () => assert.fail('no jitter')),
      delay,
    );
  }
  assert.equal(planRetry(undefined, 3, 500, most), null);
});
