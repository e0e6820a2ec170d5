/** Whose turn it is among partitions with ready runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createReadyPartitions } from '../../../server/worker/ready-partitions.ts';

const anyOf = () => true;

/** Claims 50 as often as it takes, from whoever has the turn; answers in which order the partitions were asked. */
function drain(backlog: Record<number, number>, first = Object.keys(backlog).map(Number)): number[] {
  const ready = createReadyPartitions();
  for (const partition of first) ready.hear(partition);
  const asked: number[] = [];
  for (let partition = ready.current(anyOf); partition !== undefined; partition = ready.current(anyOf)) {
    asked.push(partition);
    const got = Math.min(50, backlog[partition] as number);
    backlog[partition] = (backlog[partition] as number) - got;
    ready.answered(partition, got, 50, ready.heard(partition));
  }
  assert.equal(ready.size, 0);
  return asked;
}

test('one partition is worked through in batches, and forgotten once a claim gets less than it asked for', () => {
  assert.deepEqual(drain({ 3: 120 }), [3, 3, 3]);
  assert.deepEqual(drain({ 3: 100 }), [3, 3, 3], 'only the empty answer says that nothing is left');
});

test('what has just become ready goes before what is known to have more', () => {
  assert.deepEqual(drain({ 0: 200, 1: 3, 2: 4 }), [0, 1, 2, 0, 0, 0, 0]);
});

test('after 2,000 runs the next partition has its turn', () => {
  const asked = drain({ 0: 5_000, 1: 2_500 });
  const turns = asked.filter((partition, n) => partition !== asked[n - 1]);
  assert.deepEqual(turns, [0, 1, 0, 1, 0, 1, 0]);
  for (const [n, partition] of asked.entries()) {
    const inARow = asked.slice(n).findIndex((other) => other !== partition);
    assert.ok(inARow <= 40 || asked.slice(n).every((other) => other === 0), `${inARow} claims in a row`);
  }
});

test('own partitions first, whoever else is ready', () => {
  const ready = createReadyPartitions();
  for (const partition of [5, 6, 7]) ready.hear(partition);
  assert.equal(
    ready.current((partition) => partition === 6),
    6,
  );
  assert.equal(
    ready.current(() => false),
    5,
  );
});

test('what was heard after a claim was asked for is not forgotten with its answer', () => {
  const ready = createReadyPartitions();
  ready.hear(1);
  const then = ready.heard(1);
  ready.hear(1);
  ready.answered(1, 0, 50, then);
  assert.deepEqual([...ready.inTurn()], [1]);
  ready.answered(1, 0, 50, ready.heard(1));
  assert.equal(ready.size, 0);
});
