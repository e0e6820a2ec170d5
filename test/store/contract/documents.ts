import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonValue } from '../../../shared/task.ts';
import { type Bench, onBench } from './bench.ts';
import { ownerIn } from './build.ts';
import type { StoreHarness } from './harness.ts';

const NEW = { ifVersion: 0 };

async function put(bench: Bench, id: string, value: JsonValue, ownerId = bench.ownerId, kind = 'note') {
  const document = await bench.store.putDocument(ownerId, kind, id, value, NEW);
  assert.ok(document !== null, `${kind} ${id} was not there`);
  return document;
}

export function documentsContract(harness: StoreHarness): void {
  describe('documents', () => {
    it(
      'are written only over the version that the writer knew',
      onBench(harness, async (bench) => {
        const { store, ownerId } = bench;
        const write = (value: JsonValue, ifVersion: number) =>
          store.putDocument(ownerId, 'note', 'a', value, { ifVersion });
        assert.equal(await store.getDocument(ownerId, 'note', 'a'), null);
        assert.equal(await write(1, 1), null, 'nothing is there yet');
        assert.deepEqual(await write(1, 0), { id: 'a', version: 1, value: 1, expiresAt: null });
        assert.equal(await write(2, 0), null, 'it is there by now');
        assert.equal(await write(2, 2), null, 'a version not yet reached');
        assert.deepEqual(await write(2, 1), { id: 'a', version: 2, value: 2, expiresAt: null });
        assert.equal(await write(3, 1), null, 'a repeat');
        assert.deepEqual(await store.getDocument(ownerId, 'note', 'a'), {
          id: 'a',
          version: 2,
          value: 2,
          expiresAt: null,
        });
        const race = await Promise.all(Array.from({ length: 10 }, (_, k) => write(k, 2)));
        assert.equal(race.filter((document) => document !== null).length, 1, 'one of many at once');
      }),
    );

    it(
      'are deleted, on request only under a version',
      onBench(harness, async (bench) => {
        const { store, ownerId } = bench;
        assert.equal(await store.deleteDocument(ownerId, 'note', 'a'), false);
        await put(bench, 'a', 1);
        await store.putDocument(ownerId, 'note', 'a', 2, { ifVersion: 1 });
        assert.equal(await store.deleteDocument(ownerId, 'note', 'a', 1), false, 'another version');
        assert.equal((await store.getDocument(ownerId, 'note', 'a'))?.value, 2);
        assert.equal(await store.deleteDocument(ownerId, 'note', 'a', 2), true);
        assert.equal(await store.getDocument(ownerId, 'note', 'a'), null);
        await put(bench, 'a', 3);
        assert.equal(await store.deleteDocument(ownerId, 'note', 'a'), true, 'whatever the version');
        assert.deepEqual(await store.listDocuments(ownerId, 'note', { limit: 10 }), []);
      }),
    );

    it(
      'are not seen once expired, and may then be written anew',
      onBench(harness, async (bench) => {
        const { store, ownerId } = bench;
        const expiresAt = (await store.time()) + 60;
        const document = await store.putDocument(ownerId, 'code', 'b', 'x', { ifVersion: 0, expiresAt });
        assert.equal(document?.expiresAt, expiresAt);
        await store.putDocument(ownerId, 'code', 'a', 'stays', {
          ifVersion: 0,
          expiresAt: expiresAt + 3_600_000,
        });
        await store.putDocument(ownerId, 'code', 'c', 'x', { ifVersion: 0, expiresAt });
        await bench.until(expiresAt + 1);
        assert.equal(await store.getDocument(ownerId, 'code', 'b'), null, 'reading');
        const listed = await store.listDocuments(ownerId, 'code', { limit: 10 });
        assert.deepEqual(
          listed.map((one) => one.id),
          ['a'],
          'listing',
        );
        assert.equal(
          await store.putDocument(ownerId, 'code', 'b', 'y', { ifVersion: 1 }),
          null,
          'its version is gone',
        );
        assert.equal(await store.deleteDocument(ownerId, 'code', 'c'), false, 'deleting');
        assert.equal((await store.putDocument(ownerId, 'code', 'b', 'y', NEW))?.expiresAt, null, 'writing');
        assert.equal((await store.getDocument(ownerId, 'code', 'b'))?.value, 'y');
      }),
    );

    it(
      'expire as the last put says',
      onBench(harness, async (bench) => {
        const { store, ownerId } = bench;
        const soonAt = (await store.time()) + 60;
        await store.putDocument(ownerId, 'code', 'a', 1, { ifVersion: 0, expiresAt: soonAt });
        await store.putDocument(ownerId, 'code', 'a', 2, { ifVersion: 1, expiresAt: null });
        await store.putDocument(ownerId, 'code', 'b', 1, { ifVersion: 0, expiresAt: soonAt });
        // Left out means null, as in a first put.
        const kept = await store.putDocument(ownerId, 'code', 'b', 2, { ifVersion: 1 });
        assert.equal(kept?.expiresAt, null);
        await bench.until(soonAt + 1);
        assert.deepEqual(
          (await store.listDocuments(ownerId, 'code', { limit: 9 })).map((one) => one.value),
          [2, 2],
        );
      }),
    );

    it(
      'are listed by id, in pages',
      onBench(harness, async (bench) => {
        const { store, ownerId } = bench;
        const ids = Array.from({ length: 25 }, (_, k) => `n${String(k).padStart(2, '0')}`);
        for (const id of ids.toReversed()) await put(bench, id, id);
        for (const limit of [1, 10, 25, 100]) {
          const seen: string[] = [];
          for (;;) {
            const after = seen.at(-1);
            const page = await store.listDocuments(ownerId, 'note', {
              limit,
              ...(after === undefined ? {} : { after }),
            });
            if (page.length === 0) break;
            assert.ok(page.length <= limit && page.every((one) => one.value === one.id));
            seen.push(...page.map((one) => one.id));
          }
          assert.deepEqual(seen, ids, `pages of ${limit}`);
        }
        const between = await store.listDocuments(ownerId, 'note', { after: 'n05x', limit: 1 });
        assert.deepEqual(
          between.map((one) => one.id),
          ['n06'],
          'after an id that is not there',
        );
      }),
    );

    it(
      'of owners and kinds stay apart, whatever their names',
      onBench(harness, async (bench) => {
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
