/** The verdicts and runs of a task as rows of words. Pure. */
import type { SkipReason, SlotItem } from '../../shared/run';
import { capitalised, countText, durationText } from '../lib/format';
import { dateTimeText } from '../lib/format-time';
import { type Language, type StringKey, translate } from '../lib/i18n';
import { runStateText, skipReasonText, triggerText } from '../lib/run-words';
import { hasEnded, type KnownRun } from './known-runs';
import type { BadgeKind } from './task-card';

export interface VerdictRow {
  /** Does not change while the row lives. */
  key: string;
  time: string;
  /** What became of it, or why it was skipped. */
  note: string;
  kind: BadgeKind;
  text: string;
  /** Empty: nothing to open. */
  runId: string;
}

/** How the rows are to be read. */
export interface RowsFor {
  language: Language;
  nowAt: number;
  /** The schedule's own zone; undefined: the phone's. */
  zone: string | undefined;
  /** Later than this is late. */
  lateAfterMs: number;
}

const WHY: Record<SkipReason, StringKey> = {
  overlap: 'task.whyOverlap',
  buffer_full: 'task.whyBufferFull',
  outside_catch_up_window: 'task.whyWindow',
  catch_up_limit: 'task.whyLimit',
  coalesced: 'task.whyCoalesced',
  catch_up_off: 'task.whyCatchUpOff',
  schedule_changed: 'task.whyScheduleChanged',
  paused: 'task.whyPaused',
  ended: 'task.whyEnded',
};

/** Slots with their verdicts; `runs` tells what became of those that have one. */
export function verdictRows(
  items: readonly SlotItem[],
  runs: readonly KnownRun[],
  how: RowsFor,
): VerdictRow[] {
  const byId = new Map(runs.map((run) => [run.id, run]));
  return items.map((item) => {
    const run = item.runId === null ? undefined : byId.get(item.runId);
    return item.verdict === 'skipped' ? skippedRow(item, how) : slotRow(item, run, how);
  });
}

/** Runs whatever asked for them. */
export function runRows(runs: readonly KnownRun[], how: RowsFor): VerdictRow[] {
  return runs.map((run) => {
    const { id, state, trigger, plannedAt } = run;
    const at = plannedAt ?? run.startedAt;
    return {
      key: id,
      time: at === null ? '' : timeOf(at, how),
      note: [trigger === null ? '' : triggerText(trigger, how.language), tookText(run, how.language)]
        .filter((part) => part !== '')
        .join(' · '),
      kind: kindOfRun(run),
      text: capitalised(runStateText(state, how.language)),
      runId: id,
    };
  });
}

function slotRow(item: SlotItem, run: KnownRun | undefined, how: RowsFor): VerdictRow {
  const { plannedAt, runId } = item;
  const lateByMs = item.lateByMs ?? run?.lateByMs ?? null;
  const base = { key: String(plannedAt), time: timeOf(plannedAt, how), runId: runId ?? '' };
  const note = run === undefined ? '' : noteOf(run, how.language);
  const failed = run !== undefined && (run.state === 'failed' || run.state === 'timed_out');
  if (failed) {
    const state = capitalised(runStateText(run.state, how.language));
    const length = durationText(lateByMs ?? 0, how.language);
    return {
      ...base,
      note: tookText(run, how.language),
      kind: 'failed',
      text: translate(how.language, 'task.lateAs', { state, length }),
    };
  }
  if (lateByMs === null) {
    const caughtUp = item.verdict === 'caught_up';
    const text = translate(how.language, caughtUp ? 'task.verdictCaughtUpWaiting' : 'task.verdictFired');
    // A run that was pruned has left no lateness; one that is under way has none yet.
    const kind = run !== undefined && !hasEnded(run.state) ? 'running' : caughtUp ? 'late' : 'skipped';
    return { ...base, note, kind, text };
  }
  const length = durationText(lateByMs, how.language);
  if (item.verdict === 'caught_up') {
    return { ...base, note, kind: 'late', text: translate(how.language, 'task.verdictCaughtUp', { length }) };
  }
  const late = lateByMs > how.lateAfterMs;
  const text = translate(how.language, late ? 'task.verdictLate' : 'task.verdictOnTime', { length });
  return { ...base, note, kind: late ? 'late' : 'ontime', text };
}

function skippedRow(item: SlotItem, how: RowsFor): VerdictRow {
  const { language } = how;
  const { plannedAt, toAt, count, reason } = item;
  const range = { from: timeOf(plannedAt, how), to: timeOf(toAt - 1, how), n: countText(count) };
  const why = reason === null ? undefined : WHY[reason];
  return {
    key: String(plannedAt),
    time: count === 1 ? range.from : translate(language, 'task.rangeTimes', range),
    note: why === undefined ? '' : translate(language, why),
    kind: 'skipped',
    text: translate(language, 'task.verdictSkipped', {
      reason: reason === null ? '' : skipReasonText(reason, language),
    }),
    runId: '',
  };
}

function noteOf(run: KnownRun, language: Language): string {
  const state = capitalised(runStateText(run.state, language));
  const length = lengthOf(run);
  if (length === null) return state;
  return translate(language, 'task.tookTime', { state, length: durationText(length, language) });
}

function tookText(run: KnownRun, language: Language): string {
  const length = lengthOf(run);
  return length === null ? '' : translate(language, 'run.took', { length: durationText(length, language) });
}

function lengthOf({ startedAt, endedAt }: KnownRun): number | null {
  return startedAt === null || endedAt === null ? null : endedAt - startedAt;
}

function kindOfRun({ state }: KnownRun): BadgeKind {
  if (state === 'succeeded') return 'ontime';
  if (state === 'failed' || state === 'timed_out') return 'failed';
  return state === 'cancelled' ? 'skipped' : 'running';
}

const timeOf = (at: number, { nowAt, language, zone }: RowsFor) => dateTimeText(at, nowAt, language, zone);
