/** Which topics the task list listens to: my list, and each task shown, as many as the server allows. */
import type { Socket } from '../realtime/socket';
import type { TopicMessage } from '../realtime/subscriptions';

/** Tasks listened to at once: the server takes 200 topics a socket, and other pages need some. */
const MOST_TASKS = 190;

export interface TaskListener {
  start(): void;
  /** Listens to the tasks shown, in this order, and while there is room to those shown before that are still known. */
  follow(ids: readonly string[], isKnown: (id: string) => boolean): void;
  stop(): void;
}

export function createTaskListener(
  subscribe: Socket['subscribe'],
  onNews: (topic: string, news: TopicMessage) => void,
): TaskListener {
  const leaves = new Map<string, () => void>();
  let started = false;
  let shown: readonly string[] = [];

  function listen(topic: string): void {
    leaves.set(
      topic,
      subscribe(topic, (news) => onNews(topic, news)),
    );
  }

  return {
    start() {
      started = true;
      listen('tasks');
      this.follow(shown, () => true);
    },
    follow(ids, isKnown) {
      const same = ids === shown;
      shown = ids;
      if (!started || (same && leaves.size > 1)) return;
      const wanted = new Set(ids.slice(0, MOST_TASKS).map((id) => `task:${id}`));
      // Kept while there is room: a task outside this segment may enter it.
      for (const topic of leaves.keys()) {
        if (topic !== 'tasks' && wanted.size < MOST_TASKS && isKnown(topic.slice('task:'.length)))
          wanted.add(topic);
      }
      for (const [topic, leave] of leaves) {
        if (topic === 'tasks' || wanted.has(topic)) continue;
        leaves.delete(topic);
        leave();
      }
      for (const topic of wanted) if (!leaves.has(topic)) listen(topic);
    },
    stop() {
      started = false;
      for (const leave of leaves.values()) leave();
      leaves.clear();
    },
  };
}
