/** What became of a run, step by step, in words. Pure. */
import type { Attempt, AttemptOutcome, Run } from '../../shared/run';
import { countdownText, durationText, elapsedText } from '../lib/format';
import { exactTimeText } from '../lib/format-time';
import { type Language, type StringKey, translate, type Vars } from '../lib/i18n';
import { hasEnded } from './known-runs';
import type { BadgeKind } from './task-card';

export interface Step {
  key: string;
  /** Empty for what lies between two instants. */
  time: string;
  title: string;
  /** Empty: nothing to add. */
  note: string;
  /** `plain`: neither good nor bad. */
  kind: BadgeKind | 'plain';
}

const OUTCOMES: Record<AttemptOutcome, { key: StringKey; kind: Step['kind'] }> = {
  succeeded: { key: 'run.attemptSucceeded', kind: 'ontime' },
  failed: { key: 'run.attemptFailed', kind: 'failed' },
  timed_out: { key: 'run.attemptTimedOut', kind: 'failed' },
  cancelled: { key: 'run.attemptCancelled', kind: 'skipped' },
  lost: { key: 'run.attemptLost', kind: 'late' },
  released: { key: 'run.attemptReleased', kind: 'plain' },
};

/** Steps in the order they happened; the last one tells what is going on now. */
export function runTimeline(run: Run, lateAfterMs: number, nowAt: number, language: Language): Step[] {
  const say = (key: StringKey, vars?: Vars) => translate(language, key, vars);
  const long = (ms: number) => durationText(ms, language);
  const when = (at: number) => exactTimeText(at, nowAt, language);
  const steps: Step[] = [...nominalStep(run, when, say, long), plannedStep(run, when, say, long)];
  const [first] = run.attempts;
  const firstAt = first?.startedAt ?? run.startedAt;
  if (run.queuedAt !== null && first === undefined) {
    steps.push({
      key: 'queued',
      time: when(run.queuedAt),
      title: say('run.queued'),
      note: '',
      kind: 'plain',
    });
  }
  run.attempts.forEach((attempt, index) => {
    const before = run.attempts[index - 1];
    if (before?.endedAt != null) {
      const length = long(Math.max(0, attempt.startedAt - before.endedAt));
      steps.push({
        key: `wait${attempt.fence}`,
        time: '',
        title: say('run.retryWait', { length }),
        note: '',
        kind: 'plain',
      });
    }
    steps.push(...attemptSteps(attempt));
  });
  if (run.state === 'retry_wait' && run.retryAt !== null) {
    const length = countdownText(run.retryAt - nowAt, language);
    steps.push({
      key: 'retryAt',
      time: when(run.retryAt),
      title: say('run.retryAt', { length }),
      note: '',
      kind: 'running',
    });
  }
  if (run.endedAt !== null && hasEnded(run.state)) {
    const note = firstAt === null ? '' : say('run.tookInAll', { length: long(run.endedAt - firstAt) });
    const title = firstAt === null ? say('run.cancelledBefore') : say('run.ended');
    steps.push({ key: 'ended', time: when(run.endedAt), title, note, kind: 'plain' });
  }
  return steps;

  function attemptSteps(attempt: Attempt): Step[] {
    const { n, fence, worker, startedAt, endedAt, outcome, error } = attempt;
    const late = n === 1 && run.attempts[0] === attempt && run.trigger !== 'manual' ? run.lateByMs : null;
    const begun: Step = {
      key: `start${fence}`,
      time: when(startedAt),
      title: say('run.attemptStarted', { n }),
      note:
        late === null ? say('run.worker', { worker }) : say('run.startedLate', { worker, late: long(late) }),
      kind: late === null ? 'plain' : late > lateAfterMs ? 'late' : 'ontime',
    };
    if (endedAt === null || outcome === null) {
      const length = elapsedText(nowAt - startedAt, language);
      const title = say('run.attemptRunning');
      return [
        begun,
        { key: `end${fence}`, time: '', title, note: say('run.soFar', { length }), kind: 'running' },
      ];
    }
    const took = say('run.took', { length: long(endedAt - startedAt) });
    const note = error === null ? took : `${took} · ${error.code}`;
    const { key, kind } = OUTCOMES[outcome];
    return [begun, { key: `end${fence}`, time: when(endedAt), title: say(key), note, kind }];
  }
}

/** Where the slot was spread: when it would have been without. */
function nominalStep(
  { nominalAt, plannedAt }: Run,
  when: (at: number) => string,
  say: (key: StringKey, vars?: Vars) => string,
  long: (ms: number) => string,
): Step[] {
  if (nominalAt === plannedAt) return [];
  const note = say('schedule.spread', { length: long(plannedAt - nominalAt) });
  return [{ key: 'nominal', time: when(nominalAt), title: say('schedule.nominalTime'), note, kind: 'plain' }];
}

function plannedStep(
  run: Run,
  when: (at: number) => string,
  say: (key: StringKey, vars?: Vars) => string,
  long: (ms: number) => string,
): Step {
  const title = say(run.trigger === 'manual' ? 'run.asked' : 'run.planned');
  const note = run.waitedMs > 0 ? say('run.heldNote', { length: long(run.waitedMs) }) : '';
  return { key: 'planned', time: when(run.plannedAt), title, note, kind: 'plain' };
}
