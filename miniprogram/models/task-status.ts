/**
 * What the status page knows of one task: a reducer over snapshots, pages and live events. It never trusts an order: a
 * run that has ended stays ended, a repeat changes nothing, and what an event leaves open is named in `wants`. Pure.
 */
import type { EventPayload } from '../../shared/realtime';
import type { Run, RunSummary, SlotItem } from '../../shared/run';
import type { Task } from '../../shared/task';
import {
  hasEnded,
  type KnownRun,
  type RunNews,
  runOfRecent,
  runOfSummary,
  stateAfter,
  withRun,
  withRuns,
} from './known-runs';
import { NO_RUNS, type RunList, withNewestRuns, withNewRun, withOlderRuns } from './run-list';
import {
  ALL_TIME,
  inRange,
  NO_VERDICTS,
  type VerdictList,
  type VerdictRange,
  verdictOfEvent,
  withLateness,
  withNewestPage,
  withOlderPage,
  withVerdict,
} from './verdicts';

/** What has to be read again; the page asks once for many. */
export type Want = 'task' | 'slots' | 'runs' | 'stats' | 'fires';

export interface TaskStatus {
  task: Task | null;
  /** Newest first by planned instant. */
  runs: KnownRun[];
  /** Ids of the run list, as the server orders it. */
  runList: RunList;
  verdicts: VerdictList;
  range: VerdictRange;
  /** Asked for by a tap and not yet answered. */
  asked: boolean;
  /** The state that a tap asked for, shown until the server answers. */
  wished: 'active' | 'paused' | null;
  deleted: boolean;
}

export type TaskInput =
  | { kind: 'task'; task: Task; fresh: boolean }
  | { kind: 'event'; type: string; payload: EventPayload }
  | { kind: 'progress'; runId: string; progress: number }
  | { kind: 'runs'; place: 'newest' | 'older'; items: readonly RunSummary[]; nextCursor: string | null }
  | { kind: 'newest'; items: readonly SlotItem[]; more: boolean; range: VerdictRange }
  | { kind: 'older'; items: readonly SlotItem[]; more: boolean; range: VerdictRange }
  | { kind: 'range'; range: VerdictRange }
  | { kind: 'ask' }
  | { kind: 'answered'; run: Run | null }
  | { kind: 'wish'; state: 'active' | 'paused' | null };

export interface Reduced {
  status: TaskStatus;
  wants: Want[];
}

export const NO_STATUS: TaskStatus = {
  task: null,
  runs: [],
  runList: NO_RUNS,
  verdicts: NO_VERDICTS,
  range: ALL_TIME,
  asked: false,
  wished: null,
  deleted: false,
};

/** The status after one input, and what has to be read again because of it. */
export function reduceTask(status: TaskStatus, input: TaskInput): Reduced {
  switch (input.kind) {
    case 'task':
      return taskRead(status, input.task, input.fresh);
    case 'event':
      return reduceEvent(status, input.type, input.payload);
    case 'progress': {
      const run = status.runs.find(({ id }) => id === input.runId);
      if (run === undefined || hasEnded(run.state)) return same(status);
      return same({
        ...status,
        runs: withRun(status.runs, { id: run.id, state: run.state, progress: input.progress }),
      });
    }
    case 'runs': {
      const join = input.place === 'newest' ? withNewestRuns : withOlderRuns;
      const ids = input.items.map(({ id }) => id);
      const runs = withRuns(status.runs, input.items.map(runOfSummary));
      return same({ ...status, runs, runList: join(status.runList, ids, input.nextCursor) });
    }
    case 'newest':
    case 'older': {
      // An answer for a range that is no longer shown.
      if (input.range !== status.range) return same(status);
      const join = input.kind === 'newest' ? withNewestPage : withOlderPage;
      return same({ ...status, verdicts: join(status.verdicts, input.items, input.more) });
    }
    case 'range':
      return { status: { ...status, range: input.range, verdicts: NO_VERDICTS }, wants: ['slots'] };
    case 'ask':
      return same({ ...status, asked: true });
    case 'answered': {
      const runs = input.run === null ? status.runs : withRuns(status.runs, [runOfSummary(input.run)]);
      const runList = input.run === null ? status.runList : withNewRun(status.runList, input.run.id);
      return same({ ...status, runs, runList, asked: false });
    }
    case 'wish':
      return same({ ...status, wished: input.state });
  }
}

/** `fresh`: read at once with the topic's place, so that events missed before it are behind us. */
function taskRead(status: TaskStatus, task: Task, fresh: boolean): Reduced {
  const { recent = [], lastRun } = task;
  const known = recent.flatMap((slot) => runOfRecent(slot) ?? []);
  const read = lastRun === null ? known : [...known, runOfSummary(lastRun)];
  const kept = { ...task, recent: task.recent ?? status.task?.recent };
  const told = { ...status, task: kept, deleted: false };
  if (!fresh) return same({ ...told, runs: withRuns(status.runs, read) });
  // What was running before the gap may have ended in it: only what the snapshot still shows as running is.
  const ended = status.runs.filter((run) => hasEnded(run.state));
  // An empty list has nothing that could have a hole: it stays as it is until the page says more.
  const verdicts = {
    ...status.verdicts,
    loaded: status.verdicts.loaded && status.verdicts.items.length === 0,
  };
  const runList = { ...status.runList, loaded: status.runList.loaded && status.runList.ids.length === 0 };
  return {
    status: { ...told, runs: withRuns(ended, read), runList, verdicts },
    wants: ['slots', 'runs', 'stats', 'fires'],
  };
}

function reduceEvent(status: TaskStatus, type: string, payload: EventPayload): Reduced {
  switch (type) {
    case 'task.deleted':
      return same({ ...status, deleted: true });
    case 'task.created':
    case 'task.changed':
      return { status, wants: ['task', 'fires'] };
    case 'slot.fired':
    case 'slot.caught_up':
    case 'slot.skipped':
      return slotDecided(status, type, payload);
    default:
      return type.startsWith('run.') ? runMoved(status, type, payload) : same(status);
  }
}

function slotDecided(status: TaskStatus, type: string, payload: EventPayload): Reduced {
  const item = verdictOfEvent(type, payload);
  if (item === null) return same(status);
  const verdicts = inRange(status.range, item.plannedAt)
    ? withVerdict(status.verdicts, item)
    : status.verdicts;
  const task = status.task === null ? null : afterSlot(status.task, type, item, payload.nextAt);
  const told = { ...status, task, verdicts };
  // A run follows with its own events; a skip has none, and does not say what is next.
  return { status: told, wants: type === 'slot.skipped' ? ['task', 'slots', 'stats'] : [] };
}

/** The task with the next slot that the event names. An event older than what was read says nothing new. */
function afterSlot(task: Task, type: string, item: SlotItem, nextAt: number | undefined): Task {
  const decidedThroughAt = item.toAt - 1;
  if (decidedThroughAt <= task.decidedThroughAt) return task;
  if (type === 'slot.skipped') return { ...task, decidedThroughAt };
  // The spread is the same for every slot of a schedule.
  const spreadMs =
    task.nextFireAt === null || task.nominalAt === null ? null : task.nextFireAt - task.nominalAt;
  const nominalAt = nextAt === undefined || spreadMs === null ? null : nextAt - spreadMs;
  return { ...task, decidedThroughAt, nextFireAt: nextAt ?? null, nominalAt };
}

function runMoved(status: TaskStatus, type: string, payload: EventPayload): Reduced {
  const { runId, at, plannedAt, lateByMs, attempt, retryAt } = payload;
  const state = stateAfter(type, payload);
  if (runId === undefined || state === undefined) return same(status);
  const known = status.runs.find(({ id }) => id === runId);
  if (known !== undefined && hasEnded(known.state)) return same(status);
  const started = type === 'run.started';
  const run: RunNews = {
    id: runId,
    state,
    retryAt: retryAt ?? null,
    ...(plannedAt === undefined ? {} : { plannedAt }),
    ...(attempt === undefined ? {} : { attempt }),
    ...(lateByMs === undefined ? {} : { lateByMs }),
    ...(started ? { startedAt: known?.startedAt ?? at, progress: null } : {}),
    ...(hasEnded(state) ? { endedAt: at, progress: null } : {}),
  };
  const runs = withRun(status.runs, run);
  const verdicts = lateByMs === undefined ? status.verdicts : withLateness(status.verdicts, runId, lateByMs);
  const wants: Want[] = hasEnded(state) ? ['task', 'slots', 'runs', 'stats'] : [];
  const runList = withNewRun(status.runList, runId);
  return { status: { ...status, runs, runList, verdicts }, wants };
}

const same = (status: TaskStatus): Reduced => ({ status, wants: [] });
