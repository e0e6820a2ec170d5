/**
 * The rules of one task's runs and verdicts, written a second time: in memory, without counters kept beside the records,
 * without speed. Random commands are put to it and to a store; they must agree after each.
 */
import type { RunLine, SlotDecision, TaskRecord, VerdictRecord } from '../../../server/store/records.ts';
import type { FinishOutcome } from '../../../server/store/requests.ts';
import type { RunState, SkipReason } from '../../../shared/run.ts';
import type { OverlapPolicy } from '../../../shared/task.ts';

export interface ModelRun {
  id: string;
  line: RunLine;
  /** Only these count for the task. */
  bySlot: boolean;
  state: RunState;
  started: boolean;
  /** A retry that recoverRuns may make ready now. */
  retryIsDue: boolean;
}

const ENDED: readonly RunState[] = ['succeeded', 'failed', 'timed_out', 'cancelled'];

export class Model {
  /** In order of creation. */
  readonly runs: ModelRun[] = [];
  readonly verdicts: VerdictRecord[] = [];
  slots = 0;
  failures = 0;
  lastEnded: TaskRecord['lastEnded'] = null;
  /** After a move the next skip begins a record of its own. */
  nextSkipStandsAlone = false;
  /** Ends of slot runs, in order. */
  readonly ends: { state: RunState; started: boolean }[] = [];

  unended(line: RunLine): ModelRun[] {
    return this.runs.filter((run) => run.line === line && !ENDED.includes(run.state));
  }

  in(...states: RunState[]): ModelRun[] {
    return this.runs.filter((run) => states.includes(run.state));
  }

  counts() {
    const slots = this.unended('slot');
    const held = slots.filter((run) => run.state === 'held').length;
    const waiting = this.unended('late').filter((run) => run.state === 'held').length;
    return { live: slots.length - held, held, waiting };
  }

  fire(decisions: SlotDecision[], overlap: OverlapPolicy, idOf: (plannedAt: number) => string): void {
    for (const decision of decisions) {
      this.slots += decision.kind === 'skip' ? decision.count : 1;
      if (decision.kind === 'skip') {
        this.#skipped(decision.plannedAt, decision.toAt, decision.count, decision.reason);
      } else if (decision.kind === 'catch_up') {
        this.#verdict(decision.plannedAt, 'caught_up');
        this.add(idOf(decision.plannedAt), 'late', true);
      } else {
        const state = this.#overlap(overlap);
        if (state === 'queued' || state === 'held') {
          this.#verdict(decision.plannedAt, 'fired');
          this.add(idOf(decision.plannedAt), 'slot', true, state);
        } else {
          this.#skipped(decision.plannedAt, decision.plannedAt + 1, 1, state);
        }
      }
    }
    this.#moveUp();
  }

  add(
    id: string,
    line: RunLine,
    bySlot: boolean,
    state: RunState = line === 'free' ? 'queued' : 'held',
  ): void {
    this.runs.push({ id, line, bySlot, state, started: false, retryIsDue: false });
    this.#moveUp(line);
  }

  start(run: ModelRun): void {
    run.state = 'running';
    run.started = true;
  }

  finish(run: ModelRun, outcome: FinishOutcome, retryIsDue: boolean): void {
    const stops = outcome === 'retry' || outcome === 'released' || outcome === 'cancelled';
    if (run.state === 'cancelling' && stops) this.#end(run, 'cancelled');
    else if (outcome === 'released') run.state = 'queued';
    else if (outcome === 'retry') Object.assign(run, { state: 'retry_wait', retryIsDue });
    else this.#end(run, outcome);
    this.#moveUp();
  }

  cancel(run: ModelRun): void {
    this.#stop(run);
    this.#moveUp();
  }

  cancelHeld(): void {
    for (const run of this.in('held')) this.#end(run, 'cancelled');
  }

  /** Number of retries that became ready. */
  promote(): number {
    const due = this.in('retry_wait').filter((run) => run.retryIsDue);
    for (const run of due) run.state = 'queued';
    return due.length;
  }

  /** What becomes of the next on-time slot. */
  #overlap(overlap: OverlapPolicy): 'queued' | 'held' | Extract<SkipReason, 'overlap' | 'buffer_full'> {
    const earlier = this.unended('slot');
    const held = earlier.filter((run) => run.state === 'held');
    if (overlap === 'cancel_other') {
      for (const run of earlier) this.#stop(run);
      return this.unended('slot').length === 0 ? 'queued' : 'held';
    }
    if (overlap === 'allow_all') {
      if (earlier.length >= 100) return 'buffer_full';
      for (const run of held) run.state = 'queued';
      return 'queued';
    }
    if (earlier.length === 0) return 'queued';
    if (overlap === 'skip') return 'overlap';
    return held.length < (overlap === 'buffer_one' ? 1 : 100) ? 'held' : 'buffer_full';
  }

  #stop(run: ModelRun): void {
    if (run.state === 'running') run.state = 'cancelling';
    else if (run.state !== 'cancelling') this.#end(run, 'cancelled');
  }

  #end(run: ModelRun, state: 'succeeded' | 'failed' | 'timed_out' | 'cancelled'): void {
    run.state = state;
    if (!run.bySlot) return;
    this.ends.push({ state, started: run.started });
    this.lastEnded = state;
    if (state === 'succeeded') this.failures = 0;
    if (state === 'failed' || state === 'timed_out') this.failures += 1;
  }

  /** The oldest of each line follows when nothing is before it. */
  #moveUp(only?: RunLine): void {
    for (const line of ['slot', 'late'] as const) {
      const [first, ...others] = this.unended(line);
      if (first === undefined || (only !== undefined && only !== line)) continue;
      if ([first, ...others].every((run) => run.state === 'held')) first.state = 'queued';
    }
  }

  #verdict(plannedAt: number, verdict: 'fired' | 'caught_up'): void {
    this.verdicts.push({ plannedAt, toAt: plannedAt + 1, count: 1, verdict, reason: null });
  }

  #skipped(plannedAt: number, toAt: number, count: number, reason: SkipReason): void {
    const last = this.verdicts.at(-1);
    const joins = last?.reason === reason && !this.nextSkipStandsAlone;
    this.nextSkipStandsAlone = false;
    if (last !== undefined && joins) Object.assign(last, { toAt, count: last.count + count });
    else this.verdicts.push({ plannedAt, toAt, count, verdict: 'skipped', reason });
  }
}
