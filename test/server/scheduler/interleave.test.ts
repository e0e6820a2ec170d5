/** Fires of one instant: owners in turn, so that one owner's ten thousand do not stand before another's one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interleaveOwners } from '../../../server/scheduler/fire-due.ts';
import type { Entry } from '../../../server/scheduler/lookahead.ts';
import { createSegmentSource } from '../../../server/tasks/segment-source.ts';
import { taskRecord } from './support/task-record.ts';

const entry = (name: string): Entry => {
  const task = taskRecord(name, 10, { ownerId: name.slice(0, 1) });
  return { task, source: createSegmentSource(task.segment), at: 10, firing: true, newer: null };
};
const mixed = (names: string) =>
  interleaveOwners(names.split(' ').map(entry))
    .map(({ task }) => task.id)
    .join(' ');

test('owners take turns, each in its own order', () => {
  assert.equal(mixed('a1 a2 a3 b1 c1 c2'), 'a1 b1 c1 a2 c2 a3');
  assert.equal(mixed('a1 b1 a2 b2'), 'a1 b1 a2 b2');
  assert.equal(mixed('a1 a2 a3'), 'a1 a2 a3');
  assert.deepEqual(interleaveOwners([]), []);
});

test('a lone task waits for no more than one of each other owner', () => {
  const many = Array.from({ length: 10_000 }, (_, n) => entry(`a${n}`));
  const order = interleaveOwners([...many, entry('b1')]);
  assert.equal(order.length, 10_001);
  assert.ok(order.findIndex(({ task }) => task.id === 'b1') <= 1);
});
