/**
 * The run page without a phone: listens and reads, hands everything to the pure models, says what to show. `show` when it
 * comes to the front, `hide` when it goes: a hidden page listens to nothing.
 */
import type {
  EventPayload,
  Frame,
  RunLogPayload,
  RunProgressPayload,
  Snapshots,
} from '../../../shared/realtime';
import type { Task } from '../../../shared/task';
import type { ApiError } from '../../api/api-error';
import type { Api } from '../../api/endpoints';
import type { Language, StringKey, Vars } from '../../lib/i18n';
import type { SetTimer } from '../../lib/timer';
import type { Wx } from '../../lib/wx-port';
import { type Coalesced, createCoalesced } from '../../models/coalesced';
import { NO_RUN, type RunInput, reduceRun } from '../../models/run-detail';
import { type RunPageView, runPage } from '../../models/run-page';
import type { TopicMessage } from '../../realtime/subscriptions';

export interface RunScreenDeps {
  runId: string;
  api: Pick<Api, 'getRun' | 'runLogs' | 'getTask' | 'cancelRun' | 'retryRun'>;
  subscribe(topic: string, listener: (message: TopicMessage) => void): () => void;
  isStale(): boolean;
  language(): Language;
  t(key: StringKey, vars?: Vars): string;
  /** ms of the phone's clock, for what waits. */
  now(): number;
  /** ms of the server's clock, for countdowns and ages. */
  serverNow(): number;
  setTimer: SetTimer;
  render(view: RunScreenView): void;
  toast: Wx['toast'];
  confirm: Wx['confirm'];
  openRun(runId: string): void;
}

export interface RunScreenView {
  face: 'skeleton' | 'content' | 'gone' | 'error';
  faceText: string;
  stale: boolean;
  /** A retry is on its way. */
  retrying: boolean;
  page: RunPageView | null;
}

export interface RunScreen {
  show(): void;
  hide(): void;
  /** Once a second while shown. */
  tick(): void;
  refresh(): void;
  cancel(): Promise<void>;
  retry(): Promise<void>;
}

/** Least ms between two readings; a run says little more often than that. */
const EVERY_MS = 1_000;
/** Without the socket the page asks this often. */
const POLL_EVERY_MS = 5_000;

export function createRunScreen(deps: RunScreenDeps): RunScreen {
  const { runId, api, now, serverNow, t } = deps;
  let detail = NO_RUN;
  let task: Task | null = null;
  let error: ApiError | null = null;
  let retrying = false;
  let reads: Record<'run' | 'log' | 'task', Coalesced> | null = null;
  let unsubscribe = () => {};
  let polledAt = 0;

  function take(input: RunInput): void {
    const reduced = reduceRun(detail, input);
    detail = reduced.detail;
    for (const want of reduced.wants) reads?.[want].want();
    render();
  }

  function heard(message: TopicMessage): void {
    switch (message.kind) {
      case 'gone':
        reads?.run.want();
        break;
      case 'snapshot': {
        error = null;
        const { log, ...run } = message.snapshot as Snapshots['run'];
        take({ kind: 'snapshot', run, log });
        break;
      }
      case 'event':
        take({ kind: 'event', type: message.frame.type, payload: message.frame.payload as EventPayload });
        break;
      case 'live':
        heardLive(message.frame);
    }
  }

  function heardLive({ type, payload }: Frame): void {
    if (type === 'run.log') take({ kind: 'lines', lines: (payload as RunLogPayload).lines });
    if (type !== 'run.progress') return;
    take({ kind: 'progress', progress: (payload as RunProgressPayload).progress });
  }

  function failed(reason: ApiError): void {
    error = reason;
    if (reason.status === 404 || reason.code === 'ID_INVALID') take({ kind: 'gone' });
    else render();
  }

  function render(): void {
    if (reads === null) return;
    const page = runPage(detail, task, serverNow(), deps.language());
    deps.render({ ...faceOf(), stale: deps.isStale(), retrying, page });
  }

  function faceOf(): Pick<RunScreenView, 'face' | 'faceText'> {
    if (detail.gone) return { face: 'gone', faceText: t('run.goneNote') };
    if (detail.run !== null) return { face: 'content', faceText: '' };
    return error === null ? { face: 'skeleton', faceText: '' } : { face: 'error', faceText: error.message };
  }

  function createReads(): Record<'run' | 'log' | 'task', Coalesced> {
    const how = { everyMs: EVERY_MS, now, setTimer: deps.setTimer };
    const once = (read: () => Promise<void>) => createCoalesced(read, how);
    return {
      run: once(async () => {
        try {
          const run = await api.getRun(runId);
          error = null;
          take({ kind: 'run', run });
        } catch (reason) {
          failed(reason as ApiError);
        }
      }),
      log: once(async () => {
        try {
          take({ kind: 'log', lines: (await api.runLogs(runId)).items });
        } catch {
          // The lines shown stay; the run's own reading tells what is wrong.
        }
      }),
      task: once(async () => {
        try {
          task = await api.getTask(taskIdOf(runId));
          render();
        } catch {
          // Without the task only its name and request are missing.
        }
      }),
    };
  }

  function refresh(): void {
    polledAt = now();
    reads?.run.want();
    if (!detail.logSettled) reads?.log.want();
    if (task === null) reads?.task.want();
  }

  function hide(): void {
    unsubscribe();
    unsubscribe = () => {};
    for (const read of Object.values(reads ?? {})) read.stop();
    reads = null;
  }

  return {
    show() {
      if (reads !== null) return;
      reads = createReads();
      render();
      refresh();
      unsubscribe = deps.subscribe(`run:${runId}`, heard);
    },
    hide,
    refresh,
    tick() {
      if (deps.isStale() && now() - polledAt >= POLL_EVERY_MS) refresh();
      render();
    },
    async cancel() {
      if (detail.cancelling) return;
      const sure = await deps.confirm({
        title: t('run.cancelTitle'),
        content: t('run.cancelContent'),
        confirmText: t('run.cancelConfirm'),
        cancelText: t('run.keep'),
      });
      if (!sure) return;
      take({ kind: 'cancelling', on: true });
      try {
        take({ kind: 'run', run: await api.cancelRun(runId) });
      } catch (reason) {
        // It may just have ended: what it has become is read again.
        deps.toast((reason as ApiError).message);
        reads?.run.want();
      }
      take({ kind: 'cancelling', on: false });
    },
    async retry() {
      if (retrying) return;
      retrying = true;
      render();
      try {
        deps.openRun((await api.retryRun(runId)).id);
      } catch (reason) {
        deps.toast((reason as ApiError).message);
      }
      retrying = false;
      render();
    },
  };
}

/** A run's id begins with its task's. */
const taskIdOf = (runId: string) => runId.slice(0, runId.indexOf(':'));
