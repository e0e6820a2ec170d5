/** One of each thing that services answer. */

import { newTaskId, slotRunId } from '../../../../server/store/ids.ts';
import type { Run, RunSummary, Task, TaskCreate } from '../../../../shared/api.ts';
import type { RecentSlot } from '../../../../shared/run.ts';

export const AT = 1_790_000_000_000;

export const sampleCreate: TaskCreate = {
  name: '首页可用性',
  schedule: { kind: 'cron', cron: '*/30 * * * * *', timezone: 'Asia/Shanghai' },
  action: { kind: 'http', url: 'https://example.com/health', expect: { status: [200] } },
  policy: { timeoutMs: 5_000, retry: { maxAttempts: 2 }, overlap: 'buffer_one' },
  visibleTo: null,
};

export function sampleTask(ownerId: string, input: TaskCreate = sampleCreate, id = newTaskId(ownerId)): Task {
  const { name, schedule, action, policy = {}, visibleTo = null } = input;
  return {
    id,
    version: 1,
    name,
    schedule,
    action,
    policy,
    requires: null,
    visibleTo,
    state: 'active',
    health: 'unknown',
    createdAt: AT,
    updatedAt: AT,
    decidedThroughAt: AT,
    nextFireAt: AT + 30_000,
    nominalAt: AT + 30_000,
    lastRun: null,
    punctuality: { onTimePct: null, p50Ms: null, p99Ms: null },
  };
}

export function sampleSummary(taskId: string, id = slotRunId(taskId, AT)): RunSummary {
  return {
    id,
    taskId,
    trigger: 'slot',
    state: 'succeeded',
    verdict: 'fired',
    plannedAt: AT,
    lateByMs: 3,
    startedAt: AT + 3,
    endedAt: AT + 120,
  };
}

export function sampleRecent(taskId: string): RecentSlot[] {
  const run = { plannedAt: AT, count: 1, verdict: 'fired', reason: null, state: 'running' } as const;
  const skipped = { plannedAt: AT - 60_000, count: 4, verdict: 'skipped', reason: 'overlap' } as const;
  return [
    { ...run, runId: slotRunId(taskId, AT), lateByMs: 1_003, late: true, progress: 12.5 },
    { ...skipped, runId: null, state: null, lateByMs: null, late: false, progress: null },
  ];
}

export function sampleRun(taskId: string, id = slotRunId(taskId, AT)): Run {
  return {
    ...sampleSummary(taskId, id),
    retryOf: null,
    nominalAt: AT,
    waitedMs: 0,
    queuedAt: AT,
    retryAt: null,
    progress: 100,
    result: { ok: true },
    error: null,
    attempts: [
      {
        n: 1,
        fence: 1,
        worker: 'w',
        startedAt: AT + 3,
        endedAt: AT + 120,
        outcome: 'succeeded',
        error: null,
      },
    ],
  };
}
