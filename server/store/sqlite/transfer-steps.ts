/** The main thread's side of what a move reads out and puts in. See transfer.ts. */
import { statfs } from 'node:fs/promises';
import type { JsonValue, TaskDefinition } from '../../../shared/task.ts';
import type { TransferSteps } from '../transfer.ts';
import type { ThreadClient } from './thread-client.ts';

const textOf = (value: JsonValue) => (value === null ? null : JSON.stringify(value));

export function createTransferSteps(thread: ThreadClient, dir: string): TransferSteps {
  const run = thread.call.bind(thread);
  return {
    readMark: () => run('readMark'),
    writeMark: (mark) => run('writeMark', mark),
    async room() {
      const [usedBytes, disk] = await Promise.all([run('usedBytes'), statfs(dir)]);
      return { usedBytes, freeBytes: disk.bavail * disk.bsize };
    },

    listDocumentLists: (partition, after) => run('listDocumentLists', partition, after),
    async exportTasks(taskIds) {
      const tasks = await run('exportTasks', taskIds);
      return tasks.map(({ task, ...more }) => ({
        ...more,
        task: { ...task, definition: JSON.parse(task.definition) as TaskDefinition },
      }));
    },
    async exportRuns(runIds) {
      const runs = await run('exportRuns', runIds);
      return runs.map(({ run: one, ...more }) => ({
        ...more,
        run: { ...one, result: one.result === null ? null : (JSON.parse(one.result) as JsonValue) },
      }));
    },

    clear: () => run('clear'),
    importDocument: (ownerId, kind, document) =>
      run('importDocument', ownerId, kind, { ...document, value: JSON.stringify(document.value) }),
    importTask: ({ task, ...more }, closed, days) =>
      run(
        'importTask',
        { ...more, task: { ...task, definition: JSON.stringify(task.definition) } },
        closed,
        days,
      ),
    importRuns: (runs) =>
      run(
        'importRuns',
        runs.map(({ run: one, ...more }) => ({ ...more, run: { ...one, result: textOf(one.result) } })),
      ),
    importRunLog: (runId, lines) => run('importRunLog', runId, lines),
    importReady: (runIds) => run('importReady', runIds),
    importVerdicts: (taskId, records) => run('importVerdicts', taskId, records),
  };
}
