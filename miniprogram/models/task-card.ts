/** What a card says about its task: words, badge, bars. Pure; the language is given, and only `when` depends on the time. */
import { capitalised, countText, durationText, latenessText, remainingText } from '../lib/format';
import { type Language, type StringKey, translate, type Vars } from '../lib/i18n';
import { runStateText, skipReasonText, triggerText, verdictText } from '../lib/run-words';
import { scheduleWords } from '../lib/schedule-words';
import { triggerOf } from './known-runs';
import { isEnded, type LiveSlot, type LiveTask, RECENT_SLOTS } from './live-task';

/** A colour and a shape: dot, half bar, triangle, ring, turning arc. */
export type BadgeKind = 'ontime' | 'late' | 'failed' | 'skipped' | 'running';
/** A bar: none yet, on time, late, failed, skipped or cancelled, waiting, running. */
export type BarCode = 'n' | 'o' | 'l' | 'f' | 's' | 'w' | 'r';

export interface TaskCard {
  name: string;
  badge: BadgeKind;
  badgeText: string;
  /** Beside the countdown: `每 30 秒`. */
  plan: string;
  /** `上次 迟到 3 毫秒`. */
  last: string;
  /** Thirty, oldest first. */
  bars: BarCode[];
  /** 0 to 100 while a run tells it; null: the bars are shown. */
  progress: number | null;
  /** For a screen reader. */
  label: string;
}

/** The countdown with its number apart, which is set in bold: `第 2/3 次 · ` `8 秒` `后`. */
export interface When {
  before: string;
  strong: string;
  after: string;
}

/** A run this long says how long it has taken; below, the countdown stays, so that short runs do not make it flicker. */
const ELAPSED_FROM_MS = 2_000;

/** Everything of a card but its countdown. `nowAt` only tells which year it is. */
export function taskCard(task: LiveTask, nowAt: number, language: Language): TaskCard {
  const say = (key: StringKey, vars?: Vars) => translate(language, key, vars);
  const { badge, badgeText } = badgeOf(task, language);
  const schedule = scheduleWords(task.schedule, nowAt, language);
  const plan = task.state === 'paused' ? say('components.afterResume', { schedule }) : schedule;
  const last = lastText(task, language);
  const bars = barsOf(task.recent);
  const progress = currentRun(task)?.progress ?? null;
  const label = say('components.cardLabel', {
    name: task.name,
    state: badgeText,
    plan,
    last,
    bars: barsText(bars, language),
  });
  return { name: task.name, badge, badgeText, plan, last, bars, progress, label };
}

/** What the card counts down to, or how long its run has taken. */
export function taskWhen(task: LiveTask, nowAt: number, language: Language): When {
  const say = (key: StringKey, vars?: Vars) => translate(language, key, vars);
  const run = currentRun(task);
  if (run?.state === 'retry_wait') {
    const left = (run.retryAt ?? 0) - nowAt;
    const before =
      run.attempt === undefined
        ? runStateText('retry_wait', language)
        : say('components.retry', { n: run.attempt + 1, max: task.maxAttempts });
    if (left <= 0) return plain(before);
    const after = around(language, remainingText(left, language));
    return { ...after, before: `${before} · ${after.before}` };
  }
  if (run !== undefined && run.lateByMs !== null) {
    const elapsed = nowAt - (run.plannedAt + run.lateByMs);
    if (elapsed >= ELAPSED_FROM_MS) {
      const again = (run.attempt ?? 1) > 1 ? `${say('components.attempt', { n: run.attempt ?? 1 })} · ` : '';
      return {
        before: `${again}${say('components.elapsed')} `,
        strong: durationText(elapsed, language),
        after: '',
      };
    }
  }
  if (task.state !== 'active') return plain('');
  if (task.nextFireAt === null) return plain(say('components.noNext'));
  const left = task.nextFireAt - nowAt;
  if (left <= 0) return { before: '', strong: say('format.now'), after: '' };
  return around(language, remainingText(left, language));
}

const plain = (before: string): When => ({ before, strong: '', after: '' });

/** `in` before or `后` after, as the language has it. */
function around(language: Language, strong: string): When {
  const [before = '', after = ''] = translate(language, 'format.inTime', { length: '\n' }).split('\n');
  return { before, strong, after };
}

/** The run to speak of: one that runs, else one that waits to try again. */
function currentRun(task: LiveTask): LiveSlot | undefined {
  const { recent } = task;
  return (
    recent.find(({ state }) => state === 'running' || state === 'cancelling') ??
    recent.find(({ state }) => state === 'retry_wait')
  );
}

function badgeOf(task: LiveTask, language: Language): { badge: BadgeKind; badgeText: string } {
  const of = (badge: BadgeKind, key: StringKey) => ({ badge, badgeText: translate(language, key) });
  const run = currentRun(task);
  if (run !== undefined && run.state !== 'retry_wait') {
    const word = capitalised(runStateText(run.state ?? 'running', language));
    return { badge: 'running', badgeText: run.progress === null ? word : `${word} ${run.progress}%` };
  }
  if (task.state === 'paused') return of('skipped', 'components.paused');
  if (task.health === 'failing') return of('failed', 'components.failing');
  if (run !== undefined)
    return { badge: 'late', badgeText: capitalised(runStateText('retry_wait', language)) };
  if (task.health === 'late') return of('late', 'components.late');
  if (task.state === 'ended') return of('skipped', 'components.ended');
  if (task.health === 'healthy') return of('ontime', 'components.onTime');
  const byHand = task.recent.some(({ state }) => isEnded(state));
  return of('skipped', byHand ? 'components.byHand' : 'components.notYet');
}

function lastText(task: LiveTask, language: Language): string {
  const run = currentRun(task);
  if (run?.state === 'running')
    return run.verdict === null ? askedText(run, language) : latenessText(run.lateByMs, language);
  const slot = task.recent.find(({ verdict, state }) => verdict === 'skipped' || isEnded(state));
  if (slot === undefined) return '';
  return translate(language, 'components.last', { what: whatHappened(slot, language) });
}

function whatHappened(slot: LiveSlot, language: Language): string {
  const words: string[] = [];
  if (slot.verdict === 'skipped') {
    words.push(verdictText('skipped', language));
    if (slot.count > 1) words.push(`× ${countText(slot.count)}`);
    if (slot.reason !== null) words.push(skipReasonText(slot.reason, language));
    return words.join(' · ').replace(' · ×', ' ×');
  }
  if (slot.verdict === null) {
    words.push(askedText(slot, language));
    if (slot.state !== null) words.push(runStateText(slot.state, language));
    return words.filter((word) => word !== '').join(' · ');
  }
  if (slot.verdict === 'caught_up') words.push(verdictText('caught_up', language));
  if (slot.state !== null && slot.state !== 'succeeded') words.push(runStateText(slot.state, language));
  if (slot.lateByMs !== null) words.push(latenessText(slot.lateByMs, language));
  return words.join(' · ');
}

/** `手动`: what a person asked for was planned by nobody, so it cannot be late. */
function askedText({ runId }: LiveSlot, language: Language): string {
  const trigger = runId === null ? null : triggerOf(runId);
  return trigger === null ? '' : triggerText(trigger, language);
}

function barsOf(recent: readonly LiveSlot[]): BarCode[] {
  const bars = recent.slice(0, RECENT_SLOTS).map(barOf).reverse();
  return [...new Array<BarCode>(RECENT_SLOTS - bars.length).fill('n'), ...bars];
}

function barOf({ state, late, verdict }: LiveSlot): BarCode {
  if (state === 'failed' || state === 'timed_out') return 'f';
  if (state === null || state === 'cancelled') return 's';
  if (state === 'running' || state === 'cancelling') return 'r';
  if (state !== 'succeeded') return 'w';
  return (late && verdict !== null) || verdict === 'caught_up' ? 'l' : 'o';
}

/** `最近 30 次：准点 28，迟到 1，失败 1，跳过 0`. */
function barsText(bars: readonly BarCode[], language: Language): string {
  const count = (...codes: BarCode[]) => bars.filter((code) => codes.includes(code)).length;
  return translate(language, 'components.barsLabel', {
    all: bars.length - count('n'),
    onTime: count('o'),
    late: count('l'),
    failed: count('f'),
    skipped: count('s'),
  });
}
