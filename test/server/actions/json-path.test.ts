import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { parsePath, readPath } from '../../../server/actions/json-path.ts';
import { untilMet } from '../../../server/actions/until.ts';

test('paths that are understood', () => {
  const cases: [string, (string | number)[]][] = [
    ['$', []],
    ['$.a.b[0]', ['a', 'b', 0]],
    ['$["weird key"][12].c', ['weird key', 12, 'c']],
    ['$["a\\"b"]', ['a"b']],
    ['$.订单.状态', ['订单', '状态']],
    ['$.a-b.$c._d1', ['a-b', '$c', '_d1']],
    ['$[""]', ['']],
  ];
  for (const [text, steps] of cases) assert.deepEqual(parsePath(text), steps, text);
});

test('paths that are not', () => {
  for (const text of [
    '',
    'a',
    '$.',
    '$a',
    '$..a',
    '$.a.',
    '$[-1]',
    '$[01]',
    '$[1.5]',
    '$[a]',
    "$['a']",
    '$["a]',
    '$["\\x"]',
    '$[*]',
    '$.*',
    '$[?(@.a)]',
    '$[0:2]',
    '$.1a',
    '$ .a',
    '$.a ',
    '$["a\nb"]',
    '$[9999999999]',
    `$.${'a'.repeat(200)}`,
    `$${'.a'.repeat(21)}`,
  ]) {
    assert.equal(parsePath(text), null, JSON.stringify(text));
  }
  assert.equal(parsePath(`$${'.a'.repeat(20)}`)?.length, 20);
});

const at = (value: unknown, path: string) => readPath(value, parsePath(path)!);

test('reads what the value itself holds', () => {
  const value = { a: { b: [{ c: null }, 2] }, '': 0 };
  assert.equal(at(value, '$'), value);
  assert.equal(at(value, '$.a.b[0].c'), null);
  assert.equal(at(value, '$.a.b[1]'), 2);
  assert.equal(at(value, '$[""]'), 0);
  for (const path of ['$.x', '$.a.b[2]', '$.a.b.c', '$.a[0]', '$.a.b[0].c.d']) {
    assert.equal(at(value, path), undefined, path);
  }
});

test('touches no prototype, no length and no getter', () => {
  for (const path of [
    '$.__proto__',
    '$.constructor',
    '$.toString',
    '$["hasOwnProperty"]',
    '$.a.length',
    '$.s.length',
  ]) {
    assert.equal(at({ a: [1], s: 'x' }, path), undefined, path);
  }
  assert.equal(at(JSON.parse('{"__proto__":{"x":1}}'), '$.__proto__.x'), 1);
  const trap = {
    get boom() {
      throw new Error('a getter ran');
    },
  };
  assert.equal(at(trap, '$.boom'), undefined);
  assert.equal(at(null, '$.a'), undefined);
  assert.equal(at(undefined, '$'), undefined);
});

test('any text is a path or null, and a path of quoted keys reads back what is there', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'$.[]"\\a0-') })), (text) => {
      const steps = parsePath(`$${text}`);
      assert.ok(steps === null || steps.length <= 20);
    }),
    { seed: 20_240_601, numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string({ maxLength: 6 }), fc.nat(99)), { maxLength: 8 }), (steps) => {
      const text = `$${steps.map((step) => `[${JSON.stringify(step)}]`).join('')}`;
      fc.pre(text.length <= 200);
      assert.deepEqual(parsePath(text), steps);
      const value = steps.reduceRight<unknown>((inner, step) => {
        if (typeof step === 'string') return Object.fromEntries([[step, inner]]);
        const list: unknown[] = [];
        list[step] = inner;
        return list;
      }, 'found');
      assert.equal(readPath(value, steps), 'found');
    }),
    { seed: 20_240_602, numRuns: 500 },
  );
});

test('until compares scalars strictly', () => {
  const until = (equals: string | number | boolean | null, path = '$.state') => ({ path, equals });
  assert.ok(untilMet({ state: 'done' }, until('done')));
  assert.ok(untilMet({ state: null }, until(null)));
  assert.ok(untilMet([{ n: 1 }], until(1, '$[0].n')));
  assert.ok(untilMet(true, until(true, '$')));
  assert.ok(!untilMet({ state: '1' }, until(1)));
  assert.ok(!untilMet({}, until(null)));
  assert.ok(!untilMet({ state: 'done' }, until('done', 'state')));
  assert.ok(!untilMet({ state: 'done' }, null));
  assert.ok(!untilMet({ state: 'done' }, undefined));
  assert.ok(!untilMet(undefined, until('done')));
});
