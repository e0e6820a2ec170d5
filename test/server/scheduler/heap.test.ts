/** The heap of due tasks against a sorted list. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHeap } from '../../../server/lib/heap.ts';

type Command = { push: number } | 'pop' | 'clear';
const commands: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ push: fc.integer({ min: -5, max: 20 }) }) },
  { weight: 4, arbitrary: fc.constant('pop' as const) },
  { weight: 1, arbitrary: fc.constant('clear' as const) },
);

test('behaves like a sorted list', () => {
  const sequences = fc.array(commands, { maxLength: 200, size: 'max' });
  fc.assert(
    fc.property(sequences, (sequence) => {
      const heap = createHeap<number>();
      let sorted: number[] = [];
      for (const command of sequence) {
        if (command === 'clear') {
          heap.clear();
          sorted = [];
        } else if (command === 'pop') {
          assert.equal(heap.pop(), sorted.shift() ?? null);
        } else {
          heap.push(command.push, command.push);
          sorted = [...sorted, command.push].sort((a, b) => a - b);
        }
        assert.deepEqual([heap.size, heap.peekKey()], [sorted.length, sorted[0] ?? null]);
      }
    }),
    { seed: 20261126, numRuns: 100, includeErrorInReport: true },
  );
});

test('a key may stand for several values; each comes out once', () => {
  const heap = createHeap<string>();
  for (const value of ['a', 'b', 'c']) heap.push(7, value);
  heap.push(3, 'first');
  assert.equal(heap.pop(), 'first');
  assert.deepEqual([heap.pop(), heap.pop(), heap.pop()].sort(), ['a', 'b', 'c']);
  assert.equal(heap.pop(), null);
});
