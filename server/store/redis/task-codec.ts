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
export const ownerOfHot = (hot: string): string => hot.split(' ', 3)[2] as string;

/** In the order of lua/_task-record.lua. */
type TaskFields = [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  string,
  ...string[],
];

export function decodeTask(id: string, definitionText: string, hot: string): TaskRecord {
  const { segmentLine, createdAt, ownerId, definition } = parseDefinition(definitionText);
  const [
    ,
    state,
    ,
    closing,
    live,
    held,
    ,
    waiting,
    failures,
    ended,
    lastLate,
    ,
    ,
    version,
    cursorAt,
    nextAt,
    slots,
    episode,
    folded,
    updatedAt,
  ] = hot.split(' ') as TaskFields;
  return {
    id,
    ownerId,
    version: Number(version),
    createdAt,
    updatedAt: Number(updatedAt),
    definition,
    state: STATES[state] as TaskState,
    cursorAt: Number(cursorAt),
    nextAt: nextAt === '-' ? null : Number(nextAt),
    segment: decodeSegment(segmentLine),
    segmentSlots: Number(slots),
    episode: decodeEpisode(episode),
    closing: decodeClosing(closing),
    foldedThroughAt: Number(folded),
    failures: Number(failures),
    lastEnded: LAST_ENDED[ended] ?? null,
    lastLate: lastLate === '1',
    live: countListed(live),
    held: countListed(held),
    waiting: Number(waiting),
  };
}
