/** Edits to `at`, which may lie a little in the past, and edits that leave a task without any slot. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as changes from '../../../server/tasks/task-changes.ts';
import type { Schedule, TaskDefinition } from '../../../shared/task.ts';
import { type PaperTask, paperTask } from '../../helpers/paper-task.ts';

const T = Date.UTC(2026, 10, 23);
const every10s = { kind: 'every', everyMs: 10_000 } as const;

const definition = (schedule: Schedule): TaskDefinition => ({
  name: 't',
  schedule,
  action: { kind: 'handler', name: 'noop' },
  policy: {},
  requires: null,
  visibleTo: null,
});
const paper = (schedule: Schedule) =>
  paperTask(changes.newTask('00aaaaaaaaaaaaaaaa', definition(schedule), T, 'f'), T);

function edit(task: PaperTask, schedule: Schedule, now: number) {
  const change = changes.reschedule(task.record, definition(schedule), now);
  assert.ok(change !== changes.BEHIND);
  task.change(change);
  return change;
}

test('an `at` up to a minute past still gets its slot, and what lies before it is decided', () => {
  const task = paper(every10s);
  const change = edit(task, { kind: 'at', at: T + 15_000 }, T + 45_000);
  assert.deepEqual(
    change.skips.map(({ plannedAt, reason }) => [plannedAt - T, reason]),
    [[10_000, 'schedule_changed']],
  );
  assert.deepEqual([task.record.state, task.record.nextAt], ['active', T + 15_000]);
  assert.deepEqual(
    task.segments.map(({ fromAt, toAt }) => [fromAt - T, toAt === null ? null : toAt - T]),
    [
      [1, 15_000],
      [15_000, null],
    ],
  );
});

test('an `at` on an owed slot of the old schedule: the instant is one slot, of the new one', () => {
  const task = paper(every10s);
  const change = edit(task, { kind: 'at', at: T + 20_000 }, T + 45_000);
  assert.deepEqual(
    change.skips.map((skip) => skip.plannedAt - T),
    [10_000],
  );
  assert.equal(task.record.nextAt, T + 20_000);
});

test('an `at` that the cursor has passed has no slot: the task ends, and is not left active for ever', () => {
  const task = paper(every10s);
  edit(task, { kind: 'every', everyMs: 60_000 }, T + 45_000);
  edit(task, { kind: 'at', at: T + 45_000 }, T + 46_000);
  assert.deepEqual([task.record.state, task.record.nextAt], ['ended', null]);
  assert.equal(task.segments.at(-1)?.toAt, T + 46_001);
});

test('an ended task goes on with a new schedule, or with an `at` just past', () => {
  const ended = paper(every10s);
  ended.leaveClosing({ reason: 'ended', at: T + 5_000 });
  const end = changes.carryOutClosing(ended.record, T + 5_000);
  assert.ok(end !== changes.BEHIND);
  ended.change(end);
  const change = edit(ended, every10s, T + 62_000);
  assert.deepEqual([change.closeAt, change.skips], [null, []], 'an ended segment is closed already');
  assert.deepEqual([ended.record.state, ended.record.nextAt], ['active', T + 70_000]);

  const again = paper({ kind: 'at', at: T + 1_000 });
  again.leaveClosing({ reason: 'ended', at: T + 500 });
  const gone = changes.carryOutClosing(again.record, T + 500);
  assert.ok(gone !== changes.BEHIND);
  again.change(gone);
  edit(again, { kind: 'at', at: T + 30_000 }, T + 60_000);
  assert.deepEqual([again.record.state, again.record.nextAt], ['active', T + 30_000]);
});

test('a paused task with an `at` just past waits for its resume, which finds nothing left', () => {
  const task = paper(every10s);
  const pause = changes.pause(task.record, T + 5_000);
  assert.ok(pause !== changes.BEHIND);
  task.change(pause);
  edit(task, { kind: 'at', at: T + 15_000 }, T + 45_000);
  assert.deepEqual([task.record.state, task.record.nextAt], ['paused', null]);
  task.change(changes.resume(task.record, T + 50_000));
  assert.equal(task.record.state, 'ended');
});
