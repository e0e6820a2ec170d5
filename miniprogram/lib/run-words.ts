/** Words for states, verdicts and reasons of the contract. */
import type { RunState, RunTrigger, SkipReason, Verdict } from '../../shared/run';
import { type Language, type StringKey, translate } from './i18n';

const STATES: Record<RunState, StringKey> = {
  held: 'format.stateHeld',
  queued: 'format.stateQueued',
  running: 'format.stateRunning',
  retry_wait: 'format.stateRetryWait',
  cancelling: 'format.stateCancelling',
  succeeded: 'format.stateSucceeded',
  failed: 'format.stateFailed',
  timed_out: 'format.stateTimedOut',
  cancelled: 'format.stateCancelled',
};

const VERDICTS: Record<Verdict, StringKey> = {
  fired: 'format.verdictFired',
  caught_up: 'format.verdictCaughtUp',
  skipped: 'format.verdictSkipped',
};

const REASONS: Record<SkipReason, StringKey> = {
  overlap: 'format.reasonOverlap',
  buffer_full: 'format.reasonBufferFull',
  outside_catch_up_window: 'format.reasonOutsideCatchUpWindow',
  catch_up_limit: 'format.reasonCatchUpLimit',
  coalesced: 'format.reasonCoalesced',
  catch_up_off: 'format.reasonCatchUpOff',
  schedule_changed: 'format.reasonScheduleChanged',
  paused: 'format.reasonPaused',
  ended: 'format.reasonEnded',
};

const TRIGGERS: Record<RunTrigger, StringKey> = {
  slot: 'task.triggerSlot',
  manual: 'task.triggerManual',
  backfill: 'task.triggerBackfill',
};

/** What asked for a run: `手动`. */
export function triggerText(trigger: RunTrigger, language: Language): string {
  return word(TRIGGERS, trigger, language);
}

/** `运行中`. A state of a later server is shown as it is. */
export function runStateText(state: RunState, language: Language): string {
  return word(STATES, state, language);
}

/** `准点` for a slot that was fired: whether it also started late is its run's lateness. */
export function verdictText(verdict: Verdict, language: Language): string {
  return word(VERDICTS, verdict, language);
}

/** Why a slot was skipped: `重叠`. */
export function skipReasonText(reason: SkipReason, language: Language): string {
  return word(REASONS, reason, language);
}

function word(table: Partial<Record<string, StringKey>>, value: string, language: Language): string {
  const key = table[value];
  return key === undefined ? value : translate(language, key);
}
