import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { keepResult, MAX_RESULT_BYTES } from '../../../server/actions/keep-result.ts';

test('small values stay as JSON has them', () => {
  for (const value of [null, 0, '', true, [], { a: [1, { b: null }] }, '准点']) {
    assert.deepEqual(keepResult(value), value);
  }
  assert.equal(keepResult(undefined), null);
  assert.equal(
    keepResult(() => 1),
    null,
  );
  assert.equal(keepResult(Number.NaN), null);
  assert.deepEqual(keepResult({ at: new Date(0), gone: undefined }), { at: '1970-01-01T00:00:00.000Z' });
  assert.deepEqual(keepResult({ n: 12345678901234567890n }), { n: '12345678901234567890' });
});

test('what JSON cannot hold becomes an empty envelope', () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const throwing = {
    toJSON() {
      throw new Error('no');
    },
  };
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i += 1) deep = [deep];
  for (const value of [cycle, throwing, deep]) {
    assert.deepEqual(keepResult(value), { truncated: true, bytes: 0, head: '' });
  }
});

test('the limit counts UTF-8 bytes and is exact', () => {
  const fits = 'a'.repeat(MAX_RESULT_BYTES - 2);
  assert.equal(keepResult(fits), fits);
  const wide = '准'.repeat(1364); // 4,094 bytes with its quotes
  assert.equal(keepResult(wide), wide);
  const cut = keepResult(`${wide}准`) as { truncated: boolean; bytes: number; head: string };
  assert.equal(cut.truncated, true);
  assert.equal(cut.bytes, 4097);
  assert.ok(`"${wide}准"`.startsWith(cut.head));
});

test('whatever comes in: at most 4 KiB out, deterministic, and keeping twice changes nothing', () => {
  const size = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
  const long = fc.string({ unit: 'grapheme', minLength: 1000, maxLength: 3000 });
  const value = fc.oneof(
    fc.anything({ withBigInt: true, withDate: true, withMap: true }),
    fc.jsonValue(),
    long,
    fc.array(long),
  );
  fc.assert(
    fc.property(value, (input) => {
      const kept = keepResult(input);
      assert.ok(size(kept) <= MAX_RESULT_BYTES);
      assert.deepEqual(keepResult(kept), kept);
      assert.deepEqual(keepResult(input), kept);
    }),
    { seed: 20_240_603, numRuns: 300 },
  );
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('"', '\\', '\n', '准', '🕰', '\ud800', 'a'),
        minLength: 4100,
        maxLength: 6000,
      }),
      (input) => {
        const kept = keepResult(input) as { bytes: number; head: string };
        assert.equal(kept.bytes, size(input));
        assert.ok(JSON.stringify(input).startsWith(kept.head));
        const room = MAX_RESULT_BYTES - size(kept);
        assert.ok(room >= 0 && room < 6, `${room} bytes were left unused`);
      },
    ),
    { seed: 20_240_604, numRuns: 100 },
  );
});
