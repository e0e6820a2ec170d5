/** A run's record as kept (lua/_run-record.lua names its fields) and as the contract has it. */
import type { Attempt, AttemptOutcome, RunError, RunState, RunTrigger } from '../../../shared/run.ts';
import type { JsonValue } from '../../../shared/task.ts';
import { taskIdOfRun } from '../ids.ts';
import type { ClaimedRun, RunLine, RunRecord } from '../records.ts';
import { decodeName } from './keys.ts';
import { parseDefinition } from './task-codec.ts';

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

/** The fixed line: what is known of a run from its creation on. */
function parseFixed(line: string) {
  const [kind, plannedAt, timeoutMs, lateAfterMs, priority, , nominalAt, createdAt, retryOf] = line.split(
    ' ',
  ) as [string, string, string, string, string, string, string, string, string];
  return {
    line: LINES[kind[0] as string] as RunLine,
    trigger: TRIGGERS[kind[1] as string] as RunTrigger,
    verdict: VERDICTS[kind[2] as string] ?? null,
    plannedAt: Number(plannedAt),
    timeoutMs: Number(timeoutMs),
    lateAfterMs: Number(lateAfterMs),
    priority: Number(priority),
    nominalAt: Number(nominalAt),
    createdAt: Number(createdAt),
    retryOf: retryOf === '-' ? null : retryOf,
  };
}

/** In the order of lua/_run-record.lua. */
type ChangingFields = [string, string, string, string, string, string, string, string, string, string];

export function decodeRun(id: string, ownerId: string, text: string): RunRecord {
  const [changing, fixedLine, attemptLine, outcome] = text.split('\n') as [string, string, string, string];
  const fields = changing.split(' ') as ChangingFields;
  const [letter, , until, , , , , firstAt, queuedAt, rest] = fields;
  const [, progress, waitedMs] = rest.split(',') as [string, string, string];
  const state = STATE_OF[letter] as RunState;
  const fixed = parseFixed(fixedLine);
  const attempts = parseAttempts(attemptLine).map(
    ([n, fence, worker, startedAt, endedAt = null, outcome, error = null]): Attempt => ({
      n,
      fence,
      worker: decodeName(worker),
      startedAt,
      endedAt,
      outcome: outcome === undefined ? null : (OUTCOMES[outcome] as AttemptOutcome),
      error,
    }),
  );
  const [result = '', error = ''] = outcome.split('\t');
  const first = numberOrNull(firstAt);
  return {
    id,
    taskId: taskIdOfRun(id),
    ownerId,
    ...fixed,
    state,
    lateByMs: first === null ? null : first - fixed.plannedAt,
    waitedMs: Number(waitedMs),
    queuedAt: numberOrNull(queuedAt),
    retryAt: state === 'retry_wait' ? Number(until) : null,
    startedAt: first,
    endedAt: 'sftx'.includes(letter) ? Number(until) : null,
    progress: numberOrNull(progress),
    result: result === '' ? null : (JSON.parse(result) as JsonValue),
    error: error === '' ? null : (JSON.parse(error) as RunError),
    attempts,
  };
}

/** Ended attempts, and the running one, whose text is open at its end. */
function parseAttempts(line: string): AttemptRow[] {
  const end = line === '' || line.endsWith(']') ? ']' : ']]';
  return JSON.parse(`[${line.replaceAll('\t', ',')}${end}`) as AttemptRow[];
}

/** Values that a claim answers for each run. */
const CLAIM_VALUES = 3;

/** `values`: id, record, and the task's definition where the run is the first of its task. */
export function decodeClaimed(values: string[], token: string): ClaimedRun[] {
  const runs: ClaimedRun[] = [];
  const definitions = new Map<string, string>();
  for (let at = 0; at < values.length; at += CLAIM_VALUES) {
    const [runId, text, definitionText] = values.slice(at, at + CLAIM_VALUES) as [string, string, string];
    const taskId = taskIdOfRun(runId);
    if (definitionText !== '') definitions.set(taskId, definitionText);
    const [changing, fixedLine, attemptLine] = text.split('\n') as [string, string, string];
    const [, , deadlineAt, , fence, attempt, failures, firstAt] = changing.split(' ').map(Number) as number[];
    const { trigger, plannedAt, nominalAt, timeoutMs } = parseFixed(fixedLine);
    // Each run gets a definition of its own: what an action does to its copy stays with it.
    const { ownerId, definition } = parseDefinition(definitions.get(taskId) as string);
    runs.push({
      runId,
      taskId,
      ownerId,
      trigger,
      plannedAt,
      nominalAt,
      attempt: attempt as number,
      failures: failures as number,
      fence: fence as number,
      token,
      startedAt: Number(attemptLine.slice(attemptLine.lastIndexOf(',') + 1)),
      lateByMs: (firstAt as number) - plannedAt,
      timeoutMs,
      deadlineAt: deadlineAt as number,
      definition,
    });
  }
  return runs;
}
