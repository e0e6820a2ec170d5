/**
 * Keeps the task list: loads it by pages, listens to it through the socket, reads again what an event left open, keeps the
 * last one for days without a network, and says which face and which banner the page shows. No timer of its own for the
 * passing of time: the page's ticks drive it, so that a hidden page costs nothing.
 */
import type { TaskPage } from '../../shared/api';
import type { EventPayload, EventType, RunProgressPayload, Snapshots } from '../../shared/realtime';
import type { Task } from '../../shared/task';
import type { TaskListQuery } from '../api/endpoints';
import type { SetTimer } from '../lib/timer';
import type { Socket } from '../realtime/socket';
import type { TopicMessage } from '../realtime/subscriptions';
import { type Failure, failureOf } from './failure';
import type { TaskCache } from './task-cache';
import {
  applyListEvent,
  applyListProgress,
  chooseView,
  dropTask,
  emptyTaskList,
  type ListChange,
  type Segment,
  type TaskList,
  takePage,
  takeSnapshot,
  takeTask,
} from './task-list';
import { createTaskListener } from './task-listener';
import { taskQuery } from './task-query';

const SEARCH_AFTER_MS = 300;
const READ_AFTER_MS = 300;
/** Counts that cannot be told from here are read after this; those that were, are checked against the server's later. */
const RECOUNT_AFTER_MS = 1_000;
const CHECK_COUNTS_AFTER_MS = 15_000;
/** Without the socket the list is asked for this often. */
const POLL_EVERY_MS = 15_000;

export interface FeedDeps {
  /** Rejects with an error that has a `code` (`NETWORK` when nothing was reached) and a `message` for people. */
  listTasks(query: TaskListQuery): Promise<TaskPage>;
  getTask(id: string): Promise<Task>;
  subscribe: Socket['subscribe'];
  isStale(): boolean;
  cache: TaskCache;
  /** ms of the phone's clock. */
  now(): number;
  setTimer: SetTimer;
  /** Something that is shown may have changed. */
  onChange(): void;
}

export interface FeedState {
  list: TaskList;
  face: 'skeleton' | 'content' | 'empty' | 'error';
  /** Why the last load failed; null after a good one. */
  error: Failure | null;
  /** When the list shown was kept, if it comes from the phone and not from the server. */
  keptAt: number | null;
  loadingMore: boolean;
  /** The next page could not be loaded. */
  moreFailed: boolean;
  stale: boolean;
}

export interface TaskFeed {
  state(): FeedState;
  /** Shows what was kept and loads. Once. */
  start(): void;
  stop(): void;
  /** Loads the first page again; the list stays meanwhile. Never rejects. */
  refresh(): Promise<void>;
  more(): Promise<void>;
  choose(segment: Segment): void;
  /** Waits for 300 ms without another call. */
  search(q: string): void;
  /** Once a second while the page is visible. */
  tick(): void;
  /** Keeps the list as it stands, for the next start without a network. */
  keep(): void;
}

export function createTaskFeed(deps: FeedDeps): TaskFeed {
  const state: FeedState = {
    list: emptyTaskList(),
    face: 'skeleton',
    error: null,
    keptAt: null,
    loadingMore: false,
    moreFailed: false,
    stale: false,
  };
  const listener = createTaskListener(deps.subscribe, takeNews);
  /** Grows with each view and each load of it: an answer to an older one is dropped. */
  let round = 0;
  let stopped = false;
  let confirmedCounts: TaskList['counts'] = null;
  let recountAt: number | null = null;
  let pollAt = 0;
  let cancelSearch = () => {};
  let cancelReads = () => {};
  const toRead = new Set<string>();
  /** Requests on their way, each with the tasks that had events meanwhile. */
  const overtaken = new Set<Set<string>>();

  function changed(list: TaskList = state.list): void {
    state.list = list;
    if (state.face === 'content' || state.face === 'empty')
      state.face = list.ids.length > 0 ? 'content' : 'empty';
    listener.follow(list.ids, (id) => list.tasks.has(id));
    deps.onChange();
  }

  function apply({ list, read, recount }: ListChange): void {
    if (read !== null) readSoon(read);
    if (recount) recountBy(RECOUNT_AFTER_MS);
    else if (list.counts !== confirmedCounts) recountBy(CHECK_COUNTS_AFTER_MS);
    if (list !== state.list) changed(list);
  }

  function recountBy(afterMs: number): void {
    const at = deps.now() + afterMs;
    if (recountAt === null || at < recountAt) recountAt = at;
  }

  function takeNews(topic: string, news: TopicMessage): void {
    if (stopped) return;
    if (news.kind === 'snapshot') {
      if (topic === 'tasks') apply(takeSnapshot(state.list, news.snapshot as Snapshots['tasks']));
      else apply(takeTask(state.list, news.snapshot as Task));
    } else if (news.kind === 'event') {
      const event = news.frame.payload as EventPayload;
      for (const met of overtaken) met.add(event.taskId);
      apply(applyListEvent(state.list, news.frame.type as EventType, event));
    } else if (news.kind === 'live') {
      if (news.frame.type !== 'run.progress') return;
      const list = applyListProgress(state.list, news.frame.payload as RunProgressPayload);
      if (list !== state.list) changed(list);
    } else if (topic !== 'tasks') {
      // Deleted, or no longer mine to see.
      apply(dropTask(state.list, topic.slice('task:'.length)));
    }
  }

  /** Runs a request and gives, with its answer, the tasks that had events while it was on its way. */
  async function watched<T>(request: Promise<T>): Promise<{ answer: T; newer: Set<string> }> {
    const newer = new Set<string>();
    overtaken.add(newer);
    try {
      return { answer: await request, newer };
    } finally {
      overtaken.delete(newer);
    }
  }

  function readSoon(id: string): void {
    toRead.add(id);
    if (toRead.size > 1) return;
    cancelReads = deps.setTimer(() => {
      const ids = [...toRead];
      toRead.clear();
      for (const one of ids) void readTask(one);
    }, READ_AFTER_MS);
  }

  async function readTask(id: string): Promise<void> {
    try {
      const { answer, newer } = await watched(deps.getTask(id));
      if (stopped) return;
      apply(takeTask(state.list, answer));
      // The answer may be older than the events that came before it.
      if (newer.has(id)) readSoon(id);
    } catch (error) {
      // Anything but "gone" is mended by the next load: the card stays as it is.
      if (!stopped && failureOf(error).code === 'TASK_NOT_FOUND') apply(dropTask(state.list, id));
    }
  }

  async function recountNow(): Promise<void> {
    recountAt = null;
    try {
      const { counts } = await deps.listTasks({ recent: 1, limit: 1 });
      if (stopped) return;
      confirmedCounts = counts;
      changed({ ...state.list, counts });
    } catch {
      // The next load brings them.
    }
  }

  async function refresh(): Promise<void> {
    round += 1;
    const mine = round;
    pollAt = deps.now() + POLL_EVERY_MS;
    if (state.face === 'error') {
      // The tap on "retry" is answered at once.
      Object.assign(state, { face: 'skeleton', error: null });
      deps.onChange();
    }
    try {
      const { answer, newer } = await watched(deps.listTasks(taskQuery(state.list)));
      if (stopped || mine !== round) return;
      confirmedCounts = answer.counts;
      recountAt = null;
      Object.assign(state, { error: null, keptAt: null, face: 'content', moreFailed: false });
      changed(takePage(state.list, answer, 'first', newer));
      if (state.list.segment === 'all' && state.list.q === '') keep();
    } catch (error) {
      if (stopped || mine !== round) return;
      state.error = failureOf(error);
      if (state.list.ids.length === 0) state.face = 'error';
      deps.onChange();
    }
  }

  function view(segment: Segment, q: string): void {
    if (segment === state.list.segment && q === state.list.q) return;
    const list = chooseView(state.list, segment, q);
    Object.assign(state, {
      face: list.ids.length > 0 ? 'content' : 'skeleton',
      error: null,
      loadingMore: false,
    });
    changed(list);
    void refresh();
  }

  function keep(): void {
    // A list that itself comes from the phone is not kept again as if it were fresh.
    if (state.keptAt === null && state.list.counts !== null) deps.cache.write(state.list, deps.now());
  }

  return {
    state: () => state,
    start() {
      const kept = deps.cache.read();
      if (kept !== null) {
        Object.assign(state, { face: 'content', keptAt: kept.at });
        changed(kept.list);
      }
      listener.start();
      void refresh();
    },
    stop() {
      stopped = true;
      cancelSearch();
      cancelReads();
      listener.stop();
    },
    refresh,
    async more() {
      let { nextCursor } = state.list;
      if (state.loadingMore || typeof nextCursor !== 'string') return;
      const mine = round;
      Object.assign(state, { loadingMore: true, moreFailed: false });
      deps.onChange();
      try {
        // A page may hold only what the socket's snapshot has brought: the end of the list would stay where it is, and
        // nobody could scroll to it once more.
        for (let grown = false; !grown && typeof nextCursor === 'string'; { nextCursor } = state.list) {
          const known = state.list.ids.length;
          const request = deps.listTasks({ ...taskQuery(state.list), cursor: nextCursor });
          const { answer, newer } = await watched(request);
          if (stopped || mine !== round) return;
          confirmedCounts = answer.counts;
          changed(takePage(state.list, answer, 'next', newer));
          grown = state.list.ids.length > known;
        }
      } catch {
        if (mine === round) state.moreFailed = true;
      } finally {
        // Also for an answer that came too late: another page may be asked for.
        state.loadingMore = false;
        if (!stopped) deps.onChange();
      }
    },
    choose: (segment) => view(segment, state.list.q),
    search(q) {
      cancelSearch();
      cancelSearch = deps.setTimer(() => view(state.list.segment, q.trim()), SEARCH_AFTER_MS);
    },
    tick() {
      const now = deps.now();
      const stale = deps.isStale();
      if (stale !== state.stale) {
        state.stale = stale;
        deps.onChange();
      }
      if (stale && now >= pollAt) void refresh();
      else if (recountAt !== null && now >= recountAt) void recountNow();
    },
    keep,
  };
}
