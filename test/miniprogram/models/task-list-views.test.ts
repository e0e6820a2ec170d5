import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toLiveTask } from '../../../miniprogram/models/live-task.ts';
import {
  chooseView,
  type TaskList,
  takePage,
  takeSnapshot,
  takeTask,
} from '../../../miniprogram/models/task-list.ts';
import { AT, listOf, ran, task } from './task-list-samples.ts';

const only = (list: TaskList) => list.tasks.get('a')!;

describe('views', () => {
  const three = () =>
    listOf([
      task('c', { createdAt: AT + 3, name: 'Charlie' }),
      task('b', { createdAt: AT + 2, state: 'paused' }),
      task('a', { createdAt: AT + 1, health: 'failing' }),
    ]);

  it('a segment or a search shows at once what is known', () => {
    assert.deepEqual(chooseView(three(), 'paused', '').ids, ['b']);
    assert.deepEqual(chooseView(three(), 'troubled', '').ids, ['a']);
    assert.deepEqual(chooseView(three(), 'running', '').ids, []);
    assert.deepEqual(chooseView(three(), 'all', 'CHARL').ids, ['c']);
    assert.equal(chooseView(three(), 'paused', '').nextCursor, undefined);
  });

  it('the next page goes behind, without what is there already', () => {
    const counts = { all: 3, running: 0, troubled: 0, paused: 0 };
    const list = listOf([task('c', { createdAt: AT + 3 }), task('b', { createdAt: AT + 2 })], 'more');
    const page = { items: [task('b'), task('a')], nextCursor: null, counts };
    const next = takePage(list, page, 'next');
    assert.deepEqual([next.ids, next.nextCursor, next.counts], [['c', 'b', 'a'], null, counts]);
    assert.deepEqual(takePage(list, page, 'first').ids, ['b', 'a']);
  });

  it('a page does not undo the events that came while it was on its way', () => {
    const list = three();
    const page = { items: [task('a', { health: 'healthy' })], nextCursor: null, counts: list.counts! };
    assert.equal(only(takePage(list, page, 'first', new Set(['a']))).health, 'failing');
    assert.equal(only(takePage(list, page, 'first')).health, 'healthy');
  });

  it('a task beyond what is loaded waits for its page', () => {
    const list = listOf([task('b', { createdAt: AT + 2 })], 'more');
    assert.deepEqual(takeTask(list, task('a', { createdAt: AT })).list.ids, ['b']);
  });

  it('a snapshot brings what is new and takes away what it should name and does not', () => {
    const items = [task('d', { createdAt: AT + 4 }), task('b', { createdAt: AT + 2 })];
    assert.deepEqual(takeSnapshot(three(), { items, nextCursor: 'more' }).list.ids, ['d', 'b', 'a']);
    assert.deepEqual(takeSnapshot(three(), { items, nextCursor: null }).list.ids, ['d', 'b']);
    assert.deepEqual(takeSnapshot(three(), { items: [], nextCursor: null }).list.ids, []);
  });

  it('what only events tell of a retry outlives a reading', () => {
    const waiting = ran(AT, { state: 'retry_wait' });
    const before = toLiveTask(task('a', { recent: [waiting] }));
    const told = { ...before, recent: [{ ...waiting, attempt: 1, retryAt: AT + 9 }] };
    assert.deepEqual(toLiveTask(task('a', { recent: [waiting] }), told).recent, told.recent);
    assert.deepEqual(toLiveTask(task('a', { recent: [ran(AT)] }), told).recent, [ran(AT)]);
  });
});
