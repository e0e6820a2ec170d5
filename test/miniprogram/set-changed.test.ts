import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { changedPaths, setChanged } from '../../miniprogram/lib/set-changed.ts';

type Json = Record<string, unknown>;

/** What WeChat does with setData's paths. */
function applied(data: Json, changes: Json): Json {
  const copy = structuredClone(data);
  for (const [path, value] of Object.entries(changes)) {
    const steps = path.split(/\.|\[|\]\.?/).filter((step) => step !== '');
    const last = steps.pop() ?? '';
    let target: Json = copy;
    for (const step of steps) target = target[step] as Json;
    target[last] = structuredClone(value);
  }
  return copy;
}

test('only what differs is sent, by its path', () => {
  const before = {
    title: 'a',
    cards: [
      { name: 'x', bars: ['.', 'l'] },
      { name: 'y', bars: [] },
    ],
    n: 1,
  };
  const after = {
    title: 'a',
    cards: [
      { name: 'x', bars: ['.', 'f'] },
      { name: 'z', bars: [] },
    ],
    n: 1,
  };
  assert.deepEqual(changedPaths(before, after), { 'cards[0].bars[1]': 'f', 'cards[1].name': 'z' });
});

test('a list that grows sends what is new, one that shrinks is sent whole', () => {
  assert.deepEqual(changedPaths({ a: [1] }, { a: [1, 2, 3] }), { 'a[1]': 2, 'a[2]': 3 });
  assert.deepEqual(changedPaths({ a: [1, 2] }, { a: [1] }), { a: [1] });
  assert.deepEqual(changedPaths({ a: [1] }, { a: [] }), { a: [] });
});

test('an object that loses a field, or has one that no path can name, is sent whole', () => {
  assert.deepEqual(changedPaths({ o: { a: 1, b: 2 } }, { o: { a: 1 } }), { o: { a: 1 } });
  assert.deepEqual(changedPaths({ o: { a: 1 } }, { o: { a: 1, b: undefined } }), {});
  assert.deepEqual(changedPaths({ o: { 'x.y': 1 } }, { o: { 'x.y': 2 } }), { o: { 'x.y': 2 } });
  assert.deepEqual(changedPaths({ o: null }, { o: { a: 1 } }), { o: { a: 1 } });
  assert.deepEqual(changedPaths({ o: [1] }, { o: { 0: 1 } }), { o: { 0: 1 } });
});

test('nothing is sent when nothing differs; fields that are not named stay', () => {
  const sent: Json[] = [];
  const view = {
    data: { a: [1, { b: 2 }], own: 3 } as Json,
    setData: (changes: Json) => void sent.push(changes),
  };
  setChanged(view, { a: [1, { b: 2 }] });
  assert.deepEqual(sent, []);
  setChanged(view, { a: [1, { b: 5 }] });
  assert.deepEqual(sent, [{ 'a[1].b': 5 }]);
});

test('property: the paths turn any data into any other', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(0, 1, 'a', '', null, true),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'x.y', 'p[0]'), tie('value'), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    ),
  }));
  const data = fc.record({ p: value, q: value }, { noNullPrototype: true });
  fc.assert(
    fc.property(data, data, (before, after) => {
      const frozen = structuredClone(before);
      const changes = changedPaths(before, after);
      assert.deepEqual(applied(before, changes), after);
      assert.deepEqual(before, frozen, 'nothing is changed in place');
      assert.equal(JSON.stringify(changes).includes('undefined'), false);
      assert.deepEqual(changedPaths(after, structuredClone(after)), {});
    }),
    { numRuns: 1_000 },
  );
});
