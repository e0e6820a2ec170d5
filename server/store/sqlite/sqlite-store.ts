/**
 * The embedded store: SQLite in a thread of its own, for one process. Operations of one event-loop turn go to the
 * thread as one batch, which is one transaction and one sync (as several, where they move many runs); while two are under
 * way, further operations wait and make the next one larger.
 */

import type { JsonValue } from '../../../shared/task.ts';
import { hostClock } from '../../lib/clock.ts';
import { partitionOfId } from '../ids.ts';
import type { DocumentRecord, RunRecord, TaskRecord } from '../records.ts';
import { replayInPages } from '../replay.ts';
import type { ServerBeat } from '../requests.ts';
import type { Store } from '../store.ts';
import { DefinitionCache } from './definition-cache.ts';
import { newestLines } from './newest-lines.ts';
import type { WireRun } from './run-row.ts';
import type { WireClaim } from './steps/claim.ts';
import type { WireDocument } from './steps/documents.ts';
import type { WireTask } from './task-row.ts';
import { ThreadClient } from './thread-client.ts';
import { createTransferSteps } from './transfer-steps.ts';

export interface SqliteStoreOptions {
  /** The data folder; made when missing. */
  dir: string;
  /** Ms since the Unix epoch. Default: the host's clock. Given by tests. */
  clock?: () => number;
  /** Starts although a mark keeps servers off (mark.ts). */
  forMove?: boolean;
}

export function createSqliteStore({ dir, clock, forMove = false }: SqliteStoreOptions): Store {
  const thread = new ThreadClient({ dir, forMove }, clock ?? null);
  const now = clock ?? hostClock.now;
  const definitions = new DefinitionCache();
  const servers = new Map<string, { server: ServerBeat; until: number }>();
  const run = thread.call.bind(thread);

  const claimed = (claims: WireClaim[]) =>
    claims.map((claim) => ({ ...claim, definition: definitions.get(claim.definition) }));
  /** Ids that cannot be ours belong to nothing. */
  const known = (id: string) => partitionOfId(id) !== null;

  return {
    kind: 'embedded',

    start: (listener) => thread.start(listener),
    stop: () => thread.stop(),

    async time() {
      thread.check();
      return now();
    },

    async beat(server, ttlMs) {
      thread.check();
      const at = now();
      servers.set(server.id, { server, until: at + ttlMs });
      for (const [id, { until }] of servers) if (until <= at) servers.delete(id);
      return [...servers.values()].map((entry) => entry.server);
    },

    async getDocument(ownerId, kind, id) {
      return documentOf(await run('getDocument', ownerId, kind, id));
    },
    async putDocument(ownerId, kind, id, value, options) {
      return documentOf(await run('putDocument', ownerId, kind, id, JSON.stringify(value), options));
    },
    deleteDocument: (ownerId, kind, id, ifVersion) => run('deleteDocument', ownerId, kind, id, ifVersion),
    async listDocuments(ownerId, kind, options) {
      return (await run('listDocuments', ownerId, kind, options)).map((document) => documentOf(document)!);
    },

    async createTasks(ownerId, tasks, limit) {
      const wire = tasks.map((task) => ({ ...task, definition: JSON.stringify(task.definition) }));
      const answers = await run('createTasks', ownerId, wire, limit);
      return answers.map((answer) => ('task' in answer ? { ...answer, task: taskOf(answer.task) } : answer));
    },
    async getTask(taskId) {
      const task = await run('getTask', taskId);
      return task === null ? null : taskOf(task);
    },
    async listTasks(ownerId) {
      return (await run('listTasks', ownerId)).map(taskOf);
    },
    async changeTask({ definition, ...change }) {
      const text = definition === undefined ? {} : { definition: JSON.stringify(definition) };
      const answer = await run('changeTask', { ...change, ...text });
      return 'task' in answer ? { ...answer, task: taskOf(answer.task) } : answer;
    },
    deleteTask: (taskId) => run('deleteTask', taskId),
    listSegments: (taskId) => run('listSegments', taskId),

    async loadDue(partition, untilAt, limit, after) {
      return (await run('loadDue', partition, untilAt, limit, after)).map(taskOf);
    },
    async fireSlots(partition, fires, claim) {
      const answer = await run('fireSlots', partition, fires, claim);
      return { fires: answer.fires, claimed: claimed(answer.claimed) };
    },

    async claimRuns(partition, claim) {
      return claimed(await run('claimRuns', partition, claim));
    },
    renewRuns: (_partition, items) => run('renewRuns', items),
    async finishRuns(partition, items, claim) {
      const wire = items.map((item) => ({
        ...item,
        result: item.result === null ? null : JSON.stringify(item.result),
      }));
      const answer = await run('finishRuns', partition, wire, claim);
      return { finished: answer.finished, claimed: claimed(answer.claimed) };
    },
    async appendRunLog(runId, lease, lines, progress) {
      const newest = newestLines(lines);
      const isKept = await run('appendRunLog', runId, lease, newest, progress);
      const partition = partitionOfId(runId);
      if (isKept && partition !== null && (newest.length > 0 || progress !== null)) {
        thread.tellRunLog({ partition, runId, progress, lines: newest });
      }
      return isKept;
    },
    listRunLog: (runId) => run('listRunLog', runId),
    async askRuns(taskId, runs, maxUnended) {
      const answers = await run('askRuns', taskId, runs, maxUnended);
      return answers.map((answer) => ('run' in answer ? { ...answer, run: runOf(answer.run) } : answer));
    },
    async cancelRun(runId) {
      const answer = await run('cancelRun', runId);
      return 'run' in answer ? { ...answer, run: runOf(answer.run) } : answer;
    },
    recoverRuns: (partition, options) => run('recoverRuns', partition, options),
    async getRun(runId) {
      const found = known(runId) ? await run('getRun', runId) : null;
      return found === null ? null : runOf(found);
    },
    async listRuns(of, options) {
      const { items, more } = await run('listRuns', of, options);
      return { items: items.map(runOf), more };
    },

    listVerdicts: (taskId, fromAt, toAt, options) => run('listVerdicts', taskId, fromAt, toAt, options),
    countVerdicts: (taskId) => run('countVerdicts', taskId),
    listDays: (taskId, fromDay) => run('listDays', taskId, fromDay),
    pruneTask: (taskId, options) => run('pruneTask', taskId, options),

    async scanTasks(partition, after, limit) {
      return (await run('scanTasks', partition, after, limit)).map(taskOf);
    },

    async inspectTasks(partition, of) {
      const { tasks, broken, next } = await run('inspectTasks', partition, of);
      return { tasks: tasks.map(({ task, faults }) => ({ task: taskOf(task), faults })), broken, next };
    },
    repairTask: (taskId) => run('repairTask', taskId),
    inspectIndexes: (partition, after, limit) => run('inspectIndexes', partition, after, limit),
    repairIndexes: (partition, strays) => run('repairIndexes', partition, strays),
    repairDay: (taskId, day, seen, counted) => run('repairDay', taskId, day, seen, counted),

    readEvents: (partition, after, limit) => run('readEvents', partition, after, limit),
    replayTopics: (partition, asks, limit) =>
      replayInPages(partition, asks, limit, (sought, before, most) =>
        run('replayPage', partition, sought, before, most),
      ),
    listen: (partitions) => thread.listen(partitions),

    ...createTransferSteps(thread, dir),
  };
}

function documentOf(document: WireDocument | null): DocumentRecord | null {
  return document === null ? null : { ...document, value: JSON.parse(document.value) as JsonValue };
}

const taskOf = (task: WireTask): TaskRecord => ({ ...task, definition: JSON.parse(task.definition) });

const runOf = (run: WireRun): RunRecord => ({
  ...run,
  result: run.result === null ? null : (JSON.parse(run.result) as JsonValue),
});
