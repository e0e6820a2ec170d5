/** Records as a move brings them, in the form in which steps keep them: the reverse of the codecs. */
import type { AttemptOutcome, RunTrigger } from '../../../shared/run.ts';
import type { DayRecord, RunLine, Segment, VerdictRecord } from '../records.ts';
import type { RunExport, TaskExport } from '../transfer.ts';
import { encodeName } from './keys.ts';
import type { Arg } from './link.ts';
import { LETTER_OF } from './run-codec.ts';
import {
  encodeDefinition,
  encodeEpisode,
  encodeFingerprint,
  encodeSegment,
  TASK_STATE_LETTER,
} from './task-codec.ts';
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
    encodeFingerprint(fingerprint),
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

/** Arguments of import-runs for one run: its record, in the order of lua/_run-record.lua. */
export function encodeRun({ run, day, attempt, fence, failures, losses }: RunExport): Arg[] {
  const verdict = run.verdict === null ? '-' : VERDICT_LETTER[run.verdict];
  const working = run.attempts.find((one) => one.outcome === null);
  const deadlineAt = (working?.startedAt ?? 0) + run.timeoutMs + DEADLINE_AFTER_MS;
  const isWorking = run.state === 'running' || run.state === 'cancelling';
  const changing = [
    LETTER_OF[run.state],
    0,
    run.endedAt ?? run.retryAt ?? (isWorking ? deadlineAt : '-'),
    LINE_LETTER[run.line] + TRIGGER_LETTER[run.trigger] + verdict,
    run.timeoutMs,
    run.lateAfterMs,
    run.priority,
    day ?? '-',
    run.startedAt ?? '-',
    attempt,
    '-',
    fence,
    failures,
    run.queuedAt ?? '-',
    `${losses},${run.progress ?? '-'},${run.waitedMs}`,
  ];
  const fixed = [run.plannedAt, run.nominalAt, run.createdAt, run.retryOf ?? '-'];
  const attempts = run.attempts.map(encodeAttempt).join('\t');
  return [run.id, [changing.join(' '), fixed.join(' '), attempts, encodeOutcome(run)].join('\n')];
}

function encodeAttempt(one: RunExport['run']['attempts'][number]): string {
  const begun = [one.n, one.fence, encodeName(one.worker), one.startedAt];
  // The running one stands last, without its end.
  if (one.outcome === null) return JSON.stringify(begun).slice(0, -1);
  const row = [...begun, one.endedAt, OUTCOME_LETTER[one.outcome]];
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
