/** What a move reads out, beside what the contract has for everyone. See transfer.ts. */
import { partitionOfOwner } from '../../ids.ts';
import { decodeMark, type StoreMark } from '../../mark.ts';
import type { DocumentList, RunExport, StoreRoom, TaskExport } from '../../transfer.ts';
import { refuse } from '../refused.ts';
import { type WireRun, wireRun } from '../run-row.ts';
import type { State } from '../state.ts';
import { type WireTask, wireTask } from '../task-row.ts';

/** Lists looked at in one call: an index lookup each, some 2 ms together. */
const LISTS_A_CALL = 500;
const MOST_IDS = 100;

export type WireTaskExport = Omit<TaskExport, 'task'> & { task: WireTask };
export type WireRunExport = Omit<RunExport, 'run'> & { run: WireRun };

export function readMark(s: State): StoreMark | null {
  return decodeMark(s.db.prepare("SELECT value FROM meta WHERE key = 'mark'").get()?.value as string);
}

/** Pages of the file that are in use; the disk is asked outside. */
export function usedBytes(s: State): StoreRoom['usedBytes'] {
  const pragma = (name: string) => Number(s.db.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
  return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
}

/** `after`: owner and kind as JSON. Jumps along the index from list to list, past the documents of each. */
export function listDocumentLists(
  s: State,
  _now: number,
  partition: number,
  after: string | null,
): { lists: DocumentList[]; next: string | null } {
  const following = s.db.prepare(
    'SELECT owner_id, kind FROM document WHERE (owner_id, kind) > (?, ?) ORDER BY owner_id, kind LIMIT 1',
  );
  const lists: DocumentList[] = [];
  let [ownerId, kind] = after === null ? ['', ''] : (JSON.parse(after) as [string, string]);
  for (let looked = 0; looked < LISTS_A_CALL; looked++) {
    const row = following.get(ownerId, kind);
    if (row === undefined) return { lists, next: null };
    [ownerId, kind] = [row.owner_id as string, row.kind as string];
    if (partitionOfOwner(ownerId) === partition) lists.push({ ownerId, kind });
  }
  return { lists, next: JSON.stringify([ownerId, kind]) };
}

export function exportTasks(s: State, _now: number, taskIds: string[]): WireTaskExport[] {
  if (taskIds.length > MOST_IDS) refuse('more than 100 tasks');
  return taskIds.flatMap((id) => {
    const task = s.task(id);
    if (task === null) return [];
    const { fingerprint, pauseAfterFailures } = task;
    return [{ task: wireTask(task), fingerprint, pauseAfterFailures }];
  });
}

export function exportRuns(s: State, _now: number, runIds: string[]): WireRunExport[] {
  if (runIds.length > MOST_IDS) refuse('more than 100 runs');
  s.flushRows();
  return runIds.flatMap((id) => {
    const run = s.run(id);
    if (run === null) return [];
    const { day, attemptNo: attempt, fence, failures, losses } = run;
    return [{ run: wireRun(run), day, attempt, fence, failures, losses }];
  });
}
