/** The operations of the thread by name. Each is called with the state, the store's time and what the caller gave. */
import type { ClaimRequest, FireAnswer, FireRequest, RenewItem } from '../requests.ts';
import { checkIntegers, refuse } from './refused.ts';
import type { State } from './state.ts';
import { askRuns, cancelRun } from './steps/asked-runs.ts';
import { changeTask, deleteTask } from './steps/change-task.ts';
import { checkPartition, claimRuns, type WireClaim } from './steps/claim.ts';
import { deleteDocument, getDocument, listDocuments, putDocument } from './steps/documents.ts';
import { exportRuns, exportTasks, listDocumentLists, readMark, usedBytes } from './steps/export.ts';
import { finishRun, renewRun, type WireFinish } from './steps/finish.ts';
import { checkFire, fireTask } from './steps/fire.ts';
import {
  clear,
  importDocument,
  importReady,
  importRunLog,
  importRuns,
  importTask,
  importVerdicts,
  writeMark,
} from './steps/import.ts';
import { inspectIndexes, repairIndexes } from './steps/inspect-indexes.ts';
import { inspectTasks } from './steps/inspect-tasks.ts';
import { pruneTask } from './steps/prune.ts';
import { countVerdicts, getRun, listDays, listRuns, listVerdicts } from './steps/read.ts';
import { recoverRuns } from './steps/recover.ts';
import { repairDay, repairTask } from './steps/repair-task.ts';
import { replayPage } from './steps/replay.ts';
import { appendRunLog, listRunLog } from './steps/run-log.ts';
import { createTasks, getTask, listSegments, listTasks, loadDue, scanTasks } from './steps/tasks.ts';

const MAX_FIRES = 200;

function fireSlots(
  s: State,
  now: number,
  partition: number,
  fires: FireRequest[],
  claim?: ClaimRequest,
): { fires: FireAnswer[]; claimed: WireClaim[] } {
  checkPartition(partition);
  if (fires.length > MAX_FIRES) refuse('more than 200 fires');
  for (const fire of fires) checkFire(fire);
  const answers = fires.map((fire) => fireTask(s, now, fire));
  return { fires: answers, claimed: claim === undefined ? [] : claimRuns(s, now, partition, claim) };
}

function finishRuns(s: State, now: number, partition: number, items: WireFinish[], claim?: ClaimRequest) {
  checkPartition(partition);
  for (const { retryInMs } of items) checkIntegers({ retryInMs });
  const finished = items.map((item) => finishRun(s, now, item));
  return { finished, claimed: claim === undefined ? [] : claimRuns(s, now, partition, claim) };
}

function claim(s: State, now: number, partition: number, request: ClaimRequest): WireClaim[] {
  checkPartition(partition);
  return claimRuns(s, now, partition, request);
}

const renewRuns = (s: State, _now: number, items: RenewItem[]) => items.map((item) => renewRun(s, item));

function recover(s: State, now: number, partition: number, options: { limit: number; countLosses: boolean }) {
  checkPartition(partition);
  return recoverRuns(s, now, partition, options);
}

function readEvents(
  s: State,
  _now: number,
  partition: number,
  after: { epoch: string; position: string } | null,
  limit: number,
) {
  checkPartition(partition);
  s.events.flush();
  return s.events.read(partition, after, limit);
}

export const OPERATIONS = {
  getDocument,
  putDocument,
  deleteDocument,
  listDocuments,
  createTasks,
  getTask,
  listTasks,
  changeTask,
  deleteTask,
  listSegments,
  loadDue,
  fireSlots,
  claimRuns: claim,
  renewRuns,
  finishRuns,
  appendRunLog,
  listRunLog,
  askRuns,
  cancelRun,
  recoverRuns: recover,
  getRun,
  listRuns,
  listVerdicts,
  countVerdicts,
  listDays,
  pruneTask,
  scanTasks,
  inspectTasks,
  repairTask,
  inspectIndexes,
  repairIndexes,
  repairDay,
  readEvents,
  replayPage,
  readMark,
  writeMark,
  usedBytes,
  listDocumentLists,
  exportTasks,
  exportRuns,
  clear,
  importDocument,
  importTask,
  importRuns,
  importRunLog,
  importReady,
  importVerdicts,
} as const;

export type OperationName = keyof typeof OPERATIONS;

/** Arguments and answer of an operation, without state and time. */
type Tail<F> = F extends (s: State, now: number, ...args: infer A) => infer R ? [A, R] : never;
export type OperationArgs<N extends OperationName> = Tail<(typeof OPERATIONS)[N]>[0];
export type OperationResult<N extends OperationName> = Tail<(typeof OPERATIONS)[N]>[1];
