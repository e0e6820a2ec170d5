/** What the HTTP routes (and a template user's own routes) call. Every method checks that `userId` may do it: what is not
 * the caller's is answered as TASK_NOT_FOUND or RUN_NOT_FOUND. All reject with AppError (server/lib/errors.ts). */
import type {
  BackfillAnswer,
  BackfillRequest,
  BatchAnswer,
  Page,
  PreviewAnswer,
  PreviewRequest,
  StatsAnswer,
  TaskCreate,
  TaskPage,
  TaskPatch,
} from '../../shared/api.ts';
import type { Audit, LogLine, Run, RunState, RunSummary, SlotItem } from '../../shared/run.ts';
import type { Task } from '../../shared/task.ts';
import type { TaskConditions } from './task-filter.ts';

/** `key`: the Idempotency-Key header; the id derives from (user, route, key) and creation is put-if-absent. */
export interface Idempotent {
  key?: string;
}

export interface BatchOptions extends Idempotent {
  /** In which language items are refused; English unless said. */
  locale?: 'zh-CN' | 'en';
}

export interface PageRequest {
  /** 1 to 100. */
  limit: number;
  cursor?: string;
}

export interface WithRecent {
  /** So many of its last slots and runs with each task, 1 to 30. Absent: none. */
  recent?: number;
}

export interface TaskFilter extends PageRequest, WithRecent, TaskConditions {
  scope?: 'own' | 'watched' | 'available';
}

export interface TaskService {
  /** `created` is false when an idempotency key found the task of an earlier call. */
  create(userId: string, input: TaskCreate, options?: Idempotent): Promise<{ task: Task; created: boolean }>;
  /** Each item stands alone: one that is refused does not stop the others. */
  createBatch(userId: string, inputs: TaskCreate[], options?: BatchOptions): Promise<BatchAnswer>;
  /** Newest first. The counts are over all of the user's own tasks, whatever the filter. */
  list(userId: string, filter: TaskFilter): Promise<TaskPage>;
  get(userId: string, taskId: string, options?: WithRecent): Promise<Task>;
  patch(userId: string, taskId: string, patch: TaskPatch): Promise<Task>;
  remove(userId: string, taskId: string): Promise<void>;
  pause(userId: string, taskId: string): Promise<Task>;
  resume(userId: string, taskId: string): Promise<Task>;
}

export interface RunService {
  runNow(userId: string, taskId: string, options?: Idempotent): Promise<{ run: Run; created: boolean }>;
  backfill(
    userId: string,
    taskId: string,
    request: BackfillRequest,
    options?: Idempotent,
  ): Promise<BackfillAnswer>;
  list(
    userId: string,
    filter: PageRequest & { state?: RunState; taskId?: string; q?: string },
  ): Promise<Page<RunSummary>>;
  get(userId: string, runId: string): Promise<Run>;
  logs(userId: string, runId: string): Promise<{ items: LogLine[] }>;
  cancel(userId: string, runId: string): Promise<Run>;
  /** A new manual run with retryOf; the old one stays. 409 unless it has ended. */
  retry(userId: string, runId: string, options?: Idempotent): Promise<{ run: Run; created: boolean }>;
}

export interface HistoryService {
  /** Newest first. */
  slots(
    userId: string,
    taskId: string,
    request: PageRequest & { fromAt?: number; toAt?: number },
  ): Promise<Page<SlotItem>>;
  /** Oldest day first; `days` 1 to 90, today included. */
  stats(userId: string, taskId: string, days: number): Promise<StatsAnswer>;
  audit(userId: string, taskId: string, range: { fromAt?: number; toAt?: number }): Promise<Audit>;
}

export interface PreviewService {
  preview(userId: string, request: PreviewRequest, locale: 'zh-CN' | 'en'): Promise<PreviewAnswer>;
}
