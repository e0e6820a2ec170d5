import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TaskListQuery } from '../../../miniprogram/api/endpoints.ts';
import { createTaskCache } from '../../../miniprogram/models/task-cache.ts';
import { createTaskFeed } from '../../../miniprogram/models/task-feed.ts';
import type { TopicListener } from '../../../miniprogram/realtime/subscriptions.ts';
import type { TaskPage } from '../../../shared/api.ts';
import type { EventPayload } from '../../../shared/realtime.ts';
import type { Task } from '../../../shared/task.ts';
import { MiniTask } from './task-list-server.ts';

const COUNTS = { all: 2, running: 0, troubled: 0, paused: 0 };
const OFFLINE = { code: 'NETWORK', message: 'nothing reached' };

const taskOf = (id: string, createdAt: number, some: Partial<Task> = {}): Task => ({
  ...new MiniTask(id, createdAt).read(),
  ...some,
});
const pageOf = (items: Task[], nextCursor: string | null = null): TaskPage => ({
  items,
  nextCursor,
  counts: { ...COUNTS },
});

interface Asked<Q, A> {
  query: Q;
  answer(value: A): Promise<void>;
  fail(error: unknown): Promise<void>;
}

/** Lets what was awaited go on. */
const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

function harness(storage = new Map<string, unknown>(), userId: () => string | null = () => 'me') {
  let nowAt = 1_000_000;
  let stale = false;
  let changes = 0;
  const timers = new Map<() => void, number>();
  const topics = new Map<string, TopicListener>();
  const lists: Asked<TaskListQuery, TaskPage>[] = [];
  const reads: Asked<string, Task>[] = [];

  function ask<Q, A>(asked: Asked<Q, A>[], query: Q): Promise<A> {
    return new Promise((resolve, reject) => {
      asked.push({
        query,
        answer(value) {
          resolve(value);
          return settle();
        },
        fail(error) {
          reject(error);
          return settle();
        },
      });
    });
  }

  const feed = createTaskFeed({
    listTasks: (query) => ask(lists, query),
    getTask: (id) => ask(reads, id),
    subscribe(topic, listener) {
      assert.ok(!topics.has(topic), `${topic} subscribed twice`);
      topics.set(topic, listener);
      return () => topics.delete(topic);
    },
    isStale: () => stale,
    cache: createTaskCache(
      {
        storageGet: (key) => structuredClone(storage.get(key)),
        storageSet(key, value) {
          storage.set(key, structuredClone(value));
          return true;
        },
        storageRemove: (key) => storage.delete(key),
      },
      userId,
    ),
    now: () => nowAt,
    setTimer(fire, ms) {
      timers.set(fire, nowAt + ms);
      return () => timers.delete(fire);
    },
    onChange: () => {
      changes += 1;
    },
  });

  return {
    feed,
    lists,
    reads,
    topics,
    storage,
    changes: () => changes,
    setStale(value: boolean) {
      stale = value;
    },
    /** Passes time: timers that are due fire, in order. */
    pass(ms: number) {
      nowAt += ms;
      for (const [fire, at] of [...timers].sort((a, b) => a[1] - b[1])) {
        if (at > nowAt) continue;
        timers.delete(fire);
        fire();
      }
    },
    event(topic: string, type: string, payload: Partial<EventPayload> & { taskId: string }) {
      topics.get(topic)!({
        kind: 'event',
        frame: { type, payload: { at: nowAt, ...payload }, timestamp: nowAt },
      });
    },
    /** The latest request for a list. */
    list: () => lists[lists.length - 1]!,
  };
}

async function loaded(tasks = [taskOf('b', 2), taskOf('a', 1)], nextCursor: string | null = null) {
  const h = harness();
  h.feed.start();
  await h.list().answer(pageOf(tasks, nextCursor));
  return h;
}

describe('task feed: faces', () => {
  it('skeleton, then content, listening to what is shown', async () => {
    const h = harness();
    h.feed.start();
    assert.equal(h.feed.state().face, 'skeleton');
    assert.deepEqual(h.list().query, { recent: 30, limit: 20 });
    await h.list().answer(pageOf([taskOf('b', 2), taskOf('a', 1)]));
    assert.equal(h.feed.state().face, 'content');
    assert.deepEqual([...h.topics.keys()], ['tasks', 'task:b', 'task:a']);
    h.feed.stop();
    assert.equal(h.topics.size, 0);
  });

  it('empty', async () => {
    const h = await loaded([]);
    assert.equal(h.feed.state().face, 'empty');
  });

  it('error when nothing can be shown; a retry answers at once', async () => {
    const h = harness();
    h.feed.start();
    await h.list().fail(OFFLINE);
    assert.equal(h.feed.state().face, 'error');
    assert.deepEqual(h.feed.state().error, OFFLINE);
    void h.feed.refresh();
    assert.equal(h.feed.state().face, 'skeleton');
    await h.list().answer(pageOf([taskOf('a', 1)]));
    assert.deepEqual([h.feed.state().face, h.feed.state().error], ['content', null]);
  });

  it('a failed refresh leaves the list and says why', async () => {
    const h = await loaded();
    void h.feed.refresh();
    await h.list().fail(new TypeError('broken'));
    const { face, error, list } = h.feed.state();
    assert.deepEqual([face, error, list.ids.length], ['content', { code: 'INTERNAL', message: 'broken' }, 2]);
  });
});

describe('task feed: without a network', () => {
  it('shows the list that was kept, and says since when', async () => {
    const first = await loaded();
    const h = harness(first.storage);
    h.feed.start();
    assert.deepEqual(h.feed.state().list.ids, ['b', 'a']);
    await h.list().fail(OFFLINE);
    const { face, error, keptAt } = h.feed.state();
    assert.deepEqual([face, error?.code, keptAt], ['content', 'NETWORK', 1_000_000]);
    h.pass(5_000);
    h.feed.keep();
    assert.equal(
      (first.storage.get('zd.taskList') as { at: number }).at,
      1_000_000,
      'not kept again as fresh',
    );
    void h.feed.refresh();
    await h.list().answer(pageOf([taskOf('c', 3)]));
    assert.deepEqual([h.feed.state().keptAt, h.feed.state().list.ids], [null, ['c']]);
  });

  it("never shows another user's list, nor what it does not understand", async () => {
    const { storage } = await loaded();
    const other = harness(storage, () => 'other');
    other.feed.start();
    assert.deepEqual(other.feed.state().list.ids, []);
    for (const junk of [null, 'x', 7, {}, { version: 1, userId: 'me', at: 1, tasks: 'x' }, { version: 0 }]) {
      const h = harness(new Map([['zd.taskList', junk]]));
      h.feed.start();
      assert.equal(h.feed.state().face, 'skeleton');
    }
  });
});

describe('task feed: views', () => {
  it('asks for a segment and shows what is known of it meanwhile', async () => {
    const h = await loaded([taskOf('b', 2, { state: 'paused' }), taskOf('a', 1)]);
    h.feed.choose('paused');
    assert.deepEqual(h.feed.state().list.ids, ['b']);
    assert.deepEqual(h.list().query, { recent: 30, limit: 20, state: 'paused' });
    h.feed.choose('running');
    assert.equal(h.feed.state().face, 'skeleton');
    assert.deepEqual(h.list().query, { recent: 30, limit: 20, live: true });
    h.feed.choose('troubled');
    assert.deepEqual(h.list().query, { recent: 30, limit: 20, troubled: true });
    await h.lists[1]!.answer(pageOf([taskOf('x', 9)]));
    assert.deepEqual(h.feed.state().list.ids, [], 'the answer to a view that was left');
    assert.ok(h.topics.has('task:a'), 'a task that is not shown may enter the segment');
  });

  it('searches 300 ms after the last key', async () => {
    const h = await loaded();
    h.feed.search('a');
    h.pass(299);
    h.feed.search('ab ');
    h.pass(299);
    assert.equal(h.lists.length, 1);
    h.pass(1);
    assert.deepEqual(h.list().query, { recent: 30, limit: 20, q: 'ab' });
    h.feed.search('ab');
    h.pass(300);
    assert.equal(h.lists.length, 2, 'the same again');
  });

  it('loads the next page once, to the end', async () => {
    const h = await loaded([taskOf('b', 2)], 'after-b');
    void h.feed.more();
    void h.feed.more();
    assert.equal(h.lists.length, 2);
    assert.equal(h.feed.state().loadingMore, true);
    assert.equal(h.list().query.cursor, 'after-b');
    await h.list().fail(OFFLINE);
    assert.deepEqual([h.feed.state().moreFailed, h.feed.state().loadingMore], [true, false]);
    void h.feed.more();
    await h.list().answer(pageOf([taskOf('a', 1)]));
    assert.deepEqual([h.feed.state().list.ids, h.feed.state().moreFailed], [['b', 'a'], false]);
    void h.feed.more();
    assert.equal(h.lists.length, 3);
  });

  it('a page that comes after a refresh is dropped, and the list goes on', async () => {
    const h = await loaded([taskOf('b', 2)], 'after-b');
    void h.feed.more();
    const late = h.list();
    void h.feed.refresh();
    await h.list().answer(pageOf([taskOf('c', 3)], 'after-c'));
    await late.answer(pageOf([taskOf('a', 1)]));
    assert.deepEqual(h.feed.state().list.ids, ['c']);
    void h.feed.more();
    assert.equal(h.list().query.cursor, 'after-c');
  });
});

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
