import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { packJson, unpackJson } from '../../../server/store/redis/pack-json.ts';

it('packed JSON: a usual task is packed to a third, without anything that parts records', () => {
  const schedule = { kind: 'cron', cron: '0 9 * * 1-5', timeZone: 'Asia/Shanghai' };
  const body = { name: '晨会', action: { kind: 'http', method: 'POST', url: 'https://example.com/hook' } };
  const packed = packJson(schedule) + packJson(body);
  assert.equal(packed.length, 35);
  assert.doesNotMatch(packed, /[\t\n\v\f\r]/);
  assert.equal(unpackJson(packJson(schedule)), JSON.stringify(schedule));
});

it('packed JSON: whatever a user writes comes back, control characters and the phrases themselves included', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '\u0001',
      '\u0002\u001f',
      '{"kind":"cron","cron":"',
      '"}}',
      '\\u0001',
      'https://',
      '\n\t\v',
    ),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      word,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.oneof(word, fc.constantFrom('kind', 'name', 'action', 'policy')), tie('value'), {
        maxKeys: 4,
      }),
    ),
  }));
  fc.assert(
    fc.property(value, (some) => {
      const packed = packJson(some);
      assert.doesNotMatch(packed, /[\t\n\v\f\r]/);
      assert.equal(unpackJson(packed), JSON.stringify(some));
    }),
    { seed: 20_261_123, numRuns: 1_000 },
  );
});
