/** Tasks: create, read, change, delete, and the listing of what is due. */
import { partitionOfId, partitionOfOwner } from '../ids.ts';
import type { Segment, TaskRecord } from '../records.ts';
import type { ChangeTaskAnswer, CreateTaskAnswer, NewTask } from '../requests.ts';
import type { Store } from '../store.ts';
import { checkDecisions } from './check-decisions.ts';
import { encodeName, type Keys } from './keys.ts';
import type { Link } from './link.ts';
import {
  decodeSegment,
  decodeTask,
  encodeDefinition,
  encodeFingerprint,
  encodeSegment,
  TASK_STATE_LETTER,
} from './task-codec.ts';
import { REASON_LETTER } from './verdict-codec.ts';

type TaskSteps = Pick<
  Store,
  | 'createTasks'
  | 'getTask'
  | 'listTasks'
  | 'changeTask'
  | 'deleteTask'
  | 'listSegments'
  | 'loadDue'
  | 'scanTasks'
>;

/** Tasks of one MGET; 200 of 0.6 KB hold Redis for about 0.1 ms. */
const TASKS_A_READ = 200;

export function createTaskSteps({ link, keys }: { link: Link; keys: Keys }): TaskSteps {
  const keysOf = (partition: number, taskId: string) => [
    keys.of(partition, 'DEFINITION', taskId),
    keys.of(partition, 'TASK', taskId),
  ];

  async function readTasks(partition: number, ids: string[]): Promise<TaskRecord[]> {
    if (ids.length === 0) return [];
    const texts = await link.command((client) => client.mget(ids.flatMap((id) => keysOf(partition, id))));
    return ids.flatMap((id, index) => {
      const [definition, hot] = [texts[2 * index], texts[2 * index + 1]];
      return definition ? [decodeTask(id, definition, hot ?? '')] : [];
    });
  }

  return {
    async createTasks(ownerId, tasks, limit) {
      if (tasks.length > 100) throw new Error('createTasks takes at most 100 tasks');
      if (tasks.length === 0) return [];
      const partition = partitionOfOwner(ownerId);
      for (const { id } of tasks) {
        if (partitionOfId(id) !== partition) throw new Error(`task ${id} is not in its owner's partition`);
      }
      const args = [encodeName(ownerId), limit, ...tasks.flatMap(encodeNewTask)];
      const [answers] = (await link.step('create-tasks', partition, args)) as [string[]];
      return tasks.map(({ id }, index): CreateTaskAnswer => {
        const [code, definition, hot] = answers.slice(3 * index) as [string, string, string];
        return code === 'created' || code === 'exists'
          ? { code, task: decodeTask(id, definition, hot) }
          : { code: code as 'conflict' | 'limit' };
      });
    },

    async getTask(taskId) {
      const partition = partitionOfId(taskId);
      return partition === null ? null : ((await readTasks(partition, [taskId]))[0] ?? null);
    },

    async listTasks(ownerId) {
      const partition = partitionOfOwner(ownerId);
      const key = keys.of(partition, 'OWNER_TASKS', encodeName(ownerId));
      const ids = await link.command((client) => client.zrevrange(key, 0, -1));
      const pages: Promise<TaskRecord[]>[] = [];
      for (let from = 0; from < ids.length; from += TASKS_A_READ) {
        pages.push(readTasks(partition, ids.slice(from, from + TASKS_A_READ)));
      }
      return (await Promise.all(pages)).flat();
    },

    async changeTask(change) {
      const partition = partitionOfId(change.taskId);
      if (partition === null) return { code: 'gone' };
      const { cursorAt, nextCursorAt } = change;
      if (cursorAt !== null) checkDecisions(change.taskId, cursorAt, nextCursorAt, change.skips);
      else if (change.skips.length > 0) throw new Error(`${change.taskId}: skips without a cursor`);
      const answer = await link.step('change-task', partition, [
        change.taskId,
        change.version,
        cursorAt ?? '-',
        change.byUser ? 1 : 0,
        change.closes ? 1 : 0,
        change.definition === undefined ? '' : encodeDefinition(change.definition),
        change.pauseAfterFailures === undefined ? '' : (change.pauseAfterFailures ?? '-'),
        change.state === undefined ? '' : TASK_STATE_LETTER[change.state],
        nextCursorAt,
        change.closeAt ?? '-',
        change.open === null ? '' : encodeSegment(change.open, change.definition),
        change.nextAt ?? '-',
        change.cancelHeld ? 1 : 0,
        ...change.skips.flatMap((skip) => [
          skip.plannedAt,
          skip.toAt,
          skip.count,
          REASON_LETTER[skip.reason],
          skip.day,
        ]),
      ]);
      const [code, first, hot] = answer as [ChangeTaskAnswer['code'], string, string];
      if (code === 'changed') return { code, task: decodeTask(change.taskId, first, hot) };
      return code === 'version_conflict' ? { code, version: Number(first) } : { code };
    },

    async deleteTask(taskId) {
      const partition = partitionOfId(taskId);
      if (partition === null) return false;
      const [deleted] = (await link.step('delete-task', partition, [taskId])) as [number];
      return deleted === 1;
    },

    async listSegments(taskId): Promise<Segment[]> {
      const partition = partitionOfId(taskId);
      if (partition === null) return [];
      const lines = (await link.read('list-segments', keys.partition(partition), [taskId])) as string[];
      return lines.map((line) => decodeSegment(line));
    },

    async loadDue(partition, untilAt, limit, after) {
      const args = [untilAt, limit, after?.nextAt ?? '', after?.taskId ?? ''];
      return decodeTasks(await link.read('load-due', keys.partition(partition), args));
    },

    async scanTasks(partition, after, limit) {
      return decodeTasks(await link.read('scan-tasks', keys.partition(partition), [after ?? '', limit]));
    },
  };
}

/** Flat: definition key's text, hot text (empty for a task as it was made), id. */
function decodeTasks(answer: unknown): TaskRecord[] {
  const texts = answer as string[];
  const tasks: TaskRecord[] = [];
  for (let at = 0; at < texts.length; at += 3) {
    const [definition, hot, id] = texts.slice(at, at + 3) as [string, string, string];
    tasks.push(decodeTask(id, definition, hot));
  }
  return tasks;
}

function encodeNewTask(task: NewTask): (string | number)[] {
  return [
    task.id,
    encodeSegment(task.segment, task.definition),
    encodeFingerprint(task.fingerprint),
    encodeDefinition(task.definition),
    task.cursorAt === task.segment.fromAt - 1 ? '=' : task.cursorAt,
    task.nextAt ?? '-',
    task.pauseAfterFailures ?? '-',
  ];
}
