/**
 * The status page without a phone: listens and reads, hands everything to the pure models, says what to show. One per
 * page; `show` when it comes to the front, `hide` when it goes: a hidden page listens to nothing.
 */

import type { EventPayload, RunProgressPayload } from '../../../shared/realtime';
import type { Run } from '../../../shared/run';
import type { Task } from '../../../shared/task';
import type { ApiError } from '../../api/api-error';
import type { Api } from '../../api/endpoints';
import { dayOf } from '../../lib/format-time';
import type { Language, StringKey, Vars } from '../../lib/i18n';
import type { SetTimer } from '../../lib/timer';
import type { Wx } from '../../lib/wx-port';
import { addDays, dayRange, zoneOf } from '../../models/days';
import { previewNeed, runsShort } from '../../models/preview-need';
import {
  SHOWN_DAYS,
  type StatusChoice,
  type StatusExtras,
  type StatusPageView,
  statusPage,
} from '../../models/status-page';
import { NO_STATUS, reduceTask, type TaskInput, type Want } from '../../models/task-status';
import { ALL_TIME } from '../../models/verdicts';
import type { TopicMessage } from '../../realtime/subscriptions';
import { type ListEnd, listEnd } from './list-end';
import { createTaskReads, type ReadApi, type TaskReads } from './task-reads';

export interface TaskScreenDeps {
  taskId: string;
  api: ReadApi & Pick<Api, 'runTask' | 'pauseTask' | 'resumeTask' | 'deleteTask'>;
  subscribe(topic: string, listener: (message: TopicMessage) => void): () => void;
  /** True once the socket has been away for so long that a reader must be told. */
  isStale(): boolean;
  language(): Language;
  t(key: StringKey, vars?: Vars): string;
  /** ms of the phone's clock, for what waits. */
  now(): number;
  /** ms of the server's clock, for countdowns and ages. */
  serverNow(): number;
  setTimer: SetTimer;
  render(view: TaskScreenView): void;
  toast: Wx['toast'];
  confirm: Wx['confirm'];
  /** Back to where the page was opened from. */
  leave(): void;
}

export interface TaskScreenView {
  /** `gone`: no such task, or not for me. */
  face: 'skeleton' | 'content' | 'gone' | 'error';
  faceText: string;
  stale: boolean;
  asking: boolean;
  /** Null until the task was read. */
  page: StatusPageView | null;
  end: ListEnd;
}

export interface TaskScreen {
  show(): void;
  hide(): void;
  /** Once a second while shown. */
  tick(): void;
  /** Reads everything again. */
  refresh(): void;
  /** Reads once more what is ahead. */
  preview(): void;
  more(): Promise<void>;
  chooseTab(tab: StatusChoice['tab']): void;
  /** By index of the bars; the chosen one again shows all days. */
  chooseDay(index: number): void;
  run(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  remove(): Promise<void>;
}

const EVERYTHING: readonly Want[] = ['task', 'slots', 'runs', 'stats'];
/** Without the socket the page asks this often. */
const POLL_EVERY_MS = 15_000;

export function createTaskScreen(deps: TaskScreenDeps): TaskScreen {
  const { taskId, api, now, serverNow, t } = deps;
  let status = NO_STATUS;
  let extras: StatusExtras = { preview: null, previewFailed: '', stats: null, audit: null };
  /** The server's words are in it. */
  let language = deps.language();
  let choice: StatusChoice = { tab: 'verdicts', day: null };
  let error: ApiError | null = null;
  let older: 'idle' | 'loading' | 'failed' = 'idle';
  let reads: TaskReads | null = null;
  let unsubscribe = () => {};
  let polledAt = 0;
  let left = false;

  function take(input: TaskInput): void {
    const before = status.task;
    const reduced = reduceTask(status, input);
    status = reduced.status;
    if (input.kind === 'task') error = null;
    if (older === 'failed' && (input.kind === 'newest' || input.kind === 'runs')) older = 'idle';
    for (const want of reduced.wants) reads?.want(want);
    const { task } = status;
    const need = task === null || task === before ? 'none' : previewNeed(before, task);
    if (need === 'anew') extras = { ...extras, preview: null };
    if (need !== 'none') readPreview();
    if (status.deleted) leave(t('task.gone'));
    render();
  }

  function readPreview(): void {
    extras = { ...extras, previewFailed: '' };
    reads?.want('fires');
  }

  function heard(message: TopicMessage): void {
    switch (message.kind) {
      case 'gone':
        reads?.want('task');
        break;
      case 'snapshot':
        take({ kind: 'task', task: message.snapshot as Task, fresh: true });
        break;
      case 'event':
        take({ kind: 'event', type: message.frame.type, payload: message.frame.payload as EventPayload });
        break;
      case 'live':
        if (message.frame.type === 'run.progress') {
          const { runId, progress } = message.frame.payload as RunProgressPayload;
          take({ kind: 'progress', runId, progress });
        }
    }
  }

  function failed(what: Want | 'older', reason: ApiError): void {
    if (reason.status === 404 && status.task !== null && what === 'task') leave(t('task.gone'));
    if (what === 'task') error = reason;
    if (what === 'fires') extras = { ...extras, previewFailed: reason.message };
    if (what === 'slots' || what === 'runs' || what === 'older') older = 'failed';
    render();
  }

  function leave(words: string): void {
    if (left) return;
    left = true;
    hide();
    deps.toast(words);
    deps.leave();
  }

  function render(): void {
    if (reads === null) return;
    const page = statusPage(status, extras, choice, serverNow(), deps.language());
    deps.render({
      ...faceOf(),
      stale: deps.isStale(),
      asking: status.asked,
      page,
      end: listEnd(status, choice.tab, older),
    });
  }

  function faceOf(): Pick<TaskScreenView, 'face' | 'faceText'> {
    if (status.task !== null) return { face: 'content', faceText: '' };
    if (error === null) return { face: 'skeleton', faceText: '' };
    // What is no id at all, in an old or cut link, leads nowhere either.
    return error.status === 404 || error.code === 'ID_INVALID'
      ? { face: 'gone', faceText: t('task.goneNote') }
      : { face: 'error', faceText: error.message };
  }

  function show(): void {
    if (reads !== null || left) return;
    if (language !== deps.language()) extras = { ...extras, preview: null };
    language = deps.language();
    reads = createTaskReads({
      taskId,
      api,
      now,
      serverNow,
      setTimer: deps.setTimer,
      status: () => status,
      take,
      takeExtras(read) {
        extras = { ...extras, ...read };
        render();
      },
      failed,
    });
    render();
    refresh();
    unsubscribe = deps.subscribe(`task:${taskId}`, heard);
  }

  function hide(): void {
    unsubscribe();
    unsubscribe = () => {};
    reads?.stop();
    reads = null;
  }

  function refresh(): void {
    polledAt = now();
    older = 'idle';
    for (const want of EVERYTHING) reads?.want(want);
    if (status.task !== null) readPreview();
    render();
  }

  /** Shown at once, undone when the server says no. */
  async function wish(state: 'active' | 'paused', ask: () => Promise<Task>): Promise<void> {
    if (status.wished !== null) return;
    take({ kind: 'wish', state });
    try {
      take({ kind: 'task', task: await ask(), fresh: false });
    } catch (reason) {
      deps.toast((reason as ApiError).message);
    }
    take({ kind: 'wish', state: null });
  }

  return {
    show,
    hide,
    refresh,
    preview() {
      readPreview();
      render();
    },
    tick() {
      if (deps.isStale() && now() - polledAt >= POLL_EVERY_MS) {
        polledAt = now();
        for (const want of ['task', 'slots', 'runs'] as const) reads?.want(want);
        if (extras.previewFailed !== '') reads?.want('fires');
      }
      const { previewFailed, preview } = extras;
      const over = status.task === null || status.task.state === 'ended';
      if (previewFailed === '' && !over && runsShort(preview, serverNow())) reads?.want('fires');
      render();
    },
    async more() {
      if (!['more', 'failed'].includes(listEnd(status, choice.tab, older))) return;
      older = 'loading';
      render();
      const came = (await reads?.older(choice.tab)) ?? true;
      older = came ? 'idle' : 'failed';
      render();
    },
    chooseTab(tab) {
      choice = { ...choice, tab };
      older = 'idle';
      render();
    },
    chooseDay(index) {
      const { task } = status;
      if (task === null) return;
      const zone = zoneOf(task.schedule);
      const day = addDays(dayOf(serverNow(), zone), index - SHOWN_DAYS + 1);
      const all = index < 0 || choice.day === day;
      choice = { tab: 'verdicts', day: all ? null : day };
      older = 'idle';
      take({ kind: 'range', range: all ? ALL_TIME : dayRange(day, zone) });
    },
    async run() {
      if (status.asked) return;
      take({ kind: 'ask' });
      let run: Run | null = null;
      try {
        run = await api.runTask(taskId);
      } catch (reason) {
        deps.toast((reason as ApiError).message);
      }
      take({ kind: 'answered', run });
    },
    pause: () => wish('paused', () => api.pauseTask(taskId)),
    resume: () => wish('active', () => api.resumeTask(taskId)),
    async remove() {
      const sure = await deps.confirm({
        title: t('task.removeTitle', { name: status.task?.name ?? '' }),
        content: t('task.removeContent'),
        confirmText: t('task.removeConfirm'),
        cancelText: t('common.cancel'),
      });
      if (!sure) return;
      try {
        await api.deleteTask(taskId);
      } catch (reason) {
        if ((reason as ApiError).status !== 404) return deps.toast((reason as ApiError).message);
      }
      leave(t('task.removed'));
    },
  };
}
