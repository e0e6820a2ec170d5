import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonValue } from '../../../shared/task.ts';
import type { Bench } from './bench.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

const NEW = { ifVersion: 0 };

/** A document that was not there before. */
export async function put(
  bench: Bench,
  id: string,
  value: JsonValue,
  ownerId = bench.ownerId,
  kind = 'note',
) {
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
        // Long enough for the puts below on a busy machine.
        const soonAt = (await store.time()) + 1_000;
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
            assert.equal(new Set(seen).size, seen.length, 'no document comes twice');
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
  });
}
