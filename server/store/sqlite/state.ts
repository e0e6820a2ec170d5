/**
 * What the thread knows: the tasks and runs in use, the ready queues, waiting retries, leases. Steps change these
 * objects and mark them; `seal` brings each changed one into the file, before the transaction commits. Nothing here is
 * the only copy of anything: after a rollback (or a restart) `load` builds it again from the file.
 */
import { randomBytes } from 'node:crypto';
import type { EventPayload, EventType } from '../../../shared/realtime.ts';
import { PARTITIONS, taskIdOfRun } from '../ids.ts';
import type { Wake } from '../requests.ts';
import { ClaimMemo } from './claim-memo.ts';
import { type DayCounts, newDay, packCounts, unpackCounts } from './days.ts';
import type { SqlDb } from './driver.ts';
import { EventLog } from './events.ts';
import { readOpenRuns } from './open-runs.ts';
import { type OwnerEntry, Owners } from './owners.ts';
import { emptyPartition, type PartitionState } from './partition-state.ts';
import { RedoLog } from './redo.ts';
import { keyOfRunId, type RunEntry, type RunOwner, runOfRow } from './run-row.ts';
import { shedFrom } from './shed-from.ts';
import { TASK_COLUMNS, type TaskEntry, taskOfRow } from './task-row.ts';

/** Tasks and runs held in memory beyond those that must be; an entry is about 1 KB. */
const MAX_TASKS = 20_000;
const MAX_RUNS = 50_000;

export class State {
  readonly db: SqlDb;
  readonly boot: number;
  readonly events: EventLog;
  partitions: PartitionState[] = [];
  /** Runs with a lease of this boot, by id. */
  readonly leased = new Map<string, RunEntry>();
  readonly claims = new ClaimMemo();
  /** Rows wait for deletion in the background. */
  purging = true;
  wakes: Wake[] = [];

  readonly #tasks = new Map<string, TaskEntry>();
  readonly #runs = new Map<string, RunEntry>();
  readonly #owners: Owners;
  readonly #oldDays = new Map<string, { taskN: number; counts: DayCounts }>();
  readonly #redo: RedoLog;
  #nextTaskN = 1;
  #nextRunN = 1;

  constructor(db: SqlDb, boot: number) {
    this.db = db;
    this.boot = boot;
    this.events = new EventLog(db);
    this.#owners = new Owners(db);
    // Ended runs are not kept in memory.
    this.#redo = new RedoLog(db, (run) => {
      if (run.endedAt !== null) this.#runs.delete(run.id);
    });
  }

  // ---- tasks and owners ----

  task(id: string): TaskEntry | null {
    const known = this.#tasks.get(id);
    if (known !== undefined) return known;
    const row = this.db.prepare(`SELECT ${TASK_COLUMNS} WHERE task.id = ?`).get(id);
    if (row === undefined) return null;
    const task = taskOfRow(row);
    this.#tasks.set(id, task);
    return task;
  }

  /** Takes in a task that is new; the caller has filled everything but `n`. */
  addTask(task: TaskEntry): void {
    task.n = this.#nextTaskN++;
    this.#tasks.set(task.id, task);
  }

  /** Forgets a task whose rows are gone (or written off). */
  dropTask(task: TaskEntry): void {
    task.deleted = true;
    this.#tasks.delete(task.id);
  }

  /** Says that a task is to be written: NOW, DUE or ALL. */
  touchTask(task: TaskEntry, what: number): void {
    this.#redo.touchTask(task, what);
  }

  owner(id: string): OwnerEntry {
    return this.#owners.get(id);
  }

  // ---- runs ----

  run(id: string): RunEntry | null {
    const known = this.#runs.get(id);
    if (known !== undefined) return known;
    const task = this.task(taskIdOfRun(id));
    if (task === null) return null;
    const row = this.db.prepare('SELECT * FROM run WHERE task_n = ? AND key = ?').get(task.n, keyOfRunId(id));
    return row === undefined ? null : this.#keep(runOfRow(row, task));
  }

  /** A run by its key in this file. */
  runByN(n: number, task: RunOwner): RunEntry | null {
    const row = this.db.prepare('SELECT * FROM run WHERE n = ?').get(n);
    if (row === undefined) return null;
    return this.#runs.get(`${task.id}:${row.key}`) ?? this.#keep(runOfRow(row, task));
  }

  /** Ended runs are not kept in memory; nothing changes them. */
  #keep(run: RunEntry): RunEntry {
    if (run.endedAt === null) this.#runs.set(run.id, run);
    return run;
  }

  addRun(run: RunEntry): void {
    run.n = this.#nextRunN++;
    this.#runs.set(run.id, run);
    this.touchRun(run);
  }

  touchRun(run: RunEntry): void {
    this.#redo.touchRun(run);
  }

  /** Puts a run into its ready queue. */
  pushReady(run: RunEntry, partition: number): void {
    const place = this.partitions[partition]!;
    place.ready.push(run.priority, run.ownerId, run.id);
    place.pushed = true;
  }

  /** Forgets the runs of a deleted task. */
  dropRunsOf(task: TaskEntry): void {
    if (task.live + task.held + task.lateLive + task.waiting + task.freeLive === 0) return;
    for (const run of this.#runs.values()) if (run.taskN === task.n) this.#runs.delete(run.id);
  }

  // ---- counters and events ----

  /** Counters of a task's day, to be changed by the caller, who also touches the task. */
  day(task: TaskEntry, day: string): DayCounts {
    const { today } = task;
    if (today?.day === day) return today;
    if (today === null || day > today.day) {
      if (today !== null) this.#writeDay(task.n, today);
      task.today = newDay(day);
      return task.today;
    }
    const key = `${task.n}:${day}`;
    let old = this.#oldDays.get(key);
    if (old === undefined) {
      const row = this.db.prepare('SELECT counts FROM day WHERE task_n = ? AND day = ?').get(task.n, day);
      old = { taskN: task.n, counts: row ? unpackCounts(day, row.counts as string) : newDay(day) };
      this.#oldDays.set(key, old);
    }
    return old.counts;
  }

  #writeDay(taskN: number, counts: DayCounts): void {
    this.db
      .prepare('INSERT OR REPLACE INTO day (task_n, day, counts) VALUES (?, ?, ?)')
      .run(taskN, counts.day, packCounts(counts));
  }

  /** An event on the task's topic (and the run's). The caller touches the task; a claim remembers the seq in the run. */
  emit(task: TaskEntry, type: EventType, payload: EventPayload, run?: RunEntry): void {
    task.seq += 1;
    if (run !== undefined) run.seq += 1;
    const seqs = { task: task.seq, run: run?.seq ?? 0, owner: 0, ownerId: null };
    this.events.append(task.partition, type, payload, seqs);
  }

  /** An event on the task's topic and the owner's list. */
  emitToOwner(task: TaskEntry, type: EventType, payload: EventPayload): void {
    const owner = this.owner(task.ownerId);
    owner.seq += 1;
    this.#owners.touch(owner);
    task.seq += 1;
    const seqs = { task: task.seq, run: 0, owner: owner.seq, ownerId: owner.id };
    this.events.append(task.partition, type, payload, seqs);
  }

  // ---- writing ----

  /** Tasks and runs that the tables know in an older state than the redo log. */
  get behind(): number {
    return this.#redo.behind;
  }

  /** Writes changed rows; before any query over tables that steps may have changed. */
  flushRows(): void {
    this.#writeRest();
    this.#redo.writeAll();
  }

  /** Writes everything. */
  flush(): void {
    this.flushRows();
    this.events.flush();
  }

  /** Brings into the file what the transaction has changed, before it commits. */
  seal(): void {
    this.#writeRest();
    this.#redo.log();
    this.events.flush();
  }

  /** Brings the tables up to date until they are at most `keep` rows behind. Between batches only. */
  writeBack(keep: number): void {
    this.#redo.writeBack(keep);
  }

  /** What is neither a task nor a run, and changes rarely. */
  #writeRest(): void {
    this.#owners.flush();
    for (const { taskN, counts } of this.#oldDays.values()) this.#writeDay(taskN, counts);
    this.#oldDays.clear();
  }

  /** Lets go of what need not stay in memory. Between batches only. */
  shed(): void {
    shedFrom(this.#tasks, MAX_TASKS, (task) => !this.#redo.needsTask(task));
    shedFrom(this.#runs, MAX_RUNS, (run) => !this.#redo.needsRun(run) && !this.leased.has(run.id));
    this.#owners.shed(MAX_TASKS);
  }

  // ---- loading ----

  load(): void {
    for (const map of [this.#tasks, this.#runs, this.#oldDays, this.leased]) map.clear();
    this.claims.undo();
    this.wakes = [];
    this.partitions = Array.from({ length: PARTITIONS }, emptyPartition);
    this.purging = true;
    this.db.exec('BEGIN IMMEDIATE');
    try {
      this.#redo.restore();
      this.#readNumbers();
      this.events.load(() => randomBytes(8).toString('hex'));
      this.#loadOpenRuns();
      this.db.exec('COMMIT');
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  #rollback(): void {
    try {
      this.db.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself.
    }
  }

  #readNumbers(): void {
    const number = (sql: string) => Number(this.db.prepare(sql).get()?.n ?? 0);
    this.#nextTaskN =
      Math.max(number('SELECT max(n) n FROM task'), number('SELECT max(task_n) n FROM purge')) + 1;
    this.#nextRunN = number('SELECT max(n) n FROM run') + 1;
    this.#owners.load();
  }

  /** Queues, waiting retries and leases. */
  #loadOpenRuns(): void {
    const queued: { task: TaskEntry; run: RunEntry }[] = [];
    for (const { task, run } of readOpenRuns(this.db)) {
      const place = this.partitions[task.partition]!;
      if (run.state === 'queued') {
        queued.push({ task, run });
      } else if (run.state === 'retry_wait') {
        place.retries.push({ at: run.retryAt ?? 0, runId: run.id });
      } else {
        if (task.seq < run.taskSeq) {
          task.seq = run.taskSeq;
          task.seqAhead = true;
          this.#tasks.set(task.id, task);
        }
        if (run.boot !== this.boot) {
          place.lost.push(run.id);
          continue;
        }
        this.#runs.set(run.id, run);
        this.leased.set(run.id, run);
      }
    }
    queued.sort((a, b) => (a.run.queuedAt ?? 0) - (b.run.queuedAt ?? 0) || a.run.n - b.run.n);
    for (const { task, run } of queued) {
      if (this.#runs.size < MAX_RUNS) this.#runs.set(run.id, run);
      this.pushReady(run, task.partition);
    }
  }
}
