/** What a move puts in. See transfer.ts. */
import { partitionOfId, partitionOfOwner } from '../../ids.ts';
import { encodeMark, type StoreMark } from '../../mark.ts';
import type { DayRecord, Segment, VerdictRecord } from '../../records.ts';
import type { StoredLogLine } from '../../requests.ts';
import { countsOfRecord, packCounts } from '../days.ts';
import { refuse } from '../refused.ts';
import { keyOfRunId, type RunEntry } from '../run-row.ts';
import type { State } from '../state.ts';
import { ALL, CLEAN, NOW, type TaskEntry } from '../task-row.ts';
import { putRecord } from '../verdicts.ts';
import type { WireDocument } from './documents.ts';
import { readMark, type WireRunExport, type WireTaskExport } from './export.ts';
import { appendLines } from './run-log.ts';

const MOST_RUNS = 100;
const MOST_READY = 1_000;
const MOST_VERDICTS = 1_000;

export function writeMark(s: State, _now: number, mark: StoreMark | null): void {
  if (mark === null) s.db.prepare("DELETE FROM meta WHERE key = 'mark'").run();
  else s.db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('mark', ?)").run(encodeMark(mark));
}

/** All tables but `meta`; SQLite drops whole tables without looking at rows. */
export function clear(s: State): void {
  if (readMark(s)?.kind !== 'arriving') refuse('only a store that a move writes may be cleared');
  s.flush();
  const tables = s.db
    .prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('meta', 'sqlite_sequence')",
    )
    .all();
  for (const { name } of tables) s.db.prepare(`DELETE FROM "${name}"`).run();
}

export function importDocument(
  s: State,
  now: number,
  ownerId: string,
  kind: string,
  { id, version, value, expiresAt }: WireDocument,
): void {
  if (expiresAt !== null && expiresAt <= now) return;
  s.db
    .prepare(
      'INSERT OR REPLACE INTO document (owner_id, kind, id, version, value, expires_at) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(ownerId, kind, id, version, value, expiresAt);
}

export function importTask(
  s: State,
  _now: number,
  { task: given, fingerprint, pauseAfterFailures }: WireTaskExport,
  closed: Segment[],
  days: DayRecord[],
): void {
  const partition = partitionOfOwner(given.ownerId);
  if (partitionOfId(given.id) !== partition) refuse(`task id ${given.id} is not of its owner`);
  if (s.task(given.id) !== null) return;
  const owner = s.owner(given.ownerId);
  // Only events write an owner's row, and a move makes none.
  s.db.prepare('INSERT OR IGNORE INTO owner (n, id, seq) VALUES (?, ?, ?)').run(owner.n, owner.id, owner.seq);
  const counts = days.map(countsOfRecord);
  const task: TaskEntry = {
    ...given,
    n: 0,
    ownerN: owner.n,
    partition,
    fingerprint,
    pauseAfterFailures,
    live: 0,
    held: 0,
    waiting: 0,
    lateLive: 0,
    freeLive: 0,
    asked: 0,
    kept: 0,
    seq: 0,
    seqAhead: false,
    // The next skip begins a record of its own: what the last one could be joined to is not part of any record.
    lastSkip: null,
    today: counts.at(-1) ?? null,
    dirty: CLEAN,
    inserted: false,
    deleted: false,
  };
  s.addTask(task);
  s.touchTask(task, ALL);
  const putDay = s.db.prepare('INSERT INTO day (task_n, day, counts) VALUES (?, ?, ?)');
  for (const one of counts.slice(0, -1)) putDay.run(task.n, one.day, packCounts(one));
  const putSegment = s.db.prepare('INSERT INTO segment (task_n, to_at, body) VALUES (?, ?, ?)');
  for (const segment of closed) putSegment.run(task.n, segment.toAt, JSON.stringify(segment));
}

export function importRuns(s: State, _now: number, runs: WireRunExport[]): void {
  if (runs.length > MOST_RUNS) refuse('more than 100 runs');
  s.flushRows();
  for (const one of runs) {
    const task = s.task(one.run.taskId);
    if (task === null) refuse(`the task of run ${one.run.id} is not there`);
    if (s.run(one.run.id) === null) importRun(s, task, one);
  }
}

function importRun(s: State, task: TaskEntry, { run: given, attempt, ...more }: WireRunExport): void {
  const run: RunEntry = {
    ...given,
    ...more,
    n: 0,
    key: keyOfRunId(given.id),
    taskN: task.n,
    ownerN: task.ownerN,
    attempts: given.attempts.map((a) => [a.n, a.fence, a.worker, a.startedAt, a.endedAt, a.outcome, a.error]),
    attemptNo: attempt,
    token: null,
    // No boot has this number: a run that was running is lost.
    boot: 0,
    seq: 0,
    taskSeq: 0,
    logged: false,
    dirty: false,
    inserted: false,
  };
  s.addRun(run);
  task.kept += 1;
  if (run.endedAt === null) countOpen(s, task, run);
  s.touchTask(task, NOW);
}

function countOpen(s: State, task: TaskEntry, run: RunEntry): void {
  if (run.trigger !== 'slot') task.asked += 1;
  if (run.state === 'held') {
    if (run.line === 'slot') task.held += 1;
    else task.waiting += 1;
    return;
  }
  if (run.line === 'slot') task.live += 1;
  else if (run.line === 'late') task.lateLive += 1;
  else task.freeLive += 1;
  const place = s.partitions[task.partition]!;
  if (run.state === 'retry_wait') place.retries.push({ at: run.retryAt ?? 0, runId: run.id });
  else if (run.state !== 'queued') place.lost.push(run.id);
}

export function importRunLog(s: State, _now: number, runId: string, lines: StoredLogLine[]): void {
  const run = s.run(runId);
  if (run === null) refuse(`run ${runId} is not there`);
  s.flushRows();
  s.db.prepare('DELETE FROM run_log WHERE run_n = ?').run(run.n);
  if (lines.length > 0) appendLines(s, run, lines);
}

export function importReady(s: State, _now: number, runIds: string[]): void {
  if (runIds.length > MOST_READY) refuse('more than 1,000 runs');
  for (const id of runIds) {
    const run = s.run(id);
    if (run?.state === 'queued') s.pushReady(run, partitionOfId(id)!);
  }
}

/** A slot whose run is kept has its verdict there. */
export function importVerdicts(s: State, _now: number, taskId: string, records: VerdictRecord[]): void {
  if (records.length > MOST_VERDICTS) refuse('more than 1,000 verdicts');
  const task = s.task(taskId);
  if (task === null) refuse(`task ${taskId} is not there`);
  s.flushRows();
  const runOf = s.db.prepare('SELECT 1 FROM run WHERE task_n = ? AND key = ?');
  for (const record of records) {
    const hasRun = record.verdict !== 'skipped' && runOf.get(task.n, record.plannedAt) !== undefined;
    if (!hasRun) putRecord(s, task, record);
  }
}
