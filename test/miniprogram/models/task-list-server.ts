/** A server in miniature, by the rules of docs/promise.md and docs/states.md: it makes events, and answers what a reading would. */
import type { TaskCounts } from '../../../shared/api.ts';
import type { EventPayload, EventType } from '../../../shared/realtime.ts';
import type { RecentSlot, RunState, SkipReason } from '../../../shared/run.ts';
import type { Health, Task } from '../../../shared/task.ts';

export interface Told {
  type: EventType;
  payload: EventPayload;
}

interface Kept extends RecentSlot {
  attempt: number;
  order: number;
}

const GIVEN_UP: readonly SkipReason[] = [
  'outside_catch_up_window',
  'catch_up_limit',
  'coalesced',
  'catch_up_off',
];
const ENDED: readonly (RunState | null)[] = ['succeeded', 'failed', 'timed_out', 'cancelled'];
const EVERY_MS = 10_000;
const LATE_AFTER_MS = 1_000;

/** One task with its slots and runs. Each method is one step of the store: it answers the events it appends. */
export class MiniTask {
  state: Task['state'] = 'active';
  version = 1;
  cursorAt: number;
  slots: Kept[] = [];
  #lastEnded: RunState | null = null;
  #lastLate = false;
  #order = 0;
  readonly id: string;
  readonly createdAt: number;

  constructor(id: string, createdAt: number) {
    this.id = id;
    this.createdAt = createdAt;
    this.cursorAt = createdAt;
  }

  get nextAt(): number | null {
    return this.state === 'active' ? this.cursorAt + EVERY_MS : null;
  }

  fire(kind: 'fired' | 'caught_up', held = false): Told[] {
    if (this.nextAt === null) return [];
    const plannedAt = this.#advance();
    this.#lastLate = kind === 'caught_up';
    const runId = `${this.id}:${plannedAt}`;
    const state = held ? 'held' : 'queued';
    this.#keep({ ...bare(plannedAt), verdict: kind, runId, state });
    return [
      this.#tell(`slot.${kind}`, { runId, plannedAt, nextAt: this.nextAt! }),
      this.#tell(`run.${state}`, { runId, state, plannedAt }),
    ];
  }

  skip(reason: SkipReason, count: number): Told[] {
    if (this.nextAt === null) return [];
    const plannedAt = this.nextAt;
    for (let n = 0; n < count; n += 1) this.#advance();
    this.#lastLate = GIVEN_UP.includes(reason);
    const last = this.slots.filter((slot) => slot.verdict !== null).sort(newestFirst)[0];
    if (last?.verdict === 'skipped' && last.reason === reason) last.count += count;
    else this.#keep({ ...bare(plannedAt), count, verdict: 'skipped', reason });
    const toAt = this.cursorAt + 1;
    return [this.#tell('slot.skipped', { plannedAt, toAt, count, reason })];
  }

  /** A person asks for a run. */
  ask(): Told[] {
    const runId = `${this.id}:manual:${this.#order}`;
    const plannedAt = this.cursorAt + 1 + this.#order;
    this.#keep({ ...bare(plannedAt), runId, state: 'queued' });
    return [this.#tell('run.queued', { runId, state: 'queued', plannedAt })];
  }

  /** Moves one unended run on; `pick` chooses which, `way` how. */
  move(pick: number, way: number, lateByMs: number): Told[] {
    const open = this.slots.filter((slot) => slot.state !== null && !ENDED.includes(slot.state));
    const run = open[pick % Math.max(1, open.length)];
    if (run === undefined || run.runId === null) return [];
    const { runId } = run;
    const said = (type: EventType, state: RunState, more: Partial<EventPayload> = {}): Told[] => {
      run.state = state;
      if (state !== 'running' && state !== 'cancelling') run.progress = null;
      return [this.#tell(type, { runId, state, ...more })];
    };
    if (run.state === 'held' || run.state === 'retry_wait') return said('run.queued', 'queued');
    if (run.state === 'queued') {
      if (way % 5 === 4) return this.#end(run, 'cancelled');
      run.attempt += 1;
      run.lateByMs ??= lateByMs;
      run.late = run.lateByMs > LATE_AFTER_MS;
      return said('run.started', 'running', { attempt: run.attempt, lateByMs: run.lateByMs });
    }
    const ends: RunState[] = ['succeeded', 'failed', 'timed_out', 'cancelled'];
    const asked: (() => Told[])[] = [
      ...ends.map((state) => () => this.#end(run, state)),
      () => said('run.cancelling', 'cancelling'),
    ];
    if (run.state === 'running') {
      const { attempt } = run;
      asked.push(
        () => said('run.retry_scheduled', 'retry_wait', { attempt, retryAt: this.cursorAt + 5_000 }),
        () => said('run.lost', 'queued', { attempt }),
        () => said('run.released', 'queued', { attempt }),
      );
    }
    return asked[way % asked.length]!();
  }

  pause(): Told[] {
    this.state = this.state === 'paused' ? 'active' : 'paused';
    this.version += 1;
    return [this.#tell('task.changed', { version: this.version })];
  }

  /** What `GET /api/tasks/:id?recent=30` answers. */
  read(): Task {
    const recent = [...this.slots].sort(newestFirst).slice(0, 30);
    return {
      id: this.id,
      version: this.version,
      name: `task ${this.id}`,
      state: this.state,
      health: this.#health(),
      schedule: { kind: 'every', everyMs: EVERY_MS },
      action: { kind: 'handler', name: 'noop' },
      policy: {},
      requires: null,
      visibleTo: null,
      createdAt: this.createdAt,
      updatedAt: this.createdAt,
      decidedThroughAt: this.cursorAt,
      nextFireAt: this.nextAt,
      nominalAt: this.nextAt,
      lastRun: null,
      punctuality: { onTimePct: null, p50Ms: null, p99Ms: null },
      recent: recent.map(({ attempt: _attempt, order: _order, ...slot }) => slot),
    };
  }

  get running(): boolean {
    return this.slots.some(
      (slot) => slot.verdict !== null && slot.state !== null && !ENDED.includes(slot.state),
    );
  }

  #health(): Health {
    if (this.#lastEnded === 'failed' || this.#lastEnded === 'timed_out') return 'failing';
    if (this.#lastLate) return 'late';
    return this.#lastEnded === null ? 'unknown' : 'healthy';
  }

  #end(run: Kept, state: RunState): Told[] {
    run.state = state;
    run.progress = null;
    if (run.verdict !== null) {
      this.#lastEnded = state;
      if (run.verdict === 'fired' && run.lateByMs !== null) this.#lastLate = run.late;
    }
    const started = run.lateByMs === null ? {} : { attempt: run.attempt, lateByMs: run.lateByMs };
    return [this.#tell('run.finished', { runId: run.runId!, state, ...started })];
  }

  #advance(): number {
    this.cursorAt += EVERY_MS;
    return this.cursorAt;
  }

  #keep(slot: RecentSlot): void {
    this.#order += 1;
    this.slots.push({ ...slot, attempt: 0, order: this.#order });
  }

  #tell(type: string, payload: Partial<EventPayload>): Told {
    return { type: type as EventType, payload: { taskId: this.id, at: this.cursorAt, ...payload } };
  }
}

/** `counts` of `GET /api/tasks`. */
export function countsOf(tasks: readonly MiniTask[]): TaskCounts {
  const of = (test: (task: MiniTask) => boolean) => tasks.filter(test).length;
  return {
    all: tasks.length,
    running: of((task) => task.running),
    troubled: of((task) => ['failing', 'late'].includes(task.read().health)),
    paused: of((task) => task.state === 'paused'),
  };
}

export function bare(plannedAt: number): RecentSlot {
  return {
    plannedAt,
    count: 1,
    verdict: null,
    reason: null,
    runId: null,
    state: null,
    lateByMs: null,
    late: false,
    progress: null,
  };
}

const newestFirst = (a: Kept, b: Kept) => b.plannedAt - a.plannedAt || b.order - a.order;
