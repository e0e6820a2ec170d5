/**
 * How changes of runs and tasks reach the file. A commit takes one row with the newest state (an image) of each one that
 * its transaction changed: that row is what its sync makes durable. The tables run and task_now follow when a row has not
 * changed for a while, many rows at a time.
 *
 * Why: a run is changed three times within moments (fired, claimed, finished), its task as often, and each change of a row
 * costs a statement and a page of 4 KB in SQLite's own log, written and synced before the answer. A start, and the first
 * step after a rollback, put the images that are left into the tables, oldest first.
 *
 * Whoever asks the tables writes everything first (State.flushRows); what they do not know yet stays in memory.
 */
import type { SqlDb } from './driver.ts';
import { Fifo } from './fifo.ts';
import { imageOfRun, packRun, type RunEntry, type RunImage, type RunRows, runRows } from './run-row.ts';
import {
  ALL,
  CLEAN,
  DUE,
  imageOfTask,
  packTask,
  type TaskEntry,
  type TaskImage,
  type TaskRows,
  taskRows,
} from './task-row.ts';

/** A task or run that its table knows in an older state only. */
interface Behind {
  /** The row of the log that has its newest state. */
  n: number;
  body: string;
}

interface BehindTask extends Behind {
  /** The due index may have to change. */
  isDue: boolean;
}

/** A row of the log. */
interface Logged {
  n: number;
  tasks: TaskEntry[];
  runs: RunEntry[];
}

export class RedoLog {
  readonly #db: SqlDb;
  readonly #taskRows: TaskRows;
  readonly #runRows: RunRows;
  readonly #onWritten: (run: RunEntry) => void;
  /** Changed by the transaction under way. */
  #tasks: TaskEntry[] = [];
  #runs: RunEntry[] = [];
  readonly #behindTasks = new Map<TaskEntry, BehindTask>();
  readonly #behindRuns = new Map<RunEntry, Behind>();
  #logged = new Fifo<Logged>();
  #last = 0;

  /** `onWritten` is told of each run whose newest state the table has now. */
  constructor(db: SqlDb, onWritten: (run: RunEntry) => void) {
    this.#db = db;
    this.#taskRows = taskRows(db);
    this.#runRows = runRows(db);
    this.#onWritten = onWritten;
  }

  /** Tasks and runs that their tables know in an older state. */
  get behind(): number {
    return this.#behindTasks.size + this.#behindRuns.size;
  }

  /** Says that a task was changed: NOW, DUE or ALL. */
  touchTask(task: TaskEntry, what: number): void {
    if (task.dirty === CLEAN) this.#tasks.push(task);
    if (task.dirty < what) task.dirty = what;
  }

  touchRun(run: RunEntry): void {
    if (run.dirty) return;
    run.dirty = true;
    this.#runs.push(run);
  }

  /** Whether the only copy outside the log is the one in memory. */
  needsTask(task: TaskEntry): boolean {
    return task.dirty !== CLEAN || task.seqAhead || this.#behindTasks.has(task);
  }

  needsRun(run: RunEntry): boolean {
    return run.dirty || this.#behindRuns.has(run);
  }

  /** Before the commit: logs what the transaction has changed. What people change of tasks, which is rare, is written. */
  log(): void {
    const logged: Logged = { n: this.#last + 1, tasks: [], runs: this.#runs };
    let tasks = '';
    for (const task of this.#tasks) {
      if (task.deleted || task.dirty === CLEAN) continue;
      if (!task.inserted) {
        this.#writeTask(task, packNow(task), true);
        continue;
      }
      if (task.dirty === ALL) this.#taskRows.update(task);
      const body = packNow(task);
      const isDue = task.dirty >= DUE || this.#behindTasks.get(task)?.isDue === true;
      this.#behindTasks.set(task, { n: logged.n, body, isDue });
      tasks += (tasks === '' ? '' : ',') + imageOfTask(task, body);
      logged.tasks.push(task);
      task.dirty = CLEAN;
    }
    let runs = '';
    for (const run of this.#runs) {
      const body = packRun(run);
      this.#behindRuns.set(run, { n: logged.n, body });
      runs += (runs === '' ? '' : ',') + imageOfRun(run, body);
      run.dirty = false;
    }
    this.#tasks = [];
    this.#runs = [];
    if (logged.tasks.length + logged.runs.length === 0) return;
    this.#db
      .prepare('INSERT INTO redo (n, entry) VALUES (?, ?)')
      .run(logged.n, `{"tasks":[${tasks}],"runs":[${runs}]}`);
    this.#logged.push(logged);
    this.#last = logged.n;
  }

  /** Brings the tables up to date, oldest changes first, until at most `keep` are behind. Between steps only. */
  writeBack(keep: number): void {
    let through = 0;
    while (this.behind > keep) {
      const logged = this.#logged.shift();
      if (logged === undefined) break;
      through = logged.n;
      for (const task of logged.tasks) {
        const behind = this.#behindTasks.get(task);
        if (behind?.n === through) this.#writeTask(task, behind.body, behind.isDue);
      }
      for (const run of logged.runs) {
        const behind = this.#behindRuns.get(run);
        if (behind?.n === through) this.#writeRun(run, behind.body);
      }
    }
    if (through > 0) this.#db.prepare('DELETE FROM redo WHERE n <= ?').run(through);
  }

  /** Brings the tables up to date with everything, the transaction under way included. */
  writeAll(): void {
    for (const task of this.#tasks) {
      if (task.deleted || task.dirty === CLEAN) continue;
      if (task.inserted && task.dirty === ALL) this.#taskRows.update(task);
      const isDue = task.dirty >= DUE || this.#behindTasks.get(task)?.isDue === true;
      this.#writeTask(task, packNow(task), isDue);
    }
    for (const run of this.#runs) this.#writeRun(run, packRun(run));
    this.#tasks = [];
    this.#runs = [];
    for (const [task, { body, isDue }] of this.#behindTasks) this.#writeTask(task, body, isDue);
    for (const [run, { body }] of this.#behindRuns) this.#writeRun(run, body);
    if (this.#logged.size === 0) return;
    this.#db.prepare('DELETE FROM redo').run();
    this.#logged = new Fifo();
  }

  /** Forgets what was in memory and puts what the log has into the tables. */
  restore(): void {
    this.#tasks = [];
    this.#runs = [];
    this.#behindTasks.clear();
    this.#behindRuns.clear();
    this.#logged = new Fifo();
    for (const { entry } of this.#db.prepare('SELECT entry FROM redo ORDER BY n').all()) {
      const { tasks, runs } = JSON.parse(entry as string) as { tasks: TaskImage[]; runs: RunImage[] };
      for (const image of tasks) this.#taskRows.restore(image);
      for (const image of runs) this.#runRows.restore(image);
    }
    this.#db.prepare('DELETE FROM redo').run();
  }

  #writeTask(task: TaskEntry, body: string, isDue: boolean): void {
    if (task.inserted) this.#taskRows.updateNow(task, body, isDue);
    else this.#taskRows.insert(task, body);
    task.dirty = CLEAN;
    this.#behindTasks.delete(task);
  }

  #writeRun(run: RunEntry, body: string): void {
    this.#runRows.write(run, body);
    run.dirty = false;
    this.#behindRuns.delete(run);
    this.#onWritten(run);
  }
}

/** With the newest seq; an image packed earlier may be written after a claim has moved it on. */
function packNow(task: TaskEntry): string {
  task.seqAhead = false;
  return packTask(task);
}
