/** A run's record as kept (lua/_run-record.lua names its fields) and as the contract has it. */
import type { Attempt, AttemptOutcome, RunError, RunState, RunTrigger } from '../../../shared/run.ts';
import type { JsonValue } from '../../../shared/task.ts';
import { taskIdOfRun } from '../ids.ts';
import type { ClaimedRun, RunLine, RunRecord } from '../records.ts';
import { decodeName } from './keys.ts';
import { prepareDefinition } from './task-codec.ts';

export const STATE_OF: Record<string, RunState> = {
  h: 'held',
  q: 'queued',
  r: 'running',
  w: 'retry_wait',
  c: 'cancelling',
  s: 'succeeded',
  f: 'failed',
  t: 'timed_out',
  x: 'cancelled',
};

export const LETTER_OF = Object.fromEntries(
  Object.entries(STATE_OF).map(([letter, state]) => [state, letter]),
) as Record<RunState, string>;

const OUTCOMES: Record<string, AttemptOutcome> = {
  s: 'succeeded',
  f: 'failed',
  t: 'timed_out',
  x: 'cancelled',
  l: 'lost',
  r: 'released',
};
const LINES: Record<string, RunLine> = { s: 'slot', l: 'late', f: 'free' };
const TRIGGERS: Record<string, RunTrigger> = { s: 'slot', m: 'manual', b: 'backfill' };
const VERDICTS: Record<string, 'fired' | 'caught_up'> = { f: 'fired', c: 'caught_up' };

/** The last two or three are not there yet while the attempt runs. */
type AttemptRow = [number, number, string, number, number?, string?, RunError?];

const numberOrNull = (text: string): number | null => (text === '-' ? null : Number(text));

/** First line of a record, in the order of lua/_run-record.lua. */
type ChangingFields = [
  state: string,
  seq: string,
  until: string,
  kind: string,
  timeoutMs: string,
  lateAfterMs: string,
  priority: string,
  day: string,
  firstAt: string,
  attempt: string,
  token: string,
  fence: string,
  failures: string,
  queuedAt: string,
  rest: string,
];

/** What its four lines say as they stand. */
function parseRecord(text: string) {
  const [changing, fixed, attemptLine, outcome] = text.split('\n') as [string, string, string, string];
  const [
    letter,
    ,
    until,
    kind,
    timeoutMs,
    lateAfterMs,
    priority,
    ,
    firstAt,
    attempt,
    ,
    fence,
    failures,
    queuedAt,
    rest,
  ] = changing.split(' ') as ChangingFields;
  const [plannedAt, nominalAt, createdAt, retryOf] = fixed.split(' ') as [string, string, string, string];
  return {
    letter,
    until,
    attempt,
    fence,
    failures,
    rest,
    attemptLine,
    outcome,
    startedAt: numberOrNull(firstAt),
    queuedAt: numberOrNull(queuedAt),
    line: LINES[kind[0] as string] as RunLine,
    trigger: TRIGGERS[kind[1] as string] as RunTrigger,
    verdict: VERDICTS[kind[2] as string] ?? null,
    plannedAt: Number(plannedAt),
    nominalAt: Number(nominalAt),
    createdAt: Number(createdAt),
    retryOf: retryOf === '-' ? null : retryOf,
    timeoutMs: Number(timeoutMs),
    lateAfterMs: Number(lateAfterMs),
    priority: Number(priority),
  };
}

export function decodeRun(id: string, ownerId: string, text: string): RunRecord {
  const { letter, until, rest, attemptLine, outcome, startedAt, plannedAt, ...parsed } = parseRecord(text);
  const [, progress, waitedMs] = rest.split(',') as [string, string, string];
  const [result = '', error = ''] = outcome.split('\t');
  const state = STATE_OF[letter] as RunState;
  return {
    id,
    taskId: taskIdOfRun(id),
    ownerId,
    line: parsed.line,
    trigger: parsed.trigger,
    verdict: parsed.verdict,
    plannedAt,
    timeoutMs: parsed.timeoutMs,
    lateAfterMs: parsed.lateAfterMs,
    priority: parsed.priority,
    nominalAt: parsed.nominalAt,
    createdAt: parsed.createdAt,
    retryOf: parsed.retryOf,
    state,
    lateByMs: startedAt === null ? null : startedAt - plannedAt,
    waitedMs: Number(waitedMs),
    queuedAt: parsed.queuedAt,
    retryAt: state === 'retry_wait' ? Number(until) : null,
    startedAt,
    endedAt: 'sftx'.includes(letter) ? Number(until) : null,
    progress: numberOrNull(progress),
    result: result === '' ? null : (JSON.parse(result) as JsonValue),
    error: error === '' ? null : (JSON.parse(error) as RunError),
    attempts: parseAttempts(attemptLine).map(toAttempt),
  };
}

function toAttempt([n, fence, worker, startedAt, endedAt, outcome, error]: AttemptRow): Attempt {
  return {
    n,
    fence,
    worker: decodeName(worker),
    startedAt,
    endedAt: endedAt ?? null,
    outcome: outcome === undefined ? null : (OUTCOMES[outcome] as AttemptOutcome),
    error: error ?? null,
  };
}

/** Ended attempts, and the running one, whose text is open at its end. */
function parseAttempts(line: string): AttemptRow[] {
  const end = line === '' || line.endsWith(']') ? ']' : ']]';
  return JSON.parse(`[${line.replaceAll('\t', ',')}${end}`) as AttemptRow[];
}

/** Values that a claim answers for each run. */
const CLAIM_VALUES = 3;

/**
 * `values`: id, record, and the task's definition where the run is the first of its task. What cannot be read is left out:
 * it must not take the others of its answer along. Its lease ends, its third loss ends it, and the watchman names the record.
 */
export function decodeClaimed(values: string[], token: string): ClaimedRun[] {
  const runs: ClaimedRun[] = [];
  const tasks = new Map<string, ReturnType<typeof prepareDefinition>>();
  for (let at = 0; at < values.length; at += CLAIM_VALUES) {
    try {
      const runId = values[at] as string;
      const definitionText = values[at + 2] as string;
      const taskId = taskIdOfRun(runId);
      if (definitionText !== '') tasks.set(taskId, prepareDefinition(definitionText));
      const task = tasks.get(taskId) as ReturnType<typeof prepareDefinition>;
      const record = parseRecord(values[at + 1] as string);
      const { plannedAt, timeoutMs, attemptLine } = record;
      runs.push({
        runId,
        taskId,
        ownerId: task.ownerId,
        trigger: record.trigger,
        plannedAt,
        nominalAt: record.nominalAt,
        attempt: Number(record.attempt),
        failures: Number(record.failures),
        fence: Number(record.fence),
        token,
        startedAt: Number(attemptLine.slice(attemptLine.lastIndexOf(',') + 1)),
        lateByMs: (record.startedAt as number) - plannedAt,
        timeoutMs,
        deadlineAt: Number(record.until),
        // Of its own: what an action does to its copy stays with it.
        definition: task.parse(),
      });
    } catch {}
  }
  return runs;
}
