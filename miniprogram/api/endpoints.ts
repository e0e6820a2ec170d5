/** The routes that the pages use, typed. Every one rejects with ApiError. */
import type {
  MePatch,
  Page,
  PreviewAnswer,
  PreviewRequest,
  StatsAnswer,
  TaskPage,
  User,
} from '../../shared/api';
import type { Audit, LogLine, Run, RunState, RunSummary, SlotItem } from '../../shared/run';
import type { Health, Task, TaskState } from '../../shared/task';
import type { Client } from './client';

export interface Paging {
  /** 1 to 100; 20 when absent. */
  limit?: number;
  cursor?: string | null;
}

export interface TaskListQuery extends Paging {
  state?: TaskState;
  health?: Health;
  /** With an unended slot run. */
  live?: true;
  /** Health failing or late. */
  troubled?: true;
  /** Text in the name. */
  q?: string;
  /** Bars with each task, 1 to 30. */
  recent?: number;
}

/** Half-open, `[fromAt, toAt)`. */
export interface Range {
  fromAt?: number;
  toAt?: number;
}

export type Api = ReturnType<typeof createApi>;

export function createApi({ request, newKey }: Client) {
  const task = (id: string) => `/api/tasks/${encodeURIComponent(id)}`;
  const run = (id: string) => `/api/runs/${encodeURIComponent(id)}`;

  return {
    listTasks: (query: TaskListQuery = {}) => request<TaskPage>('GET', '/api/tasks', { query: { ...query } }),
    /** `recent`: how many bars, 1 to 30; none when absent. */
    getTask: (id: string, recent?: number) => request<Task>('GET', task(id), { query: { recent } }),
    pauseTask: (id: string) => request<Task>('POST', `${task(id)}/pause`, { body: {} }),
    resumeTask: (id: string) => request<Task>('POST', `${task(id)}/resume`, { body: {} }),
    /** Give the same key when a person taps again after a failure, so that it runs once. */
    runTask: (id: string, idempotencyKey = newKey()) =>
      request<Run>('POST', `${task(id)}/run`, { body: {}, idempotencyKey }),
    deleteTask: (id: string) => request<void>('DELETE', task(id)),

    taskRuns: (id: string, query: Paging & { state?: RunState } = {}) =>
      request<Page<RunSummary>>('GET', `${task(id)}/runs`, { query: { ...query } }),
    taskSlots: (id: string, query: Paging & Range = {}) =>
      request<Page<SlotItem>>('GET', `${task(id)}/slots`, { query: { ...query } }),
    /** `days`: 1 to 90, today included. */
    taskStats: (id: string, days: number) =>
      request<StatsAnswer>('GET', `${task(id)}/stats`, { query: { days } }),
    taskAudit: (id: string, query: Range = {}) =>
      request<Audit>('GET', `${task(id)}/audit`, { query: { ...query } }),
    /** The next slots of a schedule. Changes nothing. */
    previewSchedule: (body: PreviewRequest) =>
      request<PreviewAnswer>('POST', '/api/schedules/preview', { body }),

    getRun: (id: string) => request<Run>('GET', run(id)),
    /** Oldest first. */
    runLogs: (id: string) => request<{ items: LogLine[] }>('GET', `${run(id)}/logs`),
    cancelRun: (id: string) => request<Run>('POST', `${run(id)}/cancel`, { body: {} }),
    /** The new run. */
    retryRun: (id: string, idempotencyKey = newKey()) =>
      request<Run>('POST', `${run(id)}/retry`, { body: {}, idempotencyKey }),

    me: () => request<User>('GET', '/api/me'),
    patchMe: (body: MePatch) => request<User>('PATCH', '/api/me', { body }),
    deleteMe: () => request<void>('DELETE', '/api/me'),
  };
}
