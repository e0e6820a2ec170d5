import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  applyListEvent,
  applyListProgress,
  dropTask,
  type TaskList,
  takeTask,
} from '../../../miniprogram/models/task-list.ts';
import type { EventPayload, EventType } from '../../../shared/realtime.ts';
import type { RunState } from '../../../shared/run.ts';
import { AT, listOf, ran, task } from './task-list-samples.ts';

const tell = (list: TaskList, type: EventType, payload: Partial<EventPayload>) =>
  applyListEvent(list, type, { taskId: 'a', at: AT, ...payload });
const only = (list: TaskList) => list.tasks.get('a')!;

describe('events of a slot', () => {
  it('slot.fired adds a waiting bar, moves the countdown on and makes a late task healthy', () => {
    const list = listOf([task('a', { health: 'late', nextFireAt: AT + 10, recent: [ran(AT - 10)] })]);
    const { list: next, read } = tell(list, 'slot.fired', {
      runId: `a:${AT + 10}`,
      plannedAt: AT + 10,
      nextAt: AT + 20,
    });
    assert.equal(only(next).nextFireAt, AT + 20);
    assert.equal(only(next).health, 'healthy');
    assert.deepEqual(
      only(next).recent.map(({ plannedAt, state, verdict }) => [plannedAt, state, verdict]),
      [
        [AT + 10, 'queued', 'fired'],
        [AT - 10, 'succeeded', 'fired'],
      ],
    );
    assert.equal(read, null);
    assert.deepEqual(next.counts, { all: 12, running: 2, troubled: 0, paused: 2 });
  });

  it('slot.fired without nextAt was the last', () => {
    const { list } = tell(listOf([task('a')]), 'slot.fired', { runId: `a:${AT + 1}`, plannedAt: AT + 1 });
    assert.equal(only(list).nextFireAt, null);
  });

  it('slot.caught_up makes it late', () => {
    const { list } = tell(listOf([task('a')]), 'slot.caught_up', {
      runId: `a:${AT + 1}`,
      plannedAt: AT + 1,
      nextAt: AT + 9,
    });
    assert.equal(only(list).health, 'late');
    assert.equal(only(list).recent[0]!.verdict, 'caught_up');
    assert.equal(list.counts!.troubled, 2);
  });

  it('slot.skipped joins its neighbours of one reason and asks for the next slot', () => {
    const start = listOf([task('a', { nextFireAt: AT + 1 })]);
    const first = tell(start, 'slot.skipped', {
      plannedAt: AT + 1,
      toAt: AT + 2,
      count: 1,
      reason: 'overlap',
    });
    const second = tell(first.list, 'slot.skipped', {
      plannedAt: AT + 3,
      toAt: AT + 8,
      count: 3,
      reason: 'overlap',
    });
    const third = tell(second.list, 'slot.skipped', { plannedAt: AT + 9, reason: 'catch_up_off' });
    assert.deepEqual(
      only(third.list).recent.map(({ plannedAt, count, reason }) => [plannedAt, count, reason]),
      [
        [AT + 9, 1, 'catch_up_off'],
        [AT + 1, 4, 'overlap'],
      ],
    );
    assert.equal(first.read, 'a');
    assert.equal(only(second.list).health, 'healthy');
    assert.equal(only(third.list).health, 'late');
  });

  it('a pause that skips what was owed says nothing about punctuality', () => {
    const { list } = tell(listOf([task('a', { health: 'late' })]), 'slot.skipped', {
      plannedAt: AT + 1,
      reason: 'paused',
    });
    assert.equal(only(list).health, 'late');
  });

  it('an old slot changes nothing, not even the object', () => {
    const list = listOf([task('a', { decidedThroughAt: AT })]);
    assert.equal(tell(list, 'slot.fired', { runId: 'a:5', plannedAt: 5, nextAt: 6 }).list, list);
    assert.equal(tell(list, 'slot.skipped', { plannedAt: 5, reason: 'overlap' }).list, list);
  });
});

describe('events of a run', () => {
  const queued = () => listOf([task('a', { recent: [ran(AT, { state: 'queued', lateByMs: null })] })]);
  const run = (list: TaskList, type: EventType, state: RunState, more: Partial<EventPayload> = {}) =>
    tell(list, type, { runId: `a:${AT}`, state, ...more }).list;
  const slot = (list: TaskList) => only(list).recent[0]!;

  it('run.started says how late', () => {
    const next = run(queued(), 'run.started', 'running', { attempt: 1, lateByMs: 1_001 });
    assert.deepEqual([slot(next).state, slot(next).lateByMs, slot(next).late], ['running', 1_001, true]);
  });

  it("the task's own bound decides what is late", () => {
    const strict = task('a', {
      policy: { lateAfterMs: 2 },
      recent: [ran(AT, { state: 'queued', lateByMs: null })],
    });
    const started = run(listOf([strict]), 'run.started', 'running', { attempt: 1, lateByMs: 3 });
    assert.equal(slot(started).late, true);
    assert.equal(only(run(started, 'run.finished', 'succeeded', { attempt: 1, lateByMs: 3 })).health, 'late');
  });

  it('run.retry_scheduled, run.queued, run.started: the next attempt', () => {
    let list = run(queued(), 'run.started', 'running', { attempt: 1, lateByMs: 3 });
    list = run(list, 'run.retry_scheduled', 'retry_wait', { attempt: 1, retryAt: AT + 500 });
    assert.deepEqual([slot(list).state, slot(list).retryAt, slot(list).attempt], ['retry_wait', AT + 500, 1]);
    list = run(list, 'run.queued', 'queued');
    assert.equal(slot(list).retryAt, undefined);
    list = run(list, 'run.started', 'running', { attempt: 2, lateByMs: 3 });
    assert.equal(slot(list).attempt, 2);
    assert.equal(run(list, 'run.lost', 'queued', { attempt: 1 }), list, 'of an attempt before');
    assert.equal(slot(run(list, 'run.cancelling', 'cancelling')).state, 'cancelling', 'names no attempt');
  });

  for (const [type, state] of [
    ['run.lost', 'queued'],
    ['run.released', 'queued'],
    ['run.cancelling', 'cancelling'],
    ['run.held', 'held'],
  ] as const) {
    it(`${type}: ${state}`, () => {
      const started = run(queued(), 'run.started', 'running', { attempt: 1, lateByMs: 3 });
      assert.equal(slot(run(started, type, state)).state, state);
    });
  }

  it('run.finished decides the health and the counts', () => {
    const started = run(queued(), 'run.started', 'running', { attempt: 1, lateByMs: 3 });
    const failed = run(started, 'run.finished', 'failed', { attempt: 1, lateByMs: 3 });
    assert.equal(only(failed).health, 'failing');
    assert.deepEqual(failed.counts, { all: 12, running: 0, troubled: 2, paused: 2 });
    const again = tell(failed, 'slot.fired', {
      runId: `a:${AT + 9}`,
      plannedAt: AT + 9,
      nextAt: AT + 18,
    }).list;
    assert.equal(only(again).health, 'failing', 'a new slot does not mend it');
    const mended = tell(again, 'run.finished', {
      runId: `a:${AT + 9}`,
      state: 'succeeded',
      lateByMs: 2,
    }).list;
    assert.equal(only(mended).health, 'healthy');
  });

  it('what has ended stays so, whatever comes late', () => {
    const ended = run(queued(), 'run.finished', 'succeeded', { attempt: 1, lateByMs: 3 });
    for (const type of ['run.started', 'run.queued', 'run.lost'] as const) {
      assert.equal(run(ended, type, 'queued'), ended);
    }
    assert.equal(run(ended, 'run.finished', 'failed'), ended);
  });

  it("a manual run shows but does not touch the task's health", () => {
    const runId = 'a:manual:abcdefgh';
    const asked = tell(listOf([task('a')]), 'run.queued', { runId, state: 'queued', plannedAt: AT + 5 }).list;
    assert.equal(only(asked).recent[0]!.verdict, null);
    assert.equal(asked.counts!.running, 1);
    const failed = tell(asked, 'run.finished', { runId, state: 'failed' }).list;
    assert.equal(only(failed).health, 'healthy');
  });

  it('a run whose beginning was missed is read; an old one that ends too', () => {
    const missed = tell(listOf([task('a')]), 'run.started', { runId: 'a:manual:x', state: 'running' });
    assert.equal(missed.read, 'a');
    const full = task('a', { recent: Array.from({ length: 30 }, (_, n) => ran(AT - n)) });
    const old = tell(listOf([full]), 'run.finished', { runId: 'a:7', state: 'failed' });
    assert.equal(old.read, 'a');
    assert.equal(only(old.list).health, 'healthy');
  });

  it('run.progress shows only while it runs', () => {
    const started = run(queued(), 'run.started', 'running', { attempt: 1, lateByMs: 3 });
    const at62 = applyListProgress(started, { taskId: 'a', runId: `a:${AT}`, progress: 62 });
    assert.equal(slot(at62).progress, 62);
    assert.equal(applyListProgress(at62, { taskId: 'a', runId: `a:${AT}`, progress: 62 }), at62);
    const ended = run(at62, 'run.finished', 'succeeded');
    assert.equal(slot(ended).progress, null);
    assert.equal(applyListProgress(ended, { taskId: 'a', runId: `a:${AT}`, progress: 63 }), ended);
  });
});

describe('events of a task', () => {
  it('task.changed is read once more, an older version is not', () => {
    const list = listOf([task('a', { version: 3 })]);
    assert.equal(tell(list, 'task.changed', { version: 4 }).read, 'a');
    assert.equal(tell(list, 'task.changed', { version: 3 }).read, 'a', 'a task that ended keeps its version');
    assert.equal(tell(list, 'task.changed', { version: 2 }).read, null);
  });

  it('a reading that was overtaken by a newer version is dropped', () => {
    const list = listOf([task('a', { version: 3, name: 'new' })]);
    assert.equal(takeTask(list, task('a', { version: 2, name: 'old' })).list, list);
  });

  it('task.created is read and stands in front; counts are asked for', () => {
    const list = listOf([task('a')]);
    const told = applyListEvent(list, 'task.created', { taskId: 'b', at: AT, version: 1 });
    assert.deepEqual([told.read, told.recount], ['b', true]);
    const { list: next, recount } = takeTask(list, task('b', { createdAt: AT + 1 }));
    assert.deepEqual(next.ids, ['b', 'a']);
    assert.equal(recount, true);
    assert.equal(next.counts, list.counts);
  });

  it('task.deleted takes the card away and is counted; an unknown one is only counted', () => {
    const list = listOf([task('a', { state: 'paused' }), task('b')]);
    const { list: next } = tell(list, 'task.deleted', {});
    assert.deepEqual(next.ids, ['b']);
    assert.deepEqual(next.counts, { all: 11, running: 1, troubled: 1, paused: 1 });
    assert.deepEqual(dropTask(next, 'a'), { list: next, read: null, recount: true });
  });

  it('events of runs of tasks that are not known concern nobody', () => {
    const list = listOf([task('a')]);
    const told = applyListEvent(list, 'run.started', { taskId: 'z', at: AT, runId: 'z:1', state: 'running' });
    assert.deepEqual(told, { list, read: null, recount: false });
  });
});
