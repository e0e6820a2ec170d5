/** Tasks and runs as the server would answer them, with what a test names changed. */
import type { Run } from '../../../../shared/run.ts';
import type { Task } from '../../../../shared/task.ts';

export const TASK_ID = '0aabcdefghijklmnop';

export function paperTask(some: Partial<Task> = {}): Task {
  return {
    id: TASK_ID,
    version: 1,
    name: '官网可用性',
    state: 'active',
    health: 'healthy',
    schedule: { kind: 'every', everyMs: 30_000 },
    action: { kind: 'http', url: 'https://example.com/health' },
    policy: {},
    requires: null,
    visibleTo: null,
    createdAt: 0,
    updatedAt: 0,
    decidedThroughAt: 0,
    nextFireAt: null,
    nominalAt: null,
    lastRun: null,
    punctuality: { onTimePct: null, p50Ms: null, p99Ms: null },
    ...some,
  };
}

export function paperRun(some: Partial<Run> = {}): Run {
  return {
    id: `${TASK_ID}:1000`,
    taskId: TASK_ID,
    trigger: 'slot',
    state: 'running',
    verdict: 'fired',
    plannedAt: 1_000,
    lateByMs: 3,
    startedAt: 1_003,
    endedAt: null,
    retryOf: null,
    nominalAt: 1_000,
    waitedMs: 0,
    queuedAt: 1_000,
    retryAt: null,
    progress: null,
    result: null,
    error: null,
    attempts: [],
    ...some,
  };
}
