/** Edit, pause, resume and end: what becomes of owed slots, of the cursor, the segments and maxSlots. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskRecord } from '../../../server/store/records.ts';
import type { TaskChange } from '../../../server/store/requests.ts';
import * as changes from '../../../server/tasks/task-changes.ts';
import type { Schedule, TaskDefinition, TaskPolicy } from '../../../shared/task.ts';
import { type PaperTask, paperTask } from '../../helpers/paper-task.ts';

const T = Date.UTC(2026, 10, 23);
const every10s = { kind: 'every', everyMs: 10_000 } as const;

const definition = (schedule: Schedule, policy: TaskPolicy = {}): TaskDefinition => ({
  name: 't',
  schedule,
  action: { kind: 'handler', name: 'noop' },
  policy,
  requires: null,
  visibleTo: null,
});
const paper = (schedule: Schedule, policy: TaskPolicy = {}): PaperTask =>
  paperTask(changes.newTask('00aaaaaaaaaaaaaaaa', definition(schedule, policy), T, 'f'), T);

function planned(change: TaskChange | typeof changes.BEHIND): TaskChange {
  assert.ok(change !== changes.BEHIND, 'not behind');
  return change;
}
const inShort = ({ skips }: TaskChange) =>
  skips.map(
    ({ reason, count, plannedAt, toAt }) =>
      `${reason} ${(plannedAt - T) / 1_000}..${(toAt - 1 - T) / 1_000} ×${count}`,
  );
const bounds = ({ segments }: PaperTask) =>
  segments.map(({ fromAt, toAt, schedule }) => [
    fromAt - T,
    toAt === null ? null : toAt - T,
    schedule?.kind ?? 'paused',
  ]);

test('a new task has its slots from the instant after now; an `at` in the past from its own', () => {
  const every = changes.newTask(
    '00aaaaaaaaaaaaaaaa',
    definition(every10s, { pauseAfterFailures: 4 }),
    T,
    'f',
  );
  const { cursorAt, nextAt, pauseAfterFailures } = every;
  assert.deepEqual(
    [cursorAt, nextAt, pauseAfterFailures],
    [T, T + 10_000, 4],
    'a slot at now itself is none',
  );
  const at = changes.newTask('00aaaaaaaaaaaaaaaa', definition({ kind: 'at', at: T - 30_000 }), T, 'f');
  assert.deepEqual([at.segment.fromAt, at.cursorAt, at.nextAt], [T - 30_000, T - 30_001, T - 30_000]);
  const soon = changes.newTask('00aaaaaaaaaaaaaaaa', definition({ kind: 'at', at: T + 5 }), T, 'f');
  assert.deepEqual([soon.segment.fromAt, soon.nextAt], [T, T + 5]);
});

test('an edit of the schedule decides what is owed, closes the segment and opens the next behind now', () => {
  const task = paper(every10s);
  const change = planned(
    changes.reschedule(task.record, definition({ kind: 'every', everyMs: 7_000 }), T + 25_000),
  );
  assert.deepEqual(inShort(change), ['schedule_changed 10..20 ×2']);
  assert.deepEqual(
    [change.nextCursorAt, change.closeAt, change.byUser, change.closes, change.cancelHeld],
    [T + 25_000, T + 25_001, true, false, false],
  );
  task.change(change);
  assert.deepEqual(bounds(task), [
    [1, 25_001, 'every'],
    [25_001, null, 'every'],
  ]);
  assert.equal(task.record.nextAt, Math.ceil((T + 25_001) / 7_000) * 7_000);
  assert.equal(task.record.version, 2);
});

test('a slot at the very instant of a change is owed by the old schedule and not planned by the new', () => {
  const task = paper(every10s);
  task.change(planned(changes.reschedule(task.record, definition(every10s), T + 20_000)));
  assert.deepEqual(
    task.decisions.map((d) => d.kind === 'skip' && d.count),
    [2],
  );
  assert.equal(task.record.nextAt, T + 30_000);
});

test('a rename touches neither cursor nor segment', () => {
  const { record } = paper(every10s);
  const change = changes.redefine(record, { ...definition(every10s), name: 'other' });
  assert.deepEqual(
    [change.cursorAt, change.skips, change.closeAt, change.open, change.state],
    [null, [], null, null, undefined],
  );
});

test('a paused stretch plans nothing; the resume goes on behind now', () => {
  const task = paper(every10s);
  task.change(planned(changes.pause(task.record, T + 25_000)));
  assert.deepEqual([task.record.state, task.record.nextAt], ['paused', null]);
  const resumed = changes.resume(task.record, T + 95_000);
  assert.deepEqual(resumed.skips, [], 'slots of the pause never existed');
  task.change(resumed);
  assert.deepEqual([task.record.state, task.record.nextAt, task.record.version], ['active', T + 100_000, 3]);
  assert.deepEqual(bounds(task), [
    [1, 25_001, 'every'],
    [25_001, 95_001, 'paused'],
    [95_001, null, 'every'],
  ]);
});

test('maxSlots is carried over pauses, with what the pause itself skipped counted', () => {
  const task = paper({ ...every10s, maxSlots: 5 });
  const pause = planned(changes.pause(task.record, T + 25_000));
  assert.deepEqual(inShort(pause), ['paused 10..20 ×2']);
  task.change(pause);
  assert.equal(task.record.segment.maxSlots, 3);
  task.change(changes.resume(task.record, T + 50_000));
  assert.equal(task.record.segment.maxSlots, 3);
  task.change(planned(changes.pause(task.record, T + 60_000)));
  assert.equal(task.record.segment.maxSlots, 2, 'one more was skipped by the second pause');
});

test('a resume with nothing left ends the task: maxSlots used up, endAt passed, `at` passed', () => {
  const used = paper({ ...every10s, maxSlots: 2 });
  used.change(planned(changes.pause(used.record, T + 25_000)));
  assert.equal(used.record.segment.maxSlots, 0);
  const over = paper({ ...every10s, endAt: T + 60_000 });
  over.change(planned(changes.pause(over.record, T + 25_000)));
  const at = paper({ kind: 'at', at: T + 30_000 });
  at.change(planned(changes.pause(at.record, T + 25_000)));
  for (const task of [used, over, at]) {
    const change = changes.resume(task.record, T + 70_000);
    assert.deepEqual([change.state, change.open, change.nextAt], ['ended', null, null]);
    task.change(change);
    assert.equal(task.segments.at(-1)?.toAt, T + 70_001, 'the paused stretch is closed');
  }
});

test('a paused task keeps an edit for its resume', () => {
  const task = paper({ ...every10s, maxSlots: 3 });
  task.change(planned(changes.pause(task.record, T + 15_000)));
  const edit = definition({ kind: 'every', everyMs: 4_000, maxSlots: 9 });
  task.change(planned(changes.reschedule(task.record, edit, T + 30_000)));
  assert.deepEqual([task.record.state, task.record.nextAt], ['paused', null]);
  assert.equal(task.record.segment.maxSlots, 9, 'a new schedule brings its own maxSlots');
  task.change(changes.resume(task.record, T + 41_000));
  assert.deepEqual([task.record.segment.schedule, task.record.segment.maxSlots], [edit.schedule, 9]);
  assert.equal(task.record.nextAt, T + 44_000);
});

test('until and pauseAfterFailures decide up to where they were asked for, and grow no version', () => {
  for (const reason of ['ended', 'paused'] as const) {
    const task = paper(every10s);
    task.leaveClosing({ reason, at: T + 25_000 });
    const change = planned(changes.carryOutClosing(task.record, T + 90_000));
    assert.deepEqual(inShort(change), [`${reason} 10..20 ×2`], 'later slots never existed');
    assert.deepEqual(
      [change.state, change.closes, change.byUser, change.cancelHeld, change.closeAt],
      [reason, true, false, reason === 'ended', T + 25_001],
    );
    task.change(change);
    assert.equal(task.record.version, 1);
    assert.equal(task.record.closing, null);
  }
});

test('a closing whose instant the cursor has passed decides nothing more', () => {
  const task = paper(every10s);
  task.change(planned(changes.reschedule(task.record, definition(every10s), T + 40_000)));
  task.leaveClosing({ reason: 'ended', at: T + 35_000 });
  const change = planned(changes.carryOutClosing(task.record, T + 90_000));
  assert.deepEqual([change.skips, change.nextCursorAt], [[], T + 40_000]);
});

test('a clock that went back leaves the cursor where it is', () => {
  const task = paper(every10s);
  task.change(planned(changes.reschedule(task.record, definition(every10s), T + 40_000)));
  for (const change of [
    planned(changes.pause(task.record, T + 30_000)),
    planned(changes.reschedule(task.record, definition({ ...every10s, anchorAt: 3 }), T + 30_000)),
  ]) {
    assert.deepEqual([change.nextCursorAt, change.closeAt], [T + 40_000, T + 40_001]);
  }
});

const minutesOf = (record: TaskRecord, n: number) => record.cursorAt + n * 60_000;

test('more than 1,000 owed slots: the scheduler has to catch up first; a closing need not wait', () => {
  const { record } = paper({ kind: 'every', everyMs: 60_000 });
  const just = planned(changes.pause(record, minutesOf(record, 1_000)));
  assert.equal(
    just.skips.reduce((sum, skip) => sum + skip.count, 0),
    1_000,
  );
  const at = minutesOf(record, 1_001);
  assert.equal(changes.pause(record, at), changes.BEHIND);
  assert.equal(changes.reschedule(record, definition(every10s), at), changes.BEHIND);
  const closing = { ...record, closing: { reason: 'ended' as const, at } };
  assert.equal(planned(changes.end(closing, at)).skips.length, 2, 'by local day');
});

test('a closing with millions of owed slots is a few ranges, quickly made', () => {
  for (const schedule of [
    { kind: 'every', everyMs: 1_000 } as const,
    { kind: 'cron', cron: '* * * * * *', timezone: 'Europe/Berlin' } as const,
  ]) {
    const { record } = paper(schedule);
    const at = T + 5_000_000_000;
    const startedMs = performance.now();
    const change = planned(changes.end({ ...record, closing: { reason: 'ended', at } }, at));
    assert.ok(performance.now() - startedMs < 2_000);
    assert.equal(
      change.skips.reduce((sum, skip) => sum + skip.count, 0),
      5_000_000,
    );
    assert.ok(change.skips.length <= 60, `${change.skips.length} days`);
  }
});
