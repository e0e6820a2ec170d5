/**
 * Event log entries. A step writes one line per change, a letter, an id and fields parted by spaces; a line about a run stands for one event
 * on the task's topic and one on the run's, a line about a task for one on the task's and one on its owner's list. So the
 * log costs Lua one short text per change instead of two JSON documents.
 */
import type { EventPayload, EventType } from '../../../shared/realtime.ts';
import { taskIdOfRun } from '../ids.ts';
import type { StoredEvent } from '../requests.ts';
import { decodeName } from './keys.ts';
import { STATE_OF } from './run-codec.ts';
import { REASON_OF } from './verdict-codec.ts';

/** Of a run: type on the task's topic, state (null: the line's fifth field), and what the further fields are. */
const RUN_LINES: Record<
  string,
  { type: EventType; state: string | null; more: ('attempt' | 'firstAt' | 'retryAt')[] }
> = {
  F: { type: 'slot.fired', state: null, more: [] },
  C: { type: 'slot.caught_up', state: null, more: [] },
  H: { type: 'run.held', state: 'h', more: [] },
  Q: { type: 'run.queued', state: 'q', more: [] },
  S: { type: 'run.started', state: 'r', more: ['attempt', 'firstAt'] },
  W: { type: 'run.retry_scheduled', state: 'w', more: ['retryAt', 'attempt'] },
  L: { type: 'run.lost', state: 'q', more: ['attempt'] },
  R: { type: 'run.released', state: 'q', more: ['attempt'] },
  X: { type: 'run.cancelling', state: 'c', more: [] },
  E: { type: 'run.finished', state: null, more: ['attempt'] },
};

const TASK_LINES: Record<string, EventType> = { N: 'task.created', U: 'task.changed', D: 'task.deleted' };

/** Events of one log entry, in order. `fields` are those of the stream entry: `at` and `e`. */
export function decodeEvents(fields: string[]): StoredEvent[] {
  const at = Number(fields[1]);
  return (fields[3] ?? '')
    .split('\n')
    .flatMap((line) => (line === '' ? [] : decodeLine(line.split(' '), at)));
}

function decodeLine(fields: string[], at: number): StoredEvent[] {
  const [head, seq, otherSeq, ...more] = fields as [string, string, string, ...string[]];
  const code = head.slice(0, 1);
  const id = head.slice(1);
  if (code === 'K') return [skipEvent(id, Number(seq), [otherSeq, ...more] as string[], at)];
  const type = TASK_LINES[code];
  if (type !== undefined) {
    const payload: EventPayload = { taskId: id, at, version: Number(more[1]) };
    return [
      { topic: `tasks:${decodeName(more[0] as string)}`, seq: Number(otherSeq), type, payload },
      { topic: `task:${id}`, seq: Number(seq), type, payload },
    ];
  }
  const kind = RUN_LINES[code];
  if (kind === undefined) return [];
  const payload: EventPayload = { taskId: taskIdOfRun(id), runId: id, at };
  const letter = kind.state ?? more.shift() ?? '';
  payload.state = STATE_OF[letter] as NonNullable<EventPayload['state']>;
  const suffix = id.slice(payload.taskId.length + 1);
  if (/^\d+$/.test(suffix)) payload.plannedAt = Number(suffix);
  for (const [index, name] of kind.more.entries()) {
    const value = Number(more[index]);
    if (name !== 'firstAt') payload[name] = value;
    else if (payload.plannedAt !== undefined) payload.lateByMs = value - payload.plannedAt;
  }
  // What a task's watchers know as a fired slot, and what comes next, is the run's beginning.
  const isSlot = code === 'F' || code === 'C';
  const runType = isSlot ? 'run.queued' : kind.type;
  const next = isSlot && /^\d+$/.test(more[0] ?? '') ? { nextAt: Number(more[0]) } : null;
  const onTask = {
    topic: `task:${payload.taskId}`,
    seq: Number(seq),
    type: kind.type,
    payload: { ...payload, ...next },
  };
  // A slot whose run is held: the run's own line follows.
  if (otherSeq === '-') return [onTask];
  return [onTask, { topic: `run:${id}`, seq: Number(otherSeq), type: runType, payload }];
}

function skipEvent(taskId: string, seq: number, fields: string[], at: number): StoredEvent {
  const [from, to, count, reason] = fields as [string, string, string, string];
  return {
    topic: `task:${taskId}`,
    seq,
    type: 'slot.skipped',
    payload: {
      taskId,
      at,
      plannedAt: Number(from),
      toAt: Number(to),
      count: Number(count),
      reason: REASON_OF[reason] as string,
    },
  };
}
