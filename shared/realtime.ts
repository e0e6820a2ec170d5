/** Frames of `GET /api/realtime` and the events that the store appends. */
import type { LogLine, Run, RunState } from './run.ts';
import type { Task } from './task.ts';

/** Events with a gapless `seq` per topic inside an epoch. */
export type EventType =
  | 'task.created'
  | 'task.changed'
  | 'task.deleted'
  | 'slot.fired'
  | 'slot.caught_up'
  | 'slot.skipped'
  | 'run.held'
  | 'run.queued'
  | 'run.started'
  | 'run.retry_scheduled'
  | 'run.lost'
  | 'run.released'
  | 'run.cancelling'
  | 'run.finished';

/** What a sequenced event says; the fields depend on its type. */
export interface EventPayload {
  taskId: string;
  runId?: string;
  state?: RunState;
  at: number;
  plannedAt?: number;
  /** One past the last slot of a skipped range. */
  toAt?: number;
  count?: number;
  reason?: string;
  attempt?: number;
  lateByMs?: number;
  retryAt?: number;
  version?: number;
  /** With `slot.fired` and `slot.caught_up`: the task's next slot after this step; absent when none is left. */
  nextAt?: number;
}

/** Best-effort frames: they carry no seq, and one that is lost is not sent again. */
export interface RunProgressPayload {
  taskId: string;
  runId: string;
  /** 0 to 100. */
  progress: number;
}
export interface RunLogPayload {
  taskId: string;
  runId: string;
  /** Oldest first. */
  lines: LogLine[];
}

/** One frame. `topic` and `seq` stand beside the payload in event frames only; best-effort frames carry a topic alone. */
export interface Frame<P = unknown> {
  type: string;
  payload: P;
  /** When it was sent, ms of the server's clock. */
  timestamp: number;
  topic?: string;
  seq?: number;
}

/** Where a listener of a topic stands. */
export interface TopicPosition {
  epoch: string;
  seq: number;
}

/** `tasks`, `task:<id>` or `run:<id>`. */
export type Topic = string;

/** What a phone sends. */
export type ClientFrame =
  | { type: 'auth'; payload: { token: string } }
  | {
      type: 'subscribe';
      payload: { id: string; topics: { topic: Topic; after: TopicPosition | null }[] };
    }
  | { type: 'unsubscribe'; payload: { topics: Topic[] } }
  | { type: 'ping'; payload: Record<string, never> };

/** A topic as it stands: read together with the seq it is sent with. */
export interface Snapshots {
  /** The newest 100 of the list, with `recent`. */
  tasks: { items: Task[]; nextCursor: string | null };
  /** With `recent`. */
  task: Task;
  run: Run & { log: LogLine[] };
}
export type Snapshot = Snapshots[keyof Snapshots];

/** What a server sends, beside the events. */
export interface ServerPayloads {
  ready: { userId: string; heartbeatMs: number };
  subscribed: { id: string; topic: Topic; epoch: string; seq: number; snapshot?: Snapshot };
  reset: { id: string; topic: Topic; epoch: string; seq: number; snapshot: Snapshot };
  unsubscribed: { topic: Topic; code?: string };
  pong: Record<string, never>;
  /** `id` and `topic` when it answers one topic of a subscribe. */
  error: { code: string; message: string; id?: string; topic?: Topic };
}

/** Close codes beside those of RFC 6455. */
export interface CloseCodes {
  /** No auth within 5 s, not, no longer or wrongly authenticated. */
  unauthenticated: 4401;
  /** Nothing heard for two heartbeats. */
  silent: 4408;
  /** More frames than allowed, or more unread than is kept for a slow reader. */
  overrun: 4429;
  /** The server is going away: come back. */
  goingAway: 1012;
}
