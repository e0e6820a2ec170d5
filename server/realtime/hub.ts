/**
 * Who listens to what, on this server. Events reach it by the tail of the log, in order; each subscription knows how far
 * its listener has been told, so that nothing is sent twice and nothing is left out: what does not fit makes it ask the
 * log again (synchronise.ts).
 */
import type { RunLogPayload, RunProgressPayload, TopicPosition } from '../../shared/realtime.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { taskIdOfRun } from '../store/ids.ts';
import type { RunLogNews, StoredEvent } from '../store/requests.ts';
import type { Store } from '../store/store.ts';
import { answerFrame, eventFrame } from './frames.ts';
import { createReplayer } from './replayer.ts';
import type { Snapshots } from './snapshots.ts';
import type { Listener, Subscription } from './subscription.ts';
import { createSynchroniser } from './synchronise.ts';
import { createTail } from './tail.ts';

export interface Hub {
  /** Takes the place of an earlier subscription to the same topic. `after`: what the listener has already. */
  subscribe(subscription: Subscription, after: TopicPosition | null): void;
  /** True when there was one. */
  unsubscribe(listener: Listener, wire: string): boolean;
  leave(listener: Listener): void;
  /** It may receive again: whatever it has missed follows. */
  catchUp(listener: Listener): void;
  onEvents(partition: number): void;
  onRunLog(news: RunLogNews): void;
  onStoreBack(): void;
  start(): void;
  stop(): void;
}

export function createHub(deps: {
  store: Pick<Store, 'readEvents' | 'replayTopics' | 'listen'>;
  snapshots: Snapshots;
  clock: Clock;
  logger: Logger;
}): Hub {
  const { store, clock, logger } = deps;
  /** Who listens, by partition and by the topic's name in the log. */
  const partitions = new Map<number, Map<string, Set<Subscription>>>();
  const tail = createTail({ store, logger, onEvents: deliver, onGap });
  const sync = createSynchroniser({
    replayer: createReplayer(store),
    snapshots: deps.snapshots,
    clock,
    logger,
    onPosition: tail.begin,
    drop,
  });

  function add(subscription: Subscription): void {
    const { stored, partition, wire } = subscription.topic;
    const feeds = partitions.get(partition) ?? new Map<string, Set<Subscription>>();
    partitions.set(partition, feeds);
    const feed = feeds.get(stored) ?? new Set();
    feed.add(subscription);
    feeds.set(stored, feed);
    subscription.listener.subscriptions.set(wire, subscription);
    tail.add(partition);
  }

  function drop(subscription: Subscription): void {
    if (subscription.ended) return;
    subscription.ended = true;
    const { stored, partition, wire } = subscription.topic;
    const { subscriptions } = subscription.listener;
    if (subscriptions.get(wire) === subscription) subscriptions.delete(wire);
    const feeds = partitions.get(partition);
    const feed = feeds?.get(stored);
    feed?.delete(subscription);
    if (feed?.size === 0) feeds?.delete(stored);
    if (feeds?.size === 0) {
      partitions.delete(partition);
      tail.remove(partition);
    }
  }

  function deliver(partition: number, epoch: string, events: StoredEvent[]): void {
    for (const event of events) {
      const feed = partitions.get(partition)?.get(event.topic);
      if (feed !== undefined) send(feed, epoch, event);
      // The list is told of it too, before the task's own topic is.
      const { taskId } = event.payload;
      if (event.type === 'task.deleted' && event.topic === `task:${taskId}`) endTopicsOf(partition, taskId);
    }
  }

  function send(feed: Set<Subscription>, epoch: string, { type, payload, seq, topic }: StoredEvent): void {
    const wire = topic.startsWith('tasks:') ? 'tasks' : topic;
    const frame = eventFrame({ type, payload, timestamp: clock.now(), topic: wire, seq });
    for (const subscription of feed) {
      // What waits for a read under way is told with it, or found missing after it.
      if (!subscription.held && !subscription.listener.mayReceive()) continue;
      const fate = subscription.arrive({ epoch, seq, frame });
      if (fate === 'send') subscription.listener.send(frame);
      else if (fate === 'hole') sync.again(subscription);
    }
  }

  /** The deleted task and its runs are no longer there to be seen. */
  function endTopicsOf(partition: number, taskId: string): void {
    const task = `task:${taskId}`;
    const runs = `run:${taskId}:`;
    for (const [stored, feed] of partitions.get(partition) ?? []) {
      if (stored !== task && !stored.startsWith(runs)) continue;
      const code = stored === task ? 'TASK_NOT_FOUND' : 'RUN_NOT_FOUND';
      for (const subscription of [...feed]) {
        // What a read under way has seen may be older than the end: it looks again, and is refused.
        if (subscription.held) subscription.doubt();
        // One that may not be told anything now finds out when it may.
        if (subscription.held || !subscription.listener.mayReceive()) continue;
        drop(subscription);
        const gone = { topic: subscription.topic.wire, code };
        subscription.listener.send(answerFrame('unsubscribed', gone, clock.now()));
      }
    }
  }

  function onGap(partition: number): void {
    for (const feed of partitions.get(partition)?.values() ?? []) {
      for (const subscription of feed) {
        // The answer to a read under way may be from before the gap, and nobody else might ask where to go on.
        if (subscription.held) subscription.doubt();
        else sync.again(subscription);
      }
    }
  }

  /** To those who are told how the topic stands; the others find it in what they are about to be told. */
  function sendLive(
    partition: number,
    stored: string,
    type: string,
    payload: RunProgressPayload | RunLogPayload,
  ): void {
    const feed = partitions.get(partition)?.get(stored);
    if (feed === undefined) return;
    const frame = eventFrame({ type, payload, timestamp: clock.now(), topic: stored });
    for (const { listener, held } of feed) if (!held && listener.mayReceive()) listener.send(frame);
  }

  return {
    subscribe(subscription, after) {
      const before = subscription.listener.subscriptions.get(subscription.topic.wire);
      add(subscription);
      if (before !== undefined) drop(before);
      sync.begin(subscription, after);
    },
    unsubscribe(listener, wire) {
      const subscription = listener.subscriptions.get(wire);
      if (subscription !== undefined) drop(subscription);
      return subscription !== undefined;
    },
    leave(listener) {
      for (const subscription of [...listener.subscriptions.values()]) drop(subscription);
    },
    catchUp(listener) {
      for (const subscription of listener.subscriptions.values()) sync.again(subscription);
    },
    onEvents: tail.hint,
    onRunLog({ partition, runId, progress, lines }) {
      const taskId = taskIdOfRun(runId);
      if (progress !== null) {
        sendLive(partition, `task:${taskId}`, 'run.progress', { taskId, runId, progress });
        sendLive(partition, `run:${runId}`, 'run.progress', { taskId, runId, progress });
      }
      if (lines.length > 0) sendLive(partition, `run:${runId}`, 'run.log', { taskId, runId, lines });
    },
    onStoreBack() {
      for (const partition of partitions.keys()) tail.hint(partition);
      sync.retry();
    },
    start() {
      tail.start();
      sync.start();
    },
    stop() {
      tail.stop();
      sync.stop();
    },
  };
}
