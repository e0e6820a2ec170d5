/** A feed with a server, a socket, a storage and a clock in the hands of the test. */
import assert from 'node:assert/strict';
import type { TaskListQuery } from '../../../miniprogram/api/endpoints.ts';
import { createTaskCache } from '../../../miniprogram/models/task-cache.ts';
import { createTaskFeed } from '../../../miniprogram/models/task-feed.ts';
import type { TopicListener } from '../../../miniprogram/realtime/subscriptions.ts';
import type { TaskPage } from '../../../shared/api.ts';
import type { EventPayload } from '../../../shared/realtime.ts';
import type { Task } from '../../../shared/task.ts';
import { MiniTask } from './task-list-server.ts';

export const COUNTS = { all: 2, running: 0, troubled: 0, paused: 0 };
export const OFFLINE = { code: 'NETWORK', message: 'nothing reached' };

export const taskOf = (id: string, createdAt: number, some: Partial<Task> = {}): Task => ({
  ...new MiniTask(id, createdAt).read(),
  ...some,
});
export const pageOf = (items: Task[], nextCursor: string | null = null): TaskPage => ({
  items,
  nextCursor,
  counts: { ...COUNTS },
});

export interface Asked<Q, A> {
  query: Q;
  answer(value: A): Promise<void>;
  fail(error: unknown): Promise<void>;
}

/** Lets what was awaited go on. */
const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

export function harness(storage = new Map<string, unknown>(), userId: () => string | null = () => 'me') {
  let nowAt = 1_000_000;
  let stale = false;
  let changes = 0;
  const timers = new Map<() => void, number>();
  const topics = new Map<string, TopicListener>();
  const lists: Asked<TaskListQuery, TaskPage>[] = [];
  const reads: Asked<string, Task>[] = [];

  function ask<Q, A>(asked: Asked<Q, A>[], query: Q): Promise<A> {
    let resolve!: (value: A) => void;
    let reject!: (error: unknown) => void;
    const promise = new Promise<A>((yes, no) => {
      resolve = yes;
      reject = no;
    });
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
    return promise;
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

export async function loaded(tasks = [taskOf('b', 2), taskOf('a', 1)], nextCursor: string | null = null) {
  const h = harness();
  h.feed.start();
  await h.list().answer(pageOf(tasks, nextCursor));
  return h;
}
