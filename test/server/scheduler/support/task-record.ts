/** A task's record with sensible values; a test states only what it is about. */
import type { TaskRecord } from '../../../../server/store/records.ts';
import { openSegment } from '../../../../server/tasks/open-segment.ts';

export function taskRecord(id: string, nextAt: number | null, more: Partial<TaskRecord> = {}): TaskRecord {
  const schedule = { kind: 'every', everyMs: 10_000 } as const;
  return {
    id,
    ownerId: 'owner',
    version: 1,
    createdAt: 0,
    updatedAt: 0,
    definition: {
      name: id,
      schedule,
      action: { kind: 'handler', name: 'noop' },
      policy: {},
      requires: null,
      visibleTo: null,
    },
    state: 'active',
    cursorAt: 0,
    nextAt,
    segment: openSegment(schedule, 1, null),
    segmentSlots: 0,
    episode: null,
    closing: null,
    foldedThroughAt: 0,
    failures: 0,
    lastEnded: null,
    lastLate: false,
    live: 0,
    held: 0,
    waiting: 0,
    ...more,
  };
}
