/** A task's two records as kept (lua/_task-record.lua, lua/create-tasks.lua) and as the contract has it. */
import type { TaskDefinition, TaskState } from '../../../shared/task.ts';
import type { Closing, Episode, Segment, TaskRecord } from '../records.ts';
import { decodeName } from './keys.ts';

const STATES: Record<string, TaskState> = { a: 'active', p: 'paused', e: 'ended' };
export const TASK_STATE_LETTER: Record<TaskState, string> = { active: 'a', paused: 'p', ended: 'e' };
const LAST_ENDED: Record<string, TaskRecord['lastEnded']> = {
  s: 'succeeded',
  f: 'failed',
  t: 'timed_out',
  x: 'cancelled',
};

/** Instants beside the JSON, so that a step can close a segment without taking JSON apart. */
export function encodeSegment({ fromAt, toAt, ...rest }: Segment): string {
  return `${fromAt} ${toAt ?? '-'} ${JSON.stringify(rest)}`;
}

export function decodeSegment(line: string): Segment {
  const first = line.indexOf(' ');
  const second = line.indexOf(' ', first + 1);
  const toAt = line.slice(first + 1, second);
  return {
    fromAt: Number(line.slice(0, first)),
    toAt: toAt === '-' ? null : Number(toAt),
    ...(JSON.parse(line.slice(second + 1)) as Omit<Segment, 'fromAt' | 'toAt'>),
  };
}

/** The definition key: newest segment; creation instant, owner and fingerprint; definition. */
export function parseDefinition(text: string): {
  segmentLine: string;
  createdAt: number;
  ownerId: string;
  definition: TaskDefinition;
} {
  const first = text.indexOf('\n');
  const second = text.indexOf('\n', first + 1);
  const [createdAt, owner] = text.slice(first + 1, second).split(' ') as [string, string];
  return {
    segmentLine: text.slice(0, first),
    createdAt: Number(createdAt),
    ownerId: decodeName(owner),
    definition: JSON.parse(text.slice(second + 1)) as TaskDefinition,
  };
}

export const encodeEpisode = (episode: Episode | null): string =>
  episode === null ? '-' : `${episode.startedAt},${episode.runFromAt}`;

function decodeEpisode(text: string): Episode | null {
  if (text === '-') return null;
  const [startedAt, runFromAt] = text.split(',').map(Number) as [number, number];
  return { startedAt, runFromAt };
}

function decodeClosing(text: string): Closing | null {
  if (text === '-') return null;
  const [reason, at] = text.split(',') as [string, string];
  return { reason: reason === 'e' ? 'ended' : 'paused', at: Number(at) };
}

const countListed = (list: string): number => (list === '-' ? 0 : list.split(',').length);

/** The owner's name as in keys, from a task's hot record. */
export const ownerOfHot = (hot: string): string => hot.split(' ', 4)[3] as string;

export function decodeTask(id: string, definitionText: string, hot: string): TaskRecord {
  const { segmentLine, createdAt, definition } = parseDefinition(definitionText);
  const f = hot.split(' ') as string[];
  const at = (index: number): string => f[index - 1] as string;
  return {
    id,
    ownerId: decodeName(at(4)),
    version: Number(at(2)),
    createdAt,
    updatedAt: Number(at(19)),
    definition,
    state: STATES[at(3)] as TaskState,
    cursorAt: Number(at(5)),
    nextAt: at(6) === '-' ? null : Number(at(6)),
    segment: decodeSegment(segmentLine),
    segmentSlots: Number(at(7)),
    episode: decodeEpisode(at(8)),
    closing: decodeClosing(at(9)),
    foldedThroughAt: Number(at(18)),
    failures: Number(at(14)),
    lastEnded: LAST_ENDED[at(15)] ?? null,
    lastLate: at(16) === '1',
    live: countListed(at(10)),
    held: countListed(at(11)),
    waiting: Number(at(13)),
  };
}
