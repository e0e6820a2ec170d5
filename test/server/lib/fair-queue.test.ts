/** Owners in turn, so that one owner's ten thousand do not stand before another's one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFairQueue } from '../../../server/lib/fair-queue.ts';

/** Items are named by their owner's letter. */
function queueOf(names: string[]) {
  const queue = createFairQueue<string>();
  for (const name of names) queue.push(name.slice(0, 1), name);
  return queue;
}

test('owners take turns, each in its own order', () => {
  assert.equal(queueOf(['a1', 'a2', 'a3', 'b1', 'c1', 'c2']).take(9).join(' '), 'a1 b1 c1 a2 c2 a3');
  assert.equal(queueOf(['a1', 'b1', 'a2', 'b2']).take(9).join(' '), 'a1 b1 a2 b2');
  assert.deepEqual(queueOf([]).take(9), []);
});

test('turns go on where the last call stopped, and one who comes later waits for one of each', () => {
  const queue = queueOf(Array.from({ length: 10_000 }, (_, n) => `a${n}`).concat(['b1', 'b2']));
  assert.deepEqual(queue.take(2), ['a0', 'b1']);
  assert.deepEqual(queue.take(1), ['a1']);
  queue.push('c', 'c1');
  assert.deepEqual(queue.take(4), ['b2', 'a2', 'c1', 'a3']);
  assert.equal(queue.size, 9_996);
  queue.clear();
  assert.deepEqual([queue.size, queue.take(1)], [0, []]);
});

test('everything comes out once, in order within an owner, and nobody is passed twice', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', 'b', 'c', 'd')),
      fc.integer({ min: 1, max: 7 }),
      (owners, limit) => {
        const names = owners.map((owner, n) => `${owner}${n}`);
        const queue = queueOf(names);
        const out: string[] = [];
        while (queue.size > 0) out.push(...queue.take(limit));
        for (const owner of 'abcd') {
          const mine = (list: string[]) => list.filter((name) => name.startsWith(owner));
          assert.deepEqual(mine(out), mine(names));
        }
        const served = new Map<string, number>();
        for (const [place, name] of out.entries()) {
          const owner = name.slice(0, 1);
          served.set(owner, (served.get(owner) ?? 0) + 1);
          for (const other of 'abcd') {
            const isWaiting = out.slice(place + 1).some((later) => later.startsWith(other));
            if (isWaiting) assert.ok((served.get(owner) as number) <= (served.get(other) ?? 0) + 1);
          }
        }
      },
    ),
  );
});
