/** What the status page reads over HTTP: each thing once for many wishes, and the older pages of its lists. */
import type { ApiError } from '../../api/api-error';
import type { Api } from '../../api/endpoints';
import type { SetTimer } from '../../lib/timer';
import { type Coalesced, createCoalesced } from '../../models/coalesced';
import { PREVIEWED, sameSchedule } from '../../models/preview-need';
import { SHOWN_DAYS, type StatusChoice, type StatusExtras } from '../../models/status-page';
import type { TaskInput, TaskStatus, Want } from '../../models/task-status';

export type ReadApi = Pick<
  Api,
  'getTask' | 'taskSlots' | 'taskRuns' | 'taskStats' | 'taskAudit' | 'previewSchedule'
>;

export interface TaskReadsDeps {
  taskId: string;
  api: ReadApi;
  now(): number;
  serverNow(): number;
  setTimer: SetTimer;
  status(): TaskStatus;
  take(input: TaskInput): void;
  takeExtras(extras: Partial<StatusExtras>): void;
  failed(want: Want | 'older', error: ApiError): void;
}

export interface TaskReads {
  want(what: Want): void;
  /** The next older page of a list. False: it did not come. Never rejects. */
  older(tab: StatusChoice['tab']): Promise<boolean>;
  stop(): void;
}

/** Bars and lateness of the newest slots. */
const RECENT = 30;
const PAGE_SIZE = 30;
const AUDITED_MS = 86_400_000;
/**
 * Least ms between two readings of a kind, so that a task that runs every second costs few requests. Counters of a day
 * say nothing new so soon.
 */
const EVERY_MS: Record<Want, number> = {
  task: 3_000,
  slots: 3_000,
  runs: 3_000,
  stats: 15_000,
  fires: 4_000,
};

export function createTaskReads(deps: TaskReadsDeps): TaskReads {
  const { taskId, api, now, serverNow, setTimer, status, take, takeExtras, failed } = deps;

  const readers: Record<Want, () => Promise<void>> = {
    task: async () => take({ kind: 'task', task: await api.getTask(taskId, RECENT), fresh: false }),
    slots: async () => {
      const { range } = status();
      const page = await api.taskSlots(taskId, { limit: PAGE_SIZE, ...rangeQuery(range) });
      take({ kind: 'newest', items: page.items, more: page.nextCursor !== null, range });
    },
    runs: async () => {
      const { items, nextCursor } = await api.taskRuns(taskId, { limit: PAGE_SIZE });
      take({ kind: 'runs', place: 'newest', items, nextCursor });
    },
    stats: async () => {
      const fromAt = serverNow() - AUDITED_MS;
      const [stats, audit] = await Promise.all([
        api.taskStats(taskId, SHOWN_DAYS),
        api.taskAudit(taskId, { fromAt }),
      ]);
      takeExtras({ stats, audit });
    },
    fires: async () => {
      const { task } = status();
      if (task === null) return;
      const preview = await api.previewSchedule({ schedule: task.schedule, count: PREVIEWED, taskId });
      const now = status().task;
      // Edited meanwhile: the preview of the new schedule is wanted already.
      if (now !== null && sameSchedule(now, task)) takeExtras({ preview, previewFailed: '' });
    },
  };

  const coalesced = {} as Record<Want, Coalesced>;
  for (const what of Object.keys(readers) as Want[]) {
    const read = () => readers[what]().catch((error: ApiError) => failed(what, error));
    coalesced[what] = createCoalesced(read, { everyMs: EVERY_MS[what], now, setTimer });
  }

  async function readOlder(tab: StatusChoice['tab']): Promise<void> {
    const { range, verdicts, runList } = status();
    if (tab === 'runs') {
      const cursor = runList.cursor;
      const { items, nextCursor } = await api.taskRuns(taskId, { limit: PAGE_SIZE, cursor });
      return take({ kind: 'runs', place: 'older', items, nextCursor });
    }
    // The end of the list is its own cursor: it holds whatever came in front meanwhile.
    const toAt = verdicts.items[verdicts.items.length - 1]?.plannedAt ?? range.toAt;
    const page = await api.taskSlots(taskId, { limit: PAGE_SIZE, ...rangeQuery({ ...range, toAt }) });
    take({ kind: 'older', items: page.items, more: page.nextCursor !== null, range });
  }

  return {
    want: (what) => coalesced[what].want(),
    async older(tab) {
      try {
        await readOlder(tab);
        return true;
      } catch (error) {
        failed('older', error as ApiError);
        return false;
      }
    },
    stop() {
      for (const one of Object.values(coalesced)) one.stop();
    },
  };
}

function rangeQuery({ fromAt, toAt }: TaskStatus['range']): { fromAt?: number; toAt?: number } {
  return { ...(fromAt === null ? {} : { fromAt }), ...(toAt === null ? {} : { toAt }) };
}
