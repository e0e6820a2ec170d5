/**
 * A task's records as kept (lua/_task-record.lua, lua/create-tasks.lua) and as the contract has it: its definition, and its
 * changing state once that has changed.
 */
import { createHash } from 'node:crypto';
import type { TaskDefinition, TaskState } from '../../../shared/task.ts';
import type { Closing, Episode, Segment, TaskRecord } from '../records.ts';
import { decodeName, encodeName } from './keys.ts';
import { packJson, unpackJson } from './pack-json.ts';

const STATES: Record<string, TaskState> = { a: 'active', p: 'paused', e: 'ended' };
export const TASK_STATE_LETTER: Record<TaskState, string> = { active: 'a', paused: 'p', ended: 'e' };
const LAST_ENDED: Record<string, TaskRecord['lastEnded']> = {
  s: 'succeeded',
  f: 'failed',
  t: 'timed_out',
  x: 'cancelled',
};

/** What is written as `=` instead of a schedule that the definition has, too: most segments. */
const SAME = '=';

/** What is left out is at its default. */
type StoredBody = Pick<TaskDefinition, 'name' | 'action'> & Partial<Omit<TaskDefinition, 'schedule'>>;

/** A definition as two lines, schedule and the rest without what is at its default. */
export function encodeDefinition({ schedule, policy, requires, visibleTo, ...rest }: TaskDefinition): string {
  const body = {
    ...rest,
    ...(Object.keys(policy).length === 0 ? {} : { policy }),
    ...(requires === null ? {} : { requires }),
    ...(visibleTo === null ? {} : { visibleTo }),
  };
  return `${packJson(schedule)}\n${packJson(body)}`;
}

/** Longer ones are kept as 72 bits of their hash: they are only compared, and only with that of the same id. */
export function encodeFingerprint(fingerprint: string): string {
  const text = encodeName(fingerprint);
  if (text === '') return '-';
  return text.length <= 12 ? text : createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

/**
 * One line; instants stand apart, so that a step can close a segment. `definition`: the one it will stand beside; what is then
 * as in most segments is left out, and the line has three words.
 */
export function encodeSegment(segment: Segment, definition: TaskDefinition | undefined): string {
  const schedule = packJson(segment.schedule);
  const { fromAt, toAt, maxSlots, spreadMs } = segment;
  const [zone, calendar] = [encodeVersion(segment.zoneData), encodeVersion(segment.calendarData)];
  const isSame = definition !== undefined && schedule === packJson(definition.schedule);
  if (isSame && maxSlots === null && spreadMs === 0 && calendar === '-')
    return `${fromAt} ${toAt ?? '-'} ${zone}`;
  return [fromAt, toAt ?? '-', maxSlots ?? '-', spreadMs, zone, calendar, isSame ? SAME : schedule].join(' ');
}

const encodeVersion = (version: string): string => encodeName(version).replace(/^-$/, '%2D') || '-';
const decodeVersion = (text: string): string => (text === '-' ? '' : decodeName(text));
const numberOrNull = (text: string): number | null => (text === '-' ? null : Number(text));

/** `schedule`: the packed JSON that `=` stands for; lists of segments have none such. */
export function decodeSegment(line: string, schedule = 'null'): Segment {
  const words = line.split(' ');
  if (words.length === 3) words.splice(2, 1, '-', '0', words[2] as string, '-', SAME);
  const [fromAt, toAt, maxSlots, spreadMs, zone, calendar, ...own] = words as [
    string,
    string,
    string,
    string,
    string,
    string,
    ...string[],
  ];
  const text = own.join(' ');
  return {
    fromAt: Number(fromAt),
    toAt: numberOrNull(toAt),
    schedule: JSON.parse(unpackJson(text === SAME ? schedule : text)) as Segment['schedule'],
    maxSlots: numberOrNull(maxSlots),
    spreadMs: Number(spreadMs),
    zoneData: decodeVersion(zone),
    calendarData: decodeVersion(calendar),
  };
}

/** The definition key: newest segment; creation (see lua/_task-record.lua); schedule; the rest. */
export function parseDefinition(text: string): {
  segmentLine: string;
  madeLine: string;
  scheduleLine: string;
  createdAt: number;
  ownerId: string;
  definition: TaskDefinition;
} {
  // JSON holds no line ends of its own.
  const [segmentLine, made, scheduleLine, body] = text.split('\n') as [string, string, string, string];
  const [createdAt, owner] = made.split(' ') as [string, string];
  return {
    segmentLine,
    madeLine: made,
    scheduleLine,
    createdAt: Number(createdAt),
    ownerId: decodeName(owner),
    definition: parseBody(definitionJson(scheduleLine, body)),
  };
}

/** One JSON text of both lines. */
const definitionJson = (scheduleLine: string, body: string): string =>
  `{"schedule":${unpackJson(scheduleLine)},${unpackJson(body).slice(1)}`;

function parseBody(json: string): TaskDefinition {
  // In place: taking it apart and together again costs a claim 2 µs a run.
  const body = JSON.parse(json) as StoredBody & Pick<TaskDefinition, 'schedule'>;
  body.policy ??= {};
  body.requires ??= null;
  body.visibleTo ??= null;
  return body as TaskDefinition;
}

/** What a claim needs of a definition key's text, to be read once and parsed for each run of the task. */
export function prepareDefinition(text: string): { ownerId: string; parse: () => TaskDefinition } {
  const [, made, scheduleLine, body] = text.split('\n') as [string, string, string, string];
  const json = definitionJson(scheduleLine, body);
  return { ownerId: decodeName(made.split(' ', 2)[1] as string), parse: () => parseBody(json) };
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

/** The state of a task as it was made; _task-record.lua's firstTask says the same. */
function firstHot(segmentLine: string, madeLine: string): string {
  const [createdAt, owner, , seq, cursor, next, pauseAfter] = madeLine.split(' ');
  const cursorAt = cursor === SAME ? Number.parseInt(segmentLine, 10) - 1 : cursor;
  return `${seq} a ${owner} - - - - 0 0 - 0 ${pauseAfter} 0 1 ${cursorAt} ${next} 0 - 0 ${createdAt} 0 - 0`;
}

/** `hot`: empty while nothing has changed since the task was made. */
export function decodeTask(id: string, definitionText: string, hot: string): TaskRecord {
  const { segmentLine, madeLine, scheduleLine, createdAt, ownerId, definition } =
    parseDefinition(definitionText);
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
  ] = (hot || firstHot(segmentLine, madeLine)).split(' ') as TaskFields;
  return {
    id,
    ownerId,
    version: Number(version),
    createdAt,
    updatedAt: Number(updatedAt),
    definition,
    state: STATES[state] as TaskState,
    cursorAt: Number(cursorAt),
    nextAt: numberOrNull(nextAt),
    segment: decodeSegment(segmentLine, scheduleLine),
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
