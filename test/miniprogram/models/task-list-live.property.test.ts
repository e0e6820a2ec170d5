import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type LiveTask, toLiveTask } from '../../../miniprogram/models/live-task.ts';
import {
  applyListEvent,
  chooseView,
  emptyTaskList,
  SEGMENTS,
  type TaskList,
  takePage,
  takeTask,
} from '../../../miniprogram/models/task-list.ts';
import { countsOf, MiniTask, type Told } from './task-list-server.ts';

/** A day apart, so that manual runs of one never share an instant with slots of another. */
const tasksOf = (count: number) =>
  Array.from({ length: count }, (_, n) => new MiniTask(`t${n}`, (count - n) * 86_400_000));

const step = fc.record({
  task: fc.nat(3),
  what: fc.nat(9),
  pick: fc.nat(5),
  way: fc.nat(20),
  lateByMs: fc.constantFrom(0, 3, 1_000, 1_001, 90_000),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function perform(tasks: readonly MiniTask[], { task: at, what, pick, way, lateByMs }: Step): Told[] {
  const task = tasks[at % tasks.length]!;
  if (what <= 1) return task.fire('fired', way % 4 === 3);
  if (what === 2) return task.fire('caught_up');
  if (what === 3)
    return task.skip((['overlap', 'catch_up_limit', 'buffer_full'] as const)[way % 3]!, 1 + (way % 3));
  if (what === 4 && way % 4 === 0) return task.pause();
  if (what === 5) return task.ask();
  return task.move(pick, way, lateByMs);
}

const pageOf = (tasks: readonly MiniTask[]) => ({
  items: tasks.map((task) => task.read()),
  nextCursor: null,
  counts: countsOf(tasks),
});

const read = (tasks: readonly MiniTask[], list = emptyTaskList()) => takePage(list, pageOf(tasks), 'first');

/** What only events tell is no part of a reading. */
function asRead(task: LiveTask): LiveTask {
  return {
    ...task,
    recent: task.recent.map(({ attempt: _attempt, retryAt: _retryAt, ...slot }) => slot),
  };
}

/** Applies events as the page does: what an event leaves open is read again. */
function follow(list: TaskList, told: readonly Told[], tasks: readonly MiniTask[]): TaskList {
  let next = list;
  for (const { type, payload } of told) {
    const change = applyListEvent(next, type, payload);
    next = change.list;
    if (change.read === null) continue;
    const task = tasks.find(({ id }) => id === change.read);
    if (task !== undefined) next = takeTask(next, task.read()).list;
  }
  return next;
}

function assertSame(list: TaskList, tasks: readonly MiniTask[]): void {
  for (const task of tasks) assert.deepEqual(asRead(list.tasks.get(task.id)!), toLiveTask(task.read()));
  assert.deepEqual(list.counts, countsOf(tasks));
}

describe('task list, against a server in miniature', () => {
  it('shows after any events what a reading shows', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const tasks = tasksOf(4);
        let list = read(tasks);
        for (const one of steps) {
          list = follow(list, perform(tasks, one), tasks);
          assertSame(list, tasks);
        }
        const again = read(tasks, list);
        assertSame(again, tasks);
        assert.deepEqual(again.ids, list.ids);
      }),
      { numRuns: 400 },
    );
  });

  it('is not misled by events told twice', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const tasks = tasksOf(2);
        let list = read(tasks);
        for (const one of steps) {
          const told = perform(tasks, one);
          list = follow(list, [...told, ...told], tasks);
          assertSame(list, tasks);
        }
      }),
    );
  });

  it('is not misled by events that the reading held already', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.array(step, { maxLength: 20 }), (before, after) => {
        const tasks = tasksOf(2);
        const told = before.flatMap((one) => perform(tasks, one));
        let list = read(tasks);
        told.push(...after.flatMap((one) => perform(tasks, one)));
        list = follow(list, told, tasks);
        for (const task of tasks) assert.deepEqual(asRead(list.tasks.get(task.id)!), toLiveTask(task.read()));
      }),
    );
  });

  it('keeps each segment to those that belong there', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SEGMENTS), fc.array(step, { maxLength: 60 }), (segment, steps) => {
        const tasks = tasksOf(4);
        let list = chooseView(read(tasks), segment, '');
        list = { ...list, nextCursor: null };
        for (const one of steps) list = follow(list, perform(tasks, one), tasks);
        const belongs = tasks.filter(
          (task) =>
            segment === 'all' ||
            (segment === 'running' && task.running) ||
            (segment === 'troubled' && ['failing', 'late'].includes(task.read().health)) ||
            (segment === 'paused' && task.state === 'paused'),
        );
        assert.deepEqual(
          list.ids,
          belongs.map(({ id }) => id),
        );
        assert.equal(list.counts![segment], belongs.length);
      }),
    );
  });
});
