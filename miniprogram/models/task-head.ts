/** The first card of the status page: state, countdown, next fires and what may be done. Pure. */
import type { PreviewAnswer } from '../../shared/api';
import type { Task, TaskState } from '../../shared/task';
import { capitalised, clockCountdown, countdownText, elapsedText } from '../lib/format';
import { dateTimeText, zoneText } from '../lib/format-time';
import { type Language, type StringKey, translate } from '../lib/i18n';
import { runStateText } from '../lib/run-words';
import { scheduleWords } from '../lib/schedule-words';
import { zoneOf } from './days';
import { hasEnded, type KnownRun } from './known-runs';
import type { BadgeKind } from './task-card';
import type { TaskStatus } from './task-status';

export interface TaskHead {
  badge: BadgeKind;
  badgeText: string;
  /** `每 30 秒 · 亚洲/上海`. */
  plan: string;
  /** 0 to 100 while a run tells it; -1: none does. */
  progress: number;
  /** The attempt that runs, or when the next is due; empty: neither. */
  running: string;
  /** `00:12`; empty: nothing is due. */
  countdown: string;
  /** `下一次 …`, or why there is none. */
  next: string;
  canPause: boolean;
  canResume: boolean;
}

/** Default of `policy.lateAfterMs` (shared/task.ts). */
const LATE_AFTER_MS = 1_000;
/** A slot's run is told of from here on: a badge that flashes at every short run says less than one that stands. */
const TELL_AFTER_MS = 1_000;

export const lateAfterOf = (task: Task): number => task.policy.lateAfterMs ?? LATE_AFTER_MS;

/** The zone in which a task's instants are shown: its own where it names one, else the phone's (undefined). */
export function shownZone(task: Task): string | undefined {
  return task.schedule.kind === 'cron' ? zoneOf(task.schedule) : undefined;
}

/** `preview` is null until it was read. */
export function taskHead(
  status: TaskStatus,
  preview: PreviewAnswer | null,
  nowAt: number,
  language: Language,
): TaskHead | null {
  const { task } = status;
  if (task === null) return null;
  const state = status.wished ?? task.state;
  const current = currentRun(status.runs);
  const run = current !== null && isTold(current, nowAt) ? current : null;
  const fires = state === 'active' ? upcoming(task, preview, nowAt) : [];
  return {
    ...badgeOf(status, task, state, run, language),
    plan: planText(task, nowAt, language),
    progress: run?.progress ?? -1,
    running: runningText(run, nowAt, language),
    countdown: fires[0] === undefined ? '' : clockCountdown(fires[0] - nowAt, language),
    next: nextText(task, state, fires, preview, nowAt, language),
    canPause: state === 'active',
    canResume: state === 'paused',
  };
}

/**
 * Slots that are still ahead, soonest first. What was previewed goes on where a decided slot named no next one, but for a
 * schedule with `maxSlots`: how many are used up only the task knows.
 */
export function upcoming(task: Task, preview: PreviewAnswer | null, nowAt: number): number[] {
  const bounded = typeof task.schedule.maxSlots === 'number';
  const previewed = bounded ? [] : (preview?.fires.map(({ plannedAt }) => plannedAt) ?? []);
  const all = task.nextFireAt === null ? previewed : [task.nextFireAt, ...previewed];
  const ahead = all.filter((at) => at > nowAt && at > task.decidedThroughAt);
  return [...new Set(ahead)].sort((a, b) => a - b);
}

/** A run somebody asked for is told of at once; a slot's when it takes its time. */
function isTold({ trigger, progress, startedAt, plannedAt }: KnownRun, nowAt: number): boolean {
  if (trigger !== 'slot' || progress !== null) return true;
  const sinceAt = startedAt ?? plannedAt;
  return sinceAt !== null && nowAt - sinceAt >= TELL_AFTER_MS;
}

/** The newest run that has not ended: one that runs before one that waits. */
export function currentRun(runs: readonly KnownRun[]): KnownRun | null {
  const open = runs.filter(({ state }) => !hasEnded(state));
  return open.find(({ state }) => state === 'running' || state === 'cancelling') ?? open[0] ?? null;
}

function badgeOf(
  { asked, runs }: TaskStatus,
  task: Task,
  state: TaskState,
  run: KnownRun | null,
  language: Language,
): { badge: BadgeKind; badgeText: string } {
  const say = (badge: BadgeKind, key: StringKey) => ({ badge, badgeText: translate(language, key) });
  if (run?.state === 'running' && run.progress !== null) {
    const badgeText = translate(language, 'task.stateProgress', { progress: run.progress });
    return { badge: 'running', badgeText };
  }
  const active = run?.state ?? (asked ? 'queued' : null);
  if (active !== null) return { badge: 'running', badgeText: capitalised(runStateText(active, language)) };
  if (state === 'paused') return say('skipped', 'task.statePaused');
  if (state === 'ended') return say('skipped', 'task.stateEnded');
  if (task.health === 'failing') return say('failed', 'task.stateFailing');
  if (task.health === 'late') return say('late', 'task.stateLate');
  if (task.health === 'healthy') return say('ontime', 'task.stateHealthy');
  const byHand = runs.some((known) => hasEnded(known.state));
  return say('skipped', byHand ? 'task.stateByHand' : 'task.stateUnknown');
}

/** In short; the schedule's own card has the server's full words. */
function planText({ schedule }: Task, nowAt: number, language: Language): string {
  const short = scheduleWords(schedule, nowAt, language);
  return schedule.kind === 'cron' ? `${short} · ${zoneText(zoneOf(schedule), language)}` : short;
}

function runningText(run: KnownRun | null, nowAt: number, language: Language): string {
  if (run === null) return '';
  if (run.state === 'retry_wait' && run.retryAt !== null) {
    return translate(language, 'task.retryIn', { length: countdownText(run.retryAt - nowAt, language) });
  }
  if (run.state !== 'running' || run.startedAt === null) return '';
  const length = elapsedText(nowAt - run.startedAt, language);
  return translate(language, 'task.sinceStart', { attempt: run.attempt ?? 1, length });
}

function nextText(
  task: Task,
  state: TaskState,
  fires: readonly number[],
  preview: PreviewAnswer | null,
  nowAt: number,
  language: Language,
): string {
  if (state === 'paused') return translate(language, 'task.pausedNote');
  if (state === 'ended') return translate(language, 'task.endedNote');
  const [nextAt] = fires;
  if (nextAt !== undefined) {
    const next = dateTimeText(nextAt, nowAt, language, shownZone(task));
    return translate(language, 'task.nextFire', { next });
  }
  if (task.nextFireAt !== null) return translate(language, 'task.nextSoon');
  return preview !== null && preview.fires.length === 0 ? translate(language, 'task.neverNote') : '';
}
