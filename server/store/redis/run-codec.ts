/** A run's record as kept (lua/_run-record.lua names its fields) and as the contract has it. */
import type { Attempt, AttemptOutcome, RunError, RunState, RunTrigger } from '../../../shared/run.ts';
import type { JsonValue, TaskDefinition } from '../../../shared/task.ts';
import { taskIdOfRun } from '../ids.ts';
import { ATTEMPTS_KEPT } from '../limits.ts';
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

type AttemptRow = [number, number, string, number, number, string, RunError?];

const numberOrNull = (text: string): number | null => (text === '-' ? null : Number(text));

/** `"worker",startedAt` of the running attempt. */
function parseWork(text: string): { worker: string; startedAt: number } {
  const end = text.lastIndexOf('"');
  return { worker: decodeName(text.slice(1, end)), startedAt: Number(text.slice(end + 2)) };
}

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

export function decodeRun(id: string, ownerId: string, text: string): RunRecord {
  const [changing, fixedLine, attemptLine, outcome] = text.split('\n') as [string, string, string, string];
  const fields = changing.split(' ') as [
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
  const [letter, , fence, n, , , firstAt, until, work = '-', queuedAt = '-', rest = '0,-,0'] = fields;
  const [, progress = '-', waitedMs] = rest.split(',');
  const state = STATE_OF[letter] as RunState;
  const fixed = parseFixed(fixedLine);
  const rows = JSON.parse(`[${attemptLine.replaceAll('\t', ',')}]`) as AttemptRow[];
  const attempts: Attempt[] = rows.map(([n, fence, worker, startedAt, endedAt, outcome, error]) => ({
    n,
    fence,
    worker: decodeName(worker),
    startedAt,
    endedAt,
    outcome: OUTCOMES[outcome] as AttemptOutcome,
    error: error ?? null,
  }));
  if (work !== '-') {
    const { worker, startedAt } = parseWork(work);
    attempts.push({
      n: Number(n),
      fence: Number(fence),
      worker,
      startedAt,
      endedAt: null,
      outcome: null,
      error: null,
    });
  }
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
    attempts: attempts.slice(-ATTEMPTS_KEPT),
  };
}

/** Values that a claim answers for each run. */
const CLAIM_VALUES = 8;

export function decodeClaimed(values: (string | number)[], token: string): ClaimedRun[] {
  const runs: ClaimedRun[] = [];
  for (let at = 0; at < values.length; at += CLAIM_VALUES) {
    const runId = values[at] as string;
    const fixed = parseFixed(values[at + 6] as string);
    const { startedAt } = parseWork(values[at + 4] as string);
    const { ownerId, definition } = parseClaimedTask(values[at + 7] as string);
    runs.push({
      runId,
      taskId: taskIdOfRun(runId),
      ownerId,
      trigger: fixed.trigger,
      plannedAt: fixed.plannedAt,
      nominalAt: fixed.nominalAt,
      attempt: Number(values[at + 1]),
      failures: Number(values[at + 2]),
      fence: Number(values[at + 3]),
      token,
      startedAt,
      lateByMs: Number(values[at + 5]) - fixed.plannedAt,
      timeoutMs: fixed.timeoutMs,
      deadlineAt: startedAt + fixed.timeoutMs + 15_000,
      definition,
    });
  }
  return runs;
}

// Each run gets a definition of its own: what an action does to its copy stays with it.
function parseClaimedTask(text: string): { ownerId: string; definition: TaskDefinition } {
  const { ownerId, definition } = parseDefinition(text);
  return { ownerId, definition };
}
