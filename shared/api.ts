/** Requests and answers of the HTTP contract, by route. */
import type { Attempt, Audit, DayStats, LogLine, Run, RunSummary, SlotItem } from './run.ts';
import type { Action, Punctuality, Schedule, Task, TaskPolicy } from './task.ts';

export interface Page<T> {
  items: T[];
  /** Send back as `cursor` for the next page; null at the end. */
  nextCursor: string | null;
}

export interface User {
  id: string;
  name: string;
  locale: 'zh-CN' | 'en';
  attrs: string[];
  quietHours: { from: string; to: string; timezone: string } | null;
  createdAt: number;
}

export interface LoginRequest {
  code: string;
}
export interface LoginResponse {
  accessToken: string;
  /** Seconds until the access token expires. */
  expiresIn: number;
  refreshToken: string;
  user: User;
}
export interface RefreshRequest {
  refreshToken: string;
}
export type RefreshResponse = LoginResponse;

/** `GET /api/tasks`: a page, and how many of all of mine there are of each kind, whatever the filter. */
export interface TaskPage extends Page<Task> {
  counts: TaskCounts;
}
export interface TaskCounts {
  all: number;
  /** With an unended slot run. */
  running: number;
  /** Health failing or late. */
  troubled: number;
  paused: number;
}

export interface MePatch {
  name?: string;
  locale?: 'zh-CN' | 'en';
  quietHours?: { from: string; to: string; timezone: string } | null;
}

export interface TaskCreate {
  name: string;
  schedule: Schedule;
  action: Action;
  policy?: TaskPolicy;
  visibleTo?: string | null;
}
export interface TaskPatch {
  version: number;
  name?: string;
  schedule?: Schedule;
  action?: Action;
  policy?: TaskPolicy;
  visibleTo?: string | null;
}
export interface BatchAnswer {
  items: ({ ok: true; task: Task } | { ok: false; error: { code: string; message: string } })[];
}

export interface BackfillRequest {
  fromAt: number;
  toAt: number;
  /** Also slots that already have a successful run. Default false. */
  all?: boolean;
}
export interface BackfillAnswer {
  runs: RunSummary[];
}

export interface StatsAnswer {
  days: DayStats[];
  punctuality: Punctuality;
}

export interface PreviewRequest {
  schedule: Schedule;
  /** 1 to 50. Default 5. */
  count?: number;
  taskId?: string;
}
export interface PreviewWarning {
  code: 'DST_GAP' | 'DST_OVERLAP' | 'NEVER_FIRES' | 'CLOSER_THAN_RUN' | 'CALENDAR_NOT_COVERED';
  message: string;
  /** The instant it first bites, when there is one. */
  at: number | null;
}
export interface PreviewAnswer {
  /** Next slots, oldest first. `local`: plannedAt in the schedule's zone. */
  fires: { plannedAt: number; nominalAt: number; local: string }[];
  words: string;
  warnings: PreviewWarning[];
  /** How far slots come after their nominal instants; absent without a spread. */
  spread?: PreviewSpread;
}
export interface PreviewSpread {
  /** Somewhere in `[0, withinMs)`, the same for all slots of a task. */
  withinMs: number;
  /** That of the task asked about, and part of `plannedAt`; null without a task: `plannedAt` is then the nominal instant. */
  offsetMs: number | null;
}

export interface HandlerInfo {
  name: string;
  title: string;
  description: string;
  /** JSON Schema of `input`. */
  input: unknown;
}

export type { Attempt, Audit, DayStats, LogLine, Run, RunSummary, SlotItem, Task };
