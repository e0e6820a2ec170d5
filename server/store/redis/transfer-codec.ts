/** Records as a move brings them, in the form in which steps keep them: the reverse of the codecs. */
import type { AttemptOutcome, RunTrigger } from '../../../shared/run.ts';
import type { DayRecord, RunLine, Segment, VerdictRecord } from '../records.ts';
import type { RunExport, TaskExport } from '../transfer.ts';
import { encodeName } from './keys.ts';
import type { Arg } from './link.ts';
import { LETTER_OF } from './run-codec.ts';
import { encodeDefinition, encodeEpisode, encodeSegment, TASK_STATE_LETTER } from './task-codec.ts';
import { REASON_LETTER } from './verdict-codec.ts';

const LINE_LETTER: Record<RunLine, string> = { slot: 's', late: 'l', free: 'f' };
const TRIGGER_LETTER: Record<RunTrigger, string> = { slot: 's', manual: 'm', backfill: 'b' };
const VERDICT_LETTER = { fired: 'f', caught_up: 'c' } as const;
const OUTCOME_LETTER: Record<AttemptOutcome, string> = {
  succeeded: 's',
  failed: 'f',
  timed_out: 't',
  cancelled: 'x',
  lost: 'l',
  released: 'r',
};
/** A running attempt's deadline lies so far behind its timeout. */
const DEADLINE_AFTER_MS = 15_000;

/** Arguments of import-task. */
export function encodeTask(
  { task, fingerprint, pauseAfterFailures }: TaskExport,
  closed: readonly Segment[],
): Arg[] {
  const { closing } = task;
  return [
    task.id,
    encodeName(task.ownerId),
    encodeSegment(task.segment, task.definition),
    encodeName(fingerprint),
    encodeDefinition(task.definition),
    task.createdAt,
    TASK_STATE_LETTER[task.state],
    closing === null ? '-' : `${closing.reason === 'ended' ? 'e' : 'p'},${closing.at}`,
    task.failures,
    task.lastEnded === null ? '-' : LETTER_OF[task.lastEnded],
    task.lastLate ? 1 : 0,
    pauseAfterFailures ?? '-',
    task.version,
    task.cursorAt,
    task.nextAt ?? '-',
    task.segmentSlots,
    encodeEpisode(task.episode),
    task.foldedThroughAt,
    task.updatedAt,
    ...closed.map((segment) => encodeSegment(segment, undefined)),
  ];
}

/** Arguments of import-runs for one run. */
export function encodeRun({ run, day, attempt, fence, failures, losses }: RunExport): Arg[] {
  const line = LINE_LETTER[run.line];
  const trigger = TRIGGER_LETTER[run.trigger];
  const verdict = run.verdict === null ? '-' : VERDICT_LETTER[run.verdict];
  const ended = run.attempts.filter((one) => one.outcome !== null);
  const working = run.attempts.find((one) => one.outcome === null);
  const deadlineAt = (working?.startedAt ?? 0) + run.timeoutMs + DEADLINE_AFTER_MS;
  const isWorking = run.state === 'running' || run.state === 'cancelling';
  return [
    run.id,
    line,
    trigger,
    LETTER_OF[run.state],
    fence,
    attempt,
    failures,
    run.startedAt ?? '-',
    run.endedAt ?? run.retryAt ?? (isWorking ? deadlineAt : '-'),
    working === undefined ? '-' : `"${encodeName(working.worker)}",${working.startedAt}`,
    run.queuedAt ?? '-',
    `${losses},${run.progress ?? '-'},${run.waitedMs}`,
    [
      line + trigger + verdict,
      run.plannedAt,
      run.timeoutMs,
      run.lateAfterMs,
      run.priority,
      day ?? '-',
      run.nominalAt,
      run.createdAt,
      run.retryOf ?? '-',
    ].join(' '),
    ended.map(encodeAttempt).join('\t'),
    encodeOutcome(run),
  ];
}

function encodeAttempt(one: RunExport['run']['attempts'][number]): string {
  const outcome = OUTCOME_LETTER[one.outcome as AttemptOutcome];
  const row = [one.n, one.fence, encodeName(one.worker), one.startedAt, one.endedAt, outcome];
  return JSON.stringify(one.error === null ? row : [...row, one.error]);
}

function encodeOutcome({ result, error }: RunExport['run']): string {
  if (result === null && error === null) return '';
  const text = (value: unknown) => (value === null ? '' : JSON.stringify(value));
  return `${text(result)}\t${text(error)}`;
}

/** Without the day that only the newest record needs: the next skip begins a record of its own. */
export function encodeVerdict({ plannedAt, toAt, count, verdict, reason }: VerdictRecord): string {
  if (reason !== null) return `S${plannedAt},${toAt},${count},${REASON_LETTER[reason]},-`;
  return verdict === 'caught_up' ? `-${plannedAt}` : String(plannedAt);
}

/**
 * Fields of the counter hash and their values. It keeps how many ended how in each bucket of lateness, a record only both
 * sums; any split with these sums reads the same, so the ends are dealt out one bucket after the other.
 */
export function encodeDay(record: DayRecord): Record<string, number> {
  const fields: Record<string, number> = {};
  const put = (name: string, n: number) => {
    if (n > 0) fields[record.day + name] = n;
  };
  put('f', record.fired);
  put('c', record.caughtUp);
  for (const [reason, n] of Object.entries(record.skipped)) {
    put(`k${REASON_LETTER[reason as keyof typeof REASON_LETTER]}`, n);
  }
  const ends = [
    { letter: 's', left: record.succeeded },
    { letter: 'f', left: record.failed },
    { letter: 'x', left: record.cancelled },
  ];
  const deal = (place: string, count: number) => {
    for (const end of ends) {
      const n = Math.min(end.left, count);
      put(`h${place}${end.letter}`, n);
      end.left -= n;
      count -= n;
    }
  };
  for (const [bucket, n] of record.onTime.entries()) deal(`${bucket}o`, n);
  for (const [bucket, n] of record.late.entries()) deal(`${bucket}l`, n);
  deal('x', Number.MAX_SAFE_INTEGER);
  return fields;
}
