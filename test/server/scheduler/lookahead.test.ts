/** What is known to be due: the newest record of each task, in order, and never one that is being fired. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLookahead, type Entry } from '../../../server/scheduler/lookahead.ts';
import { openSegment } from '../../../server/tasks/open-segment.ts';
import { taskRecord } from './support/task-record.ts';

const ids = (entries: Entry[]) => entries.map((entry) => entry.task.id);

test('tasks come out when they are due, earliest first, at most so many', () => {
  const lookahead = createLookahead();
  for (const [id, at] of [
    ['a', 30],
    ['b', 10],
    ['c', 20],
    ['d', 40],
  ] as const)
    lookahead.offer(taskRecord(id, at));
  assert.deepEqual([lookahead.size, lookahead.nextAt()], [4, 10]);
  assert.deepEqual(ids(lookahead.takeDue(9, 10)), []);
  assert.deepEqual(ids(lookahead.takeDue(30, 2)), ['b', 'c']);
  assert.deepEqual(ids(lookahead.takeDue(30, 2)), ['a'], 'd is not due yet, b and c are being fired');
  assert.equal(lookahead.nextAt(), 40);
});

test('a task without a next slot is not taken in; a closing is due at its own instant', () => {
  const lookahead = createLookahead();
  lookahead.offer(taskRecord('a', null));
  assert.equal(lookahead.size, 0);
  lookahead.offer(taskRecord('b', 50, { closing: { reason: 'ended', at: 20 } }));
  assert.equal(lookahead.nextAt(), 20);
});

test('the newer record replaces the older one: by version, by cursor, by a closing', () => {
  for (const newer of [{ version: 2 }, { cursorAt: 5 }, { closing: { reason: 'ended', at: 70 } as const }]) {
    const lookahead = createLookahead();
    lookahead.offer(taskRecord('a', 50));
    lookahead.offer(taskRecord('a', 70, newer));
    assert.deepEqual(ids(lookahead.takeDue(69, 10)), [], 'not at the instant of the old record');
    const [entry] = lookahead.takeDue(70, 10);
    assert.deepEqual(entry?.task, taskRecord('a', 70, newer));
    assert.deepEqual([lookahead.size, lookahead.nextAt()], [1, null]);
  }
});

test('an older or the same record changes nothing', () => {
  const lookahead = createLookahead();
  const known = taskRecord('a', 50, { version: 2, cursorAt: 9 });
  lookahead.offer(known);
  lookahead.offer(taskRecord('a', 10, { version: 2, cursorAt: 9 }));
  lookahead.offer(taskRecord('a', 10, { version: 1, cursorAt: 3 }));
  assert.equal(lookahead.nextAt(), 50);
});

test('an overdue task that sleeps too long is put right, but not by an older record', () => {
  const lookahead = createLookahead();
  lookahead.offer(taskRecord('a', 10, { cursorAt: 5 }));
  const [entry] = lookahead.takeDue(10, 1);
  lookahead.settle(entry as Entry, taskRecord('a', 10, { cursorAt: 5 }), 90_000);
  lookahead.offer(taskRecord('a', 10, { cursorAt: 4 }), 1_000);
  assert.equal(lookahead.nextAt(), 90_000);
  lookahead.offer(taskRecord('a', 10, { cursorAt: 5 }), 90_000);
  assert.equal(lookahead.nextAt(), 90_000, 'within what is allowed');
  lookahead.offer(taskRecord('a', 10, { cursorAt: 5 }), 1_000);
  assert.equal(lookahead.nextAt(), 10);
});

test('a settled task goes on from its record, or is forgotten', () => {
  const lookahead = createLookahead();
  for (const id of ['a', 'b', 'c']) lookahead.offer(taskRecord(id, 10));
  const [a, b, c] = lookahead.takeDue(10, 3) as [Entry, Entry, Entry];
  assert.equal(lookahead.nextAt(), null);
  lookahead.settle(a, taskRecord(a.task.id, 20, { cursorAt: 10 }), 20);
  lookahead.settle(b, null, null);
  lookahead.settle(c, taskRecord(c.task.id, null), null);
  assert.deepEqual([lookahead.size, lookahead.nextAt()], [1, 20]);
  assert.equal(lookahead.takeDue(20, 1)[0]?.task.cursorAt, 10);
});

test('the slot source is kept while the plan is the same, also between tasks, and another after an edit', () => {
  const lookahead = createLookahead();
  lookahead.offer(taskRecord('a', 10));
  const [first] = lookahead.takeDue(10, 1) as [Entry];
  lookahead.settle(first, taskRecord('a', 20, { cursorAt: 10 }), 20);
  const [second] = lookahead.takeDue(20, 1) as [Entry];
  assert.equal(second.source, first.source);
  lookahead.offer(taskRecord('b', 20));
  assert.equal((lookahead.takeDue(20, 1) as [Entry])[0].source, first.source);
  const edited = openSegment({ kind: 'every', everyMs: 20_000 }, 1, null);
  lookahead.settle(second, taskRecord('a', 30, { version: 2, segment: edited }), 30);
  const [third] = lookahead.takeDue(30, 1) as [Entry];
  assert.notEqual(third.source, first.source);
});

test('what changes while a task is being fired counts when that is settled', () => {
  for (const [settled, expected] of [
    ['fired', 15],
    ['forgotten', 15],
    ['newer still', 80],
  ] as const) {
    const lookahead = createLookahead();
    lookahead.offer(taskRecord('a', 10));
    const [entry] = lookahead.takeDue(10, 1) as [Entry];
    lookahead.offer(taskRecord('a', 15, { version: 2, cursorAt: 12 }));
    lookahead.offer(taskRecord('a', 11, { version: 1, cursorAt: 0 }));
    assert.deepEqual(lookahead.takeDue(100, 10), [], 'one step of a task at a time');
    if (settled === 'fired') lookahead.settle(entry, taskRecord('a', 20, { cursorAt: 10 }), 20);
    if (settled === 'forgotten') lookahead.settle(entry, null, null);
    if (settled === 'newer still')
      lookahead.settle(entry, taskRecord('a', 80, { version: 3, cursorAt: 13 }), 80);
    assert.equal(lookahead.nextAt(), expected, settled);
  }
});

test('what is forgotten while it is being fired stays forgotten', () => {
  const lookahead = createLookahead();
  for (const id of ['00a', '01a']) lookahead.offer(taskRecord(id, 10));
  const entries = lookahead.takeDue(10, 2);
  lookahead.forget((id) => id.startsWith('01'));
  for (const entry of entries) lookahead.settle(entry, taskRecord(entry.task.id, 20), 20);
  assert.deepEqual(ids(lookahead.takeDue(20, 2)), ['00a']);
  lookahead.offer(taskRecord('02a', 5));
  lookahead.forget(null);
  assert.deepEqual([lookahead.size, lookahead.nextAt()], [0, null]);
});
