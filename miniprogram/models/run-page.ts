/** Everything the run page shows, from what is known. Pure; the language and the time are given. */
import type { LogLine, Run } from '../../shared/run';
import type { Task } from '../../shared/task';
import { capitalised, durationText } from '../lib/format';
import { clockText, dateTimeText } from '../lib/format-time';
import { type Language, translate } from '../lib/i18n';
import { runStateText } from '../lib/run-words';
import { hasEnded } from './known-runs';
import type { RunDetail } from './run-detail';
import { runHint } from './run-hints';
import { runTimeline, type Step } from './run-timeline';
import type { BadgeKind } from './task-card';
import { lateAfterOf } from './task-head';

export interface LogRow {
  key: string;
  time: string;
  level: LogLine['level'];
  text: string;
}

export interface RequestView {
  /** `GET https://…`, or the handler. */
  line: string;
  /** Names of headers, whose values stay hidden; or the handler's input. */
  more: string;
}

export interface RunPageView {
  name: string;
  time: string;
  badge: BadgeKind;
  badgeText: string;
  /** 0 to 100 while it runs and tells; -1: not. */
  progress: number;
  /** How late it started; empty for runs asked for by hand. */
  lateText: string;
  steps: Step[];
  request: RequestView | null;
  /** Pretty JSON; empty: none. */
  answer: string;
  /** Why there is no answer. */
  answerNote: string;
  errorCode: string;
  errorText: string;
  hint: string;
  log: LogRow[];
  live: boolean;
  logNote: string;
  canCancel: boolean;
  canRetry: boolean;
  retryOf: string;
  retryOfText: string;
}

/** Default of `policy.lateAfterMs`, until the task was read. */
const LATE_AFTER_MS = 1_000;

/** Null until the run was read. `task` adds its name and what is asked of the other side; null: not read. */
export function runPage(
  { run, log, cancelling }: RunDetail,
  task: Task | null,
  nowAt: number,
  language: Language,
): RunPageView | null {
  if (run === null) return null;
  const ended = hasEnded(run.state);
  const lateAfterMs = task === null ? LATE_AFTER_MS : lateAfterOf(task);
  return {
    name: task?.name ?? '',
    time: dateTimeText(run.plannedAt, nowAt, language),
    ...badgeOf(run, lateAfterMs, language),
    progress: run.state === 'running' ? (run.progress ?? -1) : -1,
    lateText: lateText(run, language),
    steps: runTimeline(run, lateAfterMs, nowAt, language),
    request: task === null ? null : requestOf(task, language),
    answer: run.result === null ? '' : JSON.stringify(run.result, null, 2),
    answerNote: run.result !== null ? '' : translate(language, ended ? 'run.noAnswer' : 'run.answerWaiting'),
    errorCode: run.error?.code ?? '',
    errorText: run.error?.message ?? '',
    hint: run.error === null ? '' : runHint(run.error.code, language),
    log: logRows(log),
    live: !ended,
    logNote: log.length > 0 ? '' : translate(language, ended ? 'run.noLog' : 'run.logWaiting'),
    canCancel: !ended && run.state !== 'cancelling' && !cancelling,
    canRetry: ended,
    retryOf: run.retryOf ?? '',
    retryOfText: retryOfText(run.retryOf, nowAt, language),
  };
}

function badgeOf(run: Run, lateAfterMs: number, language: Language): { badge: BadgeKind; badgeText: string } {
  const badgeText = capitalised(runStateText(run.state, language));
  if (run.state === 'running' && run.progress !== null) {
    return { badge: 'running', badgeText: translate(language, 'run.progressAt', { progress: run.progress }) };
  }
  if (!hasEnded(run.state)) return { badge: 'running', badgeText };
  if (run.state === 'cancelled') return { badge: 'skipped', badgeText };
  if (run.state !== 'succeeded') return { badge: 'failed', badgeText };
  const late = run.verdict === 'caught_up' || (run.trigger === 'slot' && (run.lateByMs ?? 0) > lateAfterMs);
  return { badge: late ? 'late' : 'ontime', badgeText };
}

function lateText({ trigger, lateByMs, waitedMs }: Run, language: Language): string {
  if (trigger === 'manual' || lateByMs === null) return '';
  const late = translate(language, 'run.lateBy', { length: durationText(lateByMs, language) });
  if (waitedMs === 0) return late;
  return `${late} · ${translate(language, 'run.waitedPart', { length: durationText(waitedMs, language) })}`;
}

/** As the task is set now: runs do not keep their request. Values of headers are hidden by the server. */
function requestOf({ action }: Task, language: Language): RequestView {
  if (action.kind === 'handler') {
    const more = action.input === undefined ? '' : JSON.stringify(action.input, null, 2);
    return { line: translate(language, 'run.handler', { name: action.name }), more };
  }
  const headers = Object.keys(action.headers ?? {}).map((name) => `${name}: ***`);
  const body = action.body === undefined || action.body === null ? [] : [translate(language, 'run.hasBody')];
  return { line: `${action.method ?? 'GET'} ${action.url}`, more: [...headers, ...body].join('\n') };
}

/** Keys that stay with their lines while others come and go: the place of a repeat among lines of one instant. */
function logRows(lines: readonly LogLine[]): LogRow[] {
  const seen = new Map<number, number>();
  return lines.map(({ at, level, text }) => {
    const place = seen.get(at) ?? 0;
    seen.set(at, place + 1);
    return { key: `${at}.${place}`, time: clockText(at), level, text };
  });
}

/** A slot's run carries its instant in its id. */
function retryOfText(retryOf: string | null, nowAt: number, language: Language): string {
  if (retryOf === null) return '';
  const slotAt = /^[^:]+:(\d{1,16})$/.exec(retryOf)?.[1];
  if (slotAt === undefined) return translate(language, 'run.retryOfPlain');
  return translate(language, 'run.retryOf', { time: dateTimeText(Number(slotAt), nowAt, language) });
}
