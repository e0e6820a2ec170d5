/** Runs of one task as far as pages, `recent` and events have told, newest first. An end is for good. Pure. */
import type { EventPayload } from '../../shared/realtime';
import type { RecentSlot, RunState, RunSummary, RunTrigger } from '../../shared/run';

/** A run as far as it is known: from a page, from `recent`, or put together from events. */
export interface KnownRun {
  id: string;
  state: RunState;
  trigger: RunTrigger | null;
  plannedAt: number | null;
  lateByMs: number | null;
  startedAt: number | null;
  endedAt: number | null;
  progress: number | null;
  attempt: number | null;
  retryAt: number | null;
}

/** What one event says of a run. */
export type RunNews = Partial<KnownRun> & Pick<KnownRun, 'id' | 'state'>;

/** Runs kept for their states; those of the rows on screen are far fewer. */
const MOST_RUNS = 400;
const ENDED: readonly RunState[] = ['succeeded', 'failed', 'timed_out', 'cancelled'];

/** State that each event leaves a run in, where the event does not say it itself. */
const STATE_AFTER: Record<string, RunState> = {
  'run.held': 'held',
  'run.queued': 'queued',
  'run.started': 'running',
  'run.retry_scheduled': 'retry_wait',
  'run.lost': 'queued',
  'run.released': 'queued',
  'run.cancelling': 'cancelling',
};

export const hasEnded = (state: RunState): boolean => ENDED.includes(state);

/** The state an event leaves its run in; undefined for events that are not about a run. */
export function stateAfter(type: string, payload: EventPayload): RunState | undefined {
  return type.startsWith('run.') ? (payload.state ?? STATE_AFTER[type]) : undefined;
}

/** The runs after an event; what it does not say stays. */
export function withRun(runs: readonly KnownRun[], news: RunNews): KnownRun[] {
  const known = runs.find(({ id }) => id === news.id);
  const others = runs.filter(({ id }) => id !== news.id);
  return ordered([...others, { ...(known ?? blankRun(news.id, news.state)), ...news }]);
}

/** The runs after a page was read. Events are newer than a page that was under way, except that an end is for good. */
export function withRuns(runs: readonly KnownRun[], read: readonly KnownRun[]): KnownRun[] {
  const joined = new Map(runs.map((run) => [run.id, run]));
  for (const run of read) {
    const known = joined.get(run.id);
    if (known === undefined) joined.set(run.id, run);
    else joined.set(run.id, hasEnded(run.state) ? fuller(run, known) : fuller(known, run));
  }
  return ordered([...joined.values()]);
}

export function runOfSummary(run: RunSummary): KnownRun {
  const { id, state, trigger, plannedAt, lateByMs, startedAt, endedAt } = run;
  return { ...blankRun(id, state), trigger, plannedAt, lateByMs, startedAt, endedAt };
}

/** Null for a slot that was skipped. */
export function runOfRecent(slot: RecentSlot): KnownRun | null {
  if (slot.runId === null || slot.state === null) return null;
  const { plannedAt, lateByMs, progress } = slot;
  return { ...blankRun(slot.runId, slot.state), plannedAt, lateByMs, progress };
}

/** `run`, with what only `other` knows. */
function fuller(run: KnownRun, other: KnownRun): KnownRun {
  return {
    ...run,
    trigger: run.trigger ?? other.trigger,
    plannedAt: run.plannedAt ?? other.plannedAt,
    lateByMs: run.lateByMs ?? other.lateByMs,
    startedAt: run.startedAt ?? other.startedAt,
    endedAt: run.endedAt ?? other.endedAt,
    attempt: run.attempt ?? other.attempt,
    progress: run.progress ?? (hasEnded(run.state) ? null : other.progress),
  };
}

/** A run whose instant is not known yet has just been heard of. */
function ordered(runs: KnownRun[]): KnownRun[] {
  const when = ({ plannedAt, startedAt }: KnownRun) => plannedAt ?? startedAt ?? Number.MAX_SAFE_INTEGER;
  return runs.sort((a, b) => when(b) - when(a)).slice(0, MOST_RUNS);
}

/** A run's id is its task's and the slot, or its task's and how it was asked for. Null: it says neither. */
export function triggerOf(runId: string): RunTrigger | null {
  const part = runId.split(':')[1] ?? '';
  if (part === 'manual' || part === 'backfill') return part;
  return /^\d+$/.test(part) ? 'slot' : null;
}

function blankRun(id: string, state: RunState): KnownRun {
  const trigger = triggerOf(id);
  return {
    id,
    state,
    trigger,
    plannedAt: trigger === 'slot' ? Number(id.split(':')[1]) : null,
    lateByMs: null,
    startedAt: null,
    endedAt: null,
    progress: null,
    attempt: null,
    retryAt: null,
  };
}
