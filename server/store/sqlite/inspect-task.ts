/**
 * What disagrees about one task: its row and the memory of it, its counts and its runs' rows, its runs and the queues in
 * memory. For the inspecting and the repairing step.
 */
import type { Fault, FaultKind } from '../inspection.ts';
import { QUEUE_SEARCHED } from '../limits.ts';
import type { RunEntry } from './run-row.ts';
import type { State } from './state.ts';
import { TASK_COLUMNS, type TaskEntry, taskOfRow, wireTask } from './task-row.ts';

export type Counts = Pick<TaskEntry, 'live' | 'held' | 'waiting' | 'lateLive' | 'freeLive' | 'asked'>;

export interface Sight {
  faults: Fault[];
  /** What the runs' rows say. */
  counts: Counts;
  /** Queued runs in no queue, running ones that nobody leases, waiting ones that no retry is planned for. */
  unqueued: RunEntry[];
  unleased: RunEntry[];
  unplanned: RunEntry[];
  /** Runs that the table knows otherwise than the memory. */
  unwritten: RunEntry[];
  /** Rows looked at. */
  looked: number;
}

/** The queues of one partition, gone through at most once a call. */
export class QueueSights {
  readonly #state: State;
  readonly #ready = new Map<number, Set<string> | null>();
  readonly #retries = new Map<number, Set<string> | null>();

  constructor(state: State) {
    this.#state = state;
  }

  /** Null: it is longer than is searched. */
  ready(partition: number): Set<string> | null {
    let ids = this.#ready.get(partition);
    if (ids === undefined) {
      const { ready } = this.#state.partitions[partition]!;
      ids = ready.size > QUEUE_SEARCHED ? null : ready.ids();
      this.#ready.set(partition, ids);
    }
    return ids;
  }

  /** `<run id> <instant>`; null as above. */
  retries(partition: number): Set<string> | null {
    let keys = this.#retries.get(partition);
    if (keys === undefined) {
      const entries = this.#state.partitions[partition]!.retries.entries();
      keys =
        entries.length > QUEUE_SEARCHED ? null : new Set(entries.map(({ runId, at }) => `${runId} ${at}`));
      this.#retries.set(partition, keys);
    }
    return keys;
  }
}

const UNENDED = ['held', 'queued', 'running', 'retry_wait', 'cancelling'];

/** The caller has flushed the rows. */
export function inspectTask(s: State, task: TaskEntry, queues: QueueSights): Sight {
  const faults: Fault[] = [];
  const fault = (kind: FaultKind, what: string) => faults.push({ kind, what });
  const counts: Counts = { live: 0, held: 0, waiting: 0, lateLive: 0, freeLive: 0, asked: 0 };
  const sight: Sight = {
    faults,
    counts,
    unqueued: [],
    unleased: [],
    unplanned: [],
    unwritten: [],
    looked: 0,
  };

  const rows = s.db.prepare('SELECT key, state, ended_at FROM run WHERE task_n = ?').all(task.n);
  sight.looked = rows.length;
  for (const row of rows) {
    if (!UNENDED.includes(row.state as string)) continue;
    const run = s.run(`${task.id}:${row.key}`);
    if (run === null) continue;
    if (run.state !== row.state) {
      sight.unwritten.push(run);
      fault('memory', `run ${run.key} ${row.state} ${run.state}`);
      if (!UNENDED.includes(run.state)) continue;
    }
    count(run, counts);
    const sign = `${run.key} ${run.seq}`;
    if (run.state === 'queued' && queues.ready(task.partition)?.has(run.id) === false) {
      sight.unqueued.push(run);
      fault('queue_entry', sign);
    } else if (run.state === 'retry_wait') {
      if (queues.retries(task.partition)?.has(`${run.id} ${run.retryAt}`) === false) {
        sight.unplanned.push(run);
        fault('retry_entry', sign);
      }
    } else if ((run.state === 'running' || run.state === 'cancelling') && !isLeased(s, task, run)) {
      sight.unleased.push(run);
      fault('lease_entry', sign);
    }
  }

  for (const [name, counted] of Object.entries(counts) as [keyof Counts, number][]) {
    if (task[name] !== counted) fault('run_list', `${name} ${counted - task[name]}`);
  }
  const isEnding = task.closing?.reason === 'ended';
  if (!isEnding && counts.live === 0 && counts.held > 0) fault('line_stuck', `held ${counts.held}`);
  if (!isEnding && counts.lateLive === 0 && counts.waiting > 0)
    fault('line_stuck', `waiting ${counts.waiting}`);
  compareRows(s, task, fault);
  return sight;
}

function count(run: RunEntry, counts: Counts): void {
  const { line, trigger } = run;
  if (run.state === 'held') counts[line === 'slot' ? 'held' : 'waiting'] += 1;
  else counts[line === 'slot' ? 'live' : line === 'late' ? 'lateLive' : 'freeLive'] += 1;
  if (trigger !== 'slot') counts.asked += 1;
}

/** Leases belong to a boot: this one's are in memory, those of earlier ones are known to be lost. */
const isLeased = (s: State, task: TaskEntry, run: RunEntry) =>
  run.boot === s.boot ? s.leased.get(run.id) === run : s.partitions[task.partition]!.lost.includes(run.id);

/** What the tables say of the task itself. */
function compareRows(s: State, task: TaskEntry, fault: (kind: FaultKind, what: string) => void): void {
  const row = s.db.prepare(`SELECT due_at, open, ${TASK_COLUMNS} WHERE task.n = ?`).get(task.n);
  if (row === undefined) return;
  const due = task.state === 'active' || task.closing !== null ? task.nextAt : null;
  if (row.due_at !== due) fault('due_entry', `${row.due_at ?? '-'} ${due ?? '-'}`);
  const open = task.live + task.lateLive + task.freeLive;
  if (row.open !== open) fault('run_list', `open ${open - (row.open as number)}`);
  const [kept, known] = [wireTask(taskOfRow(row)), wireTask(task)];
  for (const name of Object.keys(known) as (keyof typeof known)[]) {
    if (!sameJson(kept[name], known[name])) fault('memory', `${name}`);
  }
}

/** Whatever the order of an object's members. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => sameJson(left[name], right[name]));
}
