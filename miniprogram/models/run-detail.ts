/**
 * What the run page knows of one run: a reducer over the snapshot, readings and live frames. An end is for good, a repeat
 * changes nothing; events are short, so after one that matters the run is to be read again. Pure.
 */
import type { EventPayload } from '../../shared/realtime';
import type { LogLine, Run } from '../../shared/run';
import { hasEnded, stateAfter } from './known-runs';

export interface RunDetail {
  run: Run | null;
  log: LogLine[];
  /** The log was read after the end: nothing is added any more. */
  logSettled: boolean;
  /** A cancel was tapped and not yet answered. */
  cancelling: boolean;
  gone: boolean;
}

export type RunInput =
  | { kind: 'run'; run: Run }
  | { kind: 'snapshot'; run: Run; log: readonly LogLine[] }
  | { kind: 'event'; type: string; payload: EventPayload }
  | { kind: 'progress'; progress: number }
  | { kind: 'lines'; lines: readonly LogLine[] }
  | { kind: 'log'; lines: readonly LogLine[] }
  | { kind: 'cancelling'; on: boolean }
  | { kind: 'gone' };

export interface RunReduced {
  detail: RunDetail;
  wants: ('run' | 'log')[];
}

/** Lines shown; a run's log is cut at 1,000 on the server, and a phone's view does not need them all. */
export const MOST_LINES = 400;

export const NO_RUN: RunDetail = { run: null, log: [], logSettled: false, cancelling: false, gone: false };

/** The run after one input, and what has to be read again because of it. */
export function reduceRun(detail: RunDetail, input: RunInput): RunReduced {
  switch (input.kind) {
    case 'run':
      return runRead(detail, input.run);
    case 'snapshot': {
      const log = detail.logSettled ? detail.log : newestLines(input.log);
      const { detail: read } = runRead({ ...detail, log }, input.run);
      // The snapshot's log is read with the end that it shows.
      return same({ ...read, logSettled: detail.logSettled || hasEnded(input.run.state) });
    }
    case 'event':
      return reduceEvent(detail, input.type, input.payload);
    case 'progress': {
      const { run } = detail;
      if (run === null || hasEnded(run.state) || run.progress === input.progress) return same(detail);
      return same({ ...detail, run: { ...run, progress: input.progress } });
    }
    case 'lines':
      return detail.logSettled ? same(detail) : same({ ...detail, log: joinLines(detail.log, input.lines) });
    case 'log': {
      const logSettled = detail.run !== null && hasEnded(detail.run.state);
      const log = logSettled ? newestLines(input.lines) : joinLines(input.lines, detail.log);
      return same({ ...detail, log, logSettled });
    }
    case 'cancelling':
      return same({ ...detail, cancelling: input.on });
    case 'gone':
      return same({ ...detail, gone: true });
  }
}

/**
 * A reading that was under way while the run ended must not bring it back to life. The log is read after the reading
 * that shows the end: by then its last lines are kept.
 */
function runRead(detail: RunDetail, run: Run): RunReduced {
  const known = detail.run;
  if (known !== null && hasEnded(known.state) && !hasEnded(run.state)) return same(detail);
  const progress = hasEnded(run.state) ? run.progress : (run.progress ?? known?.progress ?? null);
  const cancelling = detail.cancelling && !hasEnded(run.state);
  const wants: RunReduced['wants'] = hasEnded(run.state) && !detail.logSettled ? ['log'] : [];
  return { detail: { ...detail, run: { ...run, progress }, cancelling }, wants };
}

function reduceEvent(detail: RunDetail, type: string, payload: EventPayload): RunReduced {
  if (type === 'task.deleted') return same({ ...detail, gone: true });
  const state = stateAfter(type, payload);
  if (state === undefined) return same(detail);
  const { run } = detail;
  // Nothing was read yet: the event may say that there is more than a reading under way will tell.
  if (run === null) return { detail, wants: ['run'] };
  if (hasEnded(run.state)) return same(detail);
  const { at, lateByMs, retryAt } = payload;
  const ended = hasEnded(state);
  const moved: Run = {
    ...run,
    state,
    retryAt: retryAt ?? null,
    lateByMs: lateByMs ?? run.lateByMs,
    queuedAt: type === 'run.queued' ? at : run.queuedAt,
    startedAt: type === 'run.started' ? (run.startedAt ?? at) : run.startedAt,
    endedAt: ended ? at : null,
    progress: type === 'run.started' ? null : run.progress,
  };
  const told = { ...detail, run: moved, cancelling: detail.cancelling && !ended };
  return { detail: told, wants: ['run'] };
}

/**
 * Lines that came after what is known. Live lines may repeat the end of a snapshot (both are sent best effort): the
 * longest end of `known` that begins `more` is taken once.
 */
export function joinLines(known: readonly LogLine[], more: readonly LogLine[]): LogLine[] {
  const most = Math.min(known.length, more.length);
  let shared = most;
  while (shared > 0 && !repeats(known, more, shared)) shared -= 1;
  return newestLines([...known, ...more.slice(shared)]);
}

function repeats(known: readonly LogLine[], more: readonly LogLine[], count: number): boolean {
  const start = known.length - count;
  return more.slice(0, count).every((line, index) => sameLine(line, known[start + index]));
}

const sameLine = (a: LogLine, b: LogLine | undefined) =>
  b !== undefined && a.at === b.at && a.attempt === b.attempt && a.level === b.level && a.text === b.text;

const newestLines = (lines: readonly LogLine[]) => lines.slice(-MOST_LINES);

const same = (detail: RunDetail): RunReduced => ({ detail, wants: [] });
