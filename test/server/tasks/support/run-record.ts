/** A run record that ended well and on time, but for what is said. */
import { slotRunId } from '../../../../server/store/ids.ts';
import type { RunRecord } from '../../../../server/store/records.ts';

export const TASK = '00aaaaaaaaaaaaaaaa';

export function sampleRecord(more: Partial<RunRecord> = {}): RunRecord {
  const plannedAt = more.plannedAt ?? 0;
  return {
    id: slotRunId(TASK, plannedAt),
    taskId: TASK,
    ownerId: 'me',
    trigger: 'slot',
    line: 'slot',
    state: 'succeeded',
    retryOf: null,
    plannedAt,
    nominalAt: plannedAt,
    verdict: 'fired',
    createdAt: plannedAt,
    lateByMs: 3,
    waitedMs: 0,
    queuedAt: plannedAt,
    retryAt: null,
    startedAt: plannedAt + 3,
    endedAt: plannedAt + 9,
    progress: null,
    result: null,
    error: null,
    attempts: [],
    timeoutMs: 10_000,
    lateAfterMs: 1_000,
    priority: 0,
    ...more,
  };
}
