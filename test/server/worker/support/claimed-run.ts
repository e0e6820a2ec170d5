/** A claimed run with sensible values; a test states only what it is about. */
import type { ClaimedRun } from '../../../../server/store/records.ts';
import type { TaskPolicy } from '../../../../shared/task.ts';

export function claimedRun(more: Partial<ClaimedRun> = {}, policy: TaskPolicy = {}): ClaimedRun {
  return {
    runId: '00aaaaaaaaaaaaaaaa:1000',
    taskId: '00aaaaaaaaaaaaaaaa',
    ownerId: 'owner',
    trigger: 'slot',
    plannedAt: 1_000,
    nominalAt: 1_000,
    attempt: 1,
    failures: 0,
    fence: 1_024,
    token: 'a'.repeat(32),
    startedAt: 1_001,
    lateByMs: 1,
    timeoutMs: 10_000,
    deadlineAt: 26_001,
    definition: {
      name: 't',
      schedule: { kind: 'every', everyMs: 1_000 },
      action: { kind: 'handler', name: 'noop' },
      policy,
      requires: null,
      visibleTo: null,
    },
    ...more,
  };
}
