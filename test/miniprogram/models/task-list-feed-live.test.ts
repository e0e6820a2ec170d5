import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COUNTS, loaded, pageOf, taskOf } from './task-list-harness.ts';

describe('task feed: live', () => {
  it('reads a changed task once for a burst of changes, and again when an event overtook the answer', async () => {
    const h = await loaded();
    for (const version of [2, 3, 4]) h.event('task:a', 'task.changed', { taskId: 'a', version });
    assert.equal(h.reads.length, 0);
    h.pass(300);
    assert.deepEqual(
      h.reads.map(({ query }) => query),
      ['a'],
    );
    h.event('task:a', 'slot.fired', { taskId: 'a', runId: 'a:10001', plannedAt: 10_001, nextAt: 20_001 });
    await h.reads[0]!.answer(taskOf('a', 1, { version: 4, name: 'renamed' }));
    assert.equal(h.feed.state().list.tasks.get('a')!.name, 'renamed');
    h.pass(300);
    assert.equal(h.reads.length, 2);
    await h.reads[1]!.answer(taskOf('a', 1, { version: 4 }));
    h.pass(300);
    assert.equal(h.reads.length, 2);
  });

  it('fetches a created task, listens to it, and counts again', async () => {
    const h = await loaded();
    h.event('tasks', 'task.created', { taskId: 'c', version: 1 });
    h.pass(300);
    await h.reads[0]!.answer(taskOf('c', 3));
    assert.deepEqual(h.feed.state().list.ids, ['c', 'b', 'a']);
    assert.ok(h.topics.has('task:c'));
    h.pass(1_300);
    h.feed.tick();
    assert.deepEqual(h.list().query, { recent: 1, limit: 1 });
    await h.list().answer({ ...pageOf([]), counts: { ...COUNTS, all: 3 } });
    assert.deepEqual([h.feed.state().list.counts!.all, h.feed.state().list.ids.length], [3, 3]);
  });

  it('removes a deleted task, or one whose topic is gone, and leaves its topic', async () => {
    const h = await loaded();
    h.event('tasks', 'task.deleted', { taskId: 'a' });
    assert.deepEqual(h.feed.state().list.ids, ['b']);
    assert.ok(!h.topics.has('task:a'));
    h.topics.get('task:b')!({ kind: 'gone', code: 'TASK_NOT_FOUND' });
    assert.equal(h.feed.state().face, 'empty');
    assert.deepEqual([...h.topics.keys()], ['tasks']);
  });

  it('a task that cannot be found any more when it is read goes too', async () => {
    const h = await loaded();
    h.event('task:a', 'task.changed', { taskId: 'a', version: 2 });
    h.pass(300);
    await h.reads[0]!.fail({ code: 'TASK_NOT_FOUND', message: 'gone' });
    assert.deepEqual(h.feed.state().list.ids, ['b']);
  });

  it('events that come while a page is on its way are not undone by it', async () => {
    const h = await loaded();
    void h.feed.refresh();
    h.event('task:a', 'slot.fired', { taskId: 'a', runId: 'a:10001', plannedAt: 10_001, nextAt: 20_001 });
    await h.list().answer(pageOf([taskOf('b', 2, { name: 'new' }), taskOf('a', 1)]));
    const { tasks } = h.feed.state().list;
    assert.equal(tasks.get('a')!.recent.length, 1);
    assert.equal(tasks.get('b')!.name, 'new');
  });

  it('snapshots replace, progress shows, what is not understood is passed over', async () => {
    const h = await loaded();
    const snapshot = taskOf('a', 1, { name: 'as it stands' });
    h.topics.get('task:a')!({ kind: 'snapshot', snapshot, reset: true });
    assert.equal(h.feed.state().list.tasks.get('a')!.name, 'as it stands');
    const list = { items: [taskOf('d', 4)], nextCursor: null };
    h.topics.get('tasks')!({ kind: 'snapshot', snapshot: list, reset: true });
    assert.deepEqual(h.feed.state().list.ids, ['d']);
    const before = h.changes();
    h.topics.get('task:d')!({ kind: 'live', frame: { type: 'run.log', payload: {}, timestamp: 0 } });
    assert.equal(h.changes(), before);
  });

  it('listens to no more than 190 tasks', async () => {
    const h = await loaded(Array.from({ length: 250 }, (_, n) => taskOf(`t${n}`, 1_000 - n)));
    assert.equal(h.topics.size, 191);
    assert.ok(h.topics.has('task:t189') && !h.topics.has('task:t190'));
  });

  it('says when it is stale, and then asks every 15 s', async () => {
    const h = await loaded();
    h.setStale(true);
    h.feed.tick();
    assert.equal(h.feed.state().stale, true);
    assert.equal(h.lists.length, 1);
    h.pass(15_000);
    h.feed.tick();
    h.feed.tick();
    assert.equal(h.lists.length, 2);
    h.setStale(false);
    h.feed.tick();
    assert.equal(h.feed.state().stale, false);
  });

  it('checks counts that it worked out itself against the server', async () => {
    const h = await loaded();
    h.event('task:a', 'slot.fired', { taskId: 'a', runId: 'a:10001', plannedAt: 10_001, nextAt: 20_001 });
    assert.equal(h.feed.state().list.counts!.running, 1);
    h.pass(14_999);
    h.feed.tick();
    assert.equal(h.lists.length, 1);
    h.pass(1);
    h.feed.tick();
    await h.list().answer(pageOf([]));
    assert.equal(h.feed.state().list.counts!.running, 0);
    h.pass(60_000);
    h.feed.tick();
    assert.equal(h.lists.length, 2);
  });

  it('does nothing after it has stopped', async () => {
    const h = await loaded();
    h.event('task:a', 'task.changed', { taskId: 'a', version: 2 });
    void h.feed.refresh();
    h.feed.stop();
    const before = h.changes();
    h.pass(1_000);
    await h.list().answer(pageOf([]));
    assert.deepEqual([h.changes(), h.reads.length, h.feed.state().list.ids.length], [before, 0, 2]);
  });
});
