/** Frames of `GET /api/realtime` and the events that the store appends. */
import type { RunState } from './run.ts';

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
}

/** One frame. `topic` and `seq` stand beside the payload in event frames only. */
export interface Frame<P = unknown> {
  type: string;
  payload: P;
  timestamp: number;
  topic?: string;
  seq?: number;
}
