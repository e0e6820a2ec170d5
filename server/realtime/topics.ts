/** Topic names: what phones call them, and what the store's event log calls them. */
import type { Topic } from '../../shared/realtime.ts';
import { isRunId, isTaskId, partitionOfId, partitionOfOwner } from '../store/ids.ts';

export interface TopicName {
  kind: 'tasks' | 'task' | 'run';
  /** As on the socket. */
  wire: Topic;
  /** As in the event log. */
  stored: string;
  /** The task's or the run's; the owner's for `tasks`. */
  id: string;
  partition: number;
}

/** Null for a name that no topic can have. Whether the user may see it is another question (snapshots.ts). */
export function parseTopic(wire: string, userId: string): TopicName | null {
  if (wire === 'tasks') {
    return {
      kind: 'tasks',
      wire,
      stored: `tasks:${userId}`,
      id: userId,
      partition: partitionOfOwner(userId),
    };
  }
  const kind = wire.startsWith('task:') ? 'task' : wire.startsWith('run:') ? 'run' : null;
  if (kind === null) return null;
  const id = wire.slice(kind.length + 1);
  if (!(kind === 'task' ? isTaskId(id) : isRunId(id))) return null;
  const partition = partitionOfId(id);
  return partition === null ? null : { kind, wire, stored: wire, id, partition };
}
