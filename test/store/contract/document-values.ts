import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonValue } from '../../../shared/task.ts';
import { ownerIn } from './build.ts';
import { put } from './documents.ts';
import type { StoreHarness } from './harness.ts';
import { onBench, onFreshStore } from './on-bench.ts';

export function documentValuesContract(harness: StoreHarness): void {
  describe('documents: names and values', () => {
    it(
      'of owners and kinds stay apart, whatever their names',
      onFreshStore(harness, async (bench) => {
        const { store } = bench;
        const neighbour = ownerIn(bench.partition);
        const places: [string, string][] = [
          ['a', 'b:c'],
          ['a:b', 'c'],
          ['a', 'b'],
          ['', 'b'],
          ['{a}', 'b'],
          ['a}', '{b'],
          ['a*', 'b'],
          ['a%', 'b'],
          ['a_', 'b'],
          ['A', 'b'],
          ['é', 'b'],
          ['e\u0301', 'b'],
          ['用户 一\n', 'b'],
          [bench.ownerId, 'note'],
          [bench.ownerId, 'note2'],
          [neighbour, 'note'],
        ];
        const ids = [
          'x',
          'x:y',
          'x{y}',
          'X',
          ' x',
          "x'; --",
          'x\u0001',
          '汉字🙂',
          'x'.repeat(100),
          '长'.repeat(100),
          '*',
          '[a-z]',
          '-',
          '+',
        ];
        for (const [k, [owner, kind]] of places.entries()) {
          for (const id of ids) await put(bench, id, [k, id], owner, kind);
        }
        for (const [k, [owner, kind]] of places.entries()) {
          const place = JSON.stringify([owner, kind]);
          for (const id of ids) {
            assert.deepEqual((await store.getDocument(owner, kind, id))?.value, [k, id], `${place} ${id}`);
          }
          const listed = await store.listDocuments(owner, kind, { limit: 100 });
          assert.deepEqual(new Set(listed.map((one) => one.id)), new Set(ids), place);
          // By code point; for what lies beside emoji the order of UTF-8 and UTF-16 is not the same, so no emoji here.
          const plain = listed.map((one) => one.id).filter((id) => !id.includes('🙂'));
          assert.deepEqual(plain, [...plain].sort(), `${place}: ascending`);
        }
        const [owner, kind] = places[0] as [string, string];
        for (const id of ids) assert.equal(await store.deleteDocument(owner, kind, id), true);
        assert.deepEqual(await store.listDocuments(owner, kind, { limit: 1 }), []);
        assert.equal(
          (await store.listDocuments('a', 'b', { limit: 100 })).length,
          ids.length,
          'the others stay',
        );
      }),
    );

    it(
      'come back as they were written',
      onBench(harness, async (bench) => {
        const values: JsonValue[] = [
          null,
          false,
          0,
          '',
          [],
          {},
          [[], {}, [null], [[]]],
          { '': 1, a: { b: [] }, 键: '值', 'a b': null },
          9_007_199_254_740_991,
          -9_007_199_254_740_991,
          1_763_884_800_123,
          0.1,
          1e-9,
          1.5e300,
          'quote " back \\ line \n nul \u0000 sep \u2028 🙂 \ud83d',
          '{"looks":"like JSON"}',
        ];
        for (const [k, value] of values.entries()) {
          const name = JSON.stringify(value);
          assert.deepEqual((await put(bench, `v${k}`, value)).value, value, `answered: ${name}`);
          assert.deepEqual(
            (await bench.store.getDocument(bench.ownerId, 'note', `v${k}`))?.value,
            value,
            `read: ${name}`,
          );
        }
        assert.equal(
          (await bench.store.listDocuments(bench.ownerId, 'note', { limit: 100 })).length,
          values.length,
        );
      }),
    );

    it(
      'hold 1 MiB and not more',
      onBench(harness, async (bench) => {
        const { store, ownerId } = bench;
        const text = 'x'.repeat(1_048_576 - 2);
        assert.equal((await put(bench, 'big', text)).version, 1, 'exactly 1 MiB as JSON');
        const write = (value: string) => store.putDocument(ownerId, 'note', 'big', value, { ifVersion: 1 });
        await assert.rejects(write(`${text}x`), 'one more');
        await assert.rejects(write('长'.repeat(400_000)), 'characters are counted in bytes');
        const kept = await store.getDocument(ownerId, 'note', 'big');
        assert.ok(kept?.version === 1 && kept.value === text, 'the former one stays');
      }),
    );
  });
}
