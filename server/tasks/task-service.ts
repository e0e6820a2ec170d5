/** Tasks of a user: made, read, changed, paused, resumed, removed. */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { BatchAnswer, TaskCreate } from '../../shared/api.ts';
import { AppError } from '../lib/errors.ts';
import { isTaskId, newTaskId } from '../store/ids.ts';
import type { TaskRecord } from '../store/records.ts';
import type { CreateTaskAnswer, NewTask, TaskChange } from '../store/requests.ts';
import type { Store } from '../store/store.ts';
import { decodeIdCursor, encodeCursor } from './cursor.ts';
import {
  type CheckAction,
  canonical,
  checkDefinition,
  sameJson,
  sameSchedule,
  toDefinition,
} from './definition.ts';
import { removeSync } from './handler-ports.ts';
import { claimKey, keyReused } from './idempotency.ts';
import { ownTask, taskNotFound } from './own-task.ts';
import type { BatchOptions, TaskService } from './services.ts';
import * as changes from './task-changes.ts';
import { countTasks, fitsFilter } from './task-filter.ts';
import { createTaskReader } from './task-reader.ts';
import { taskView, unmaskAction } from './task-view.ts';

/** Tasks that one user may have. */
export const MOST_TASKS = 2_000;
/** Tasks created in one step. */
const CREATED_A_STEP = 100;
/** Items of a batch that are judged before others have their turn: a pattern that never meets its calendar takes 37 ms. */
const JUDGED_A_TURN = 4;
/** A task that fires every second moves on under an edit; the edit is planned again this often. */
const CHANGE_TRIES = 10;

export function createTaskService(deps: { store: Store; checkAction: CheckAction }): TaskService {
  const { store, checkAction } = deps;
  const { view, views } = createTaskReader(store);

  /** Checks the input and says what to create; rejects with an AppError. */
  async function prepare(
    userId: string,
    input: TaskCreate,
    now: number,
    seed: string | undefined,
  ): Promise<NewTask> {
    const definition = toDefinition(input);
    const id = newTaskId(userId, seed);
    try {
      checkDefinition(definition, now, checkAction);
    } catch (error) {
      // A repeat under its key is judged as of the first call: its instants may have passed since.
      const known = seed === undefined ? null : await store.getTask(id);
      if (known === null) throw error;
      checkDefinition(definition, known.createdAt, checkAction);
    }
    // 72 bits, only compared with that of the same id.
    const fingerprint = createHash('sha256').update(canonical(definition)).digest('base64url').slice(0, 12);
    return changes.newTask(id, definition, now, fingerprint);
  }

  /**
   * Reads, plans the change and applies it; planned again when the task moved on meanwhile. `plan` answers null when there
   * is nothing to do. A pending end or pause is carried out first: it was asked for earlier.
   */
  async function change(
    userId: string,
    taskId: string,
    plan: (task: TaskRecord, now: number) => TaskChange | typeof changes.BEHIND | null,
  ): Promise<TaskRecord> {
    for (let tries = 0; tries < CHANGE_TRIES; tries += 1) {
      const task = await ownTask(store, userId, taskId);
      const now = await store.time();
      const planned = task.closing === null ? plan(task, now) : changes.carryOutClosing(task, now);
      if (planned === null) return task;
      if (planned === changes.BEHIND) throw behind();
      const answer = await store.changeTask(planned);
      if (answer.code === 'gone') throw taskNotFound();
      if (answer.code === 'changed' && task.closing === null) return answer.task;
      if (answer.code === 'version_conflict' && tries === CHANGE_TRIES - 1)
        throw versionConflict(answer.version);
    }
    throw behind();
  }

  return {
    async create(userId, input, { key } = {}) {
      const now = await store.time();
      const wanted = await prepare(
        userId,
        input,
        now,
        key === undefined ? undefined : `POST /api/tasks\0${key}`,
      );
      const [answer] = await store.createTasks(userId, [wanted], MOST_TASKS);
      const task = created(answer);
      return { task: await view(task), created: answer?.code === 'created' };
    },

    async createBatch(userId, inputs, { key, locale = 'en' }: BatchOptions = {}) {
      await claimKey(store, userId, 'POST /api/tasks/batch', key, inputs);
      const now = await store.time();
      const items: BatchAnswer['items'] = [];
      const wanted: { index: number; task: NewTask }[] = [];
      for (const [index, input] of inputs.entries()) {
        if (index % JUDGED_A_TURN === 0) await setImmediate();
        try {
          const seed = key === undefined ? undefined : `POST /api/tasks/batch\0${key}\0${index}`;
          wanted.push({ index, task: await prepare(userId, input, now, seed) });
        } catch (error) {
          items[index] = refusal(error, locale);
        }
      }
      for (let from = 0; from < wanted.length; from += CREATED_A_STEP) {
        const slice = wanted.slice(from, from + CREATED_A_STEP);
        const answers = await store.createTasks(
          userId,
          slice.map((w) => w.task),
          MOST_TASKS,
        );
        for (const [at, { index }] of slice.entries()) {
          try {
            items[index] = { ok: true, task: taskView(created(answers[at]), null, []) };
          } catch (error) {
            items[index] = refusal(error, locale);
          }
        }
      }
      return { items };
    },

    async list(userId, { scope = 'own', limit, cursor, recent, ...conditions }) {
      const all = await store.listTasks(userId);
      const counts = countTasks(all);
      // Nothing can be watched or published to others yet.
      if (scope !== 'own') return { items: [], nextCursor: null, counts };
      const wanted = all
        .slice(cursor === undefined ? 0 : placeAfter(all, cursor))
        .filter((task) => fitsFilter(task, conditions));
      const page = wanted.slice(0, limit);
      const last = page.at(-1);
      const items = await views(page, recent);
      const more = last !== undefined && wanted.length > limit;
      return { items, nextCursor: more ? encodeCursor(`${last.createdAt}.${last.id}`) : null, counts };
    },

    async get(userId, taskId, { recent } = {}) {
      return view(await ownTask(store, userId, taskId), recent);
    },

    async patch(userId, taskId, patch) {
      const task = await change(userId, taskId, (current, now) => {
        if (current.version !== patch.version) throw versionConflict(current.version);
        const kept = current.definition;
        const action = patch.action === undefined ? kept.action : unmaskAction(patch.action, kept.action);
        const definition = toDefinition({
          name: patch.name ?? kept.name,
          schedule: patch.schedule ?? kept.schedule,
          action,
          policy: patch.policy ?? kept.policy,
          visibleTo: patch.visibleTo === undefined ? kept.visibleTo : patch.visibleTo,
        });
        definition.requires = kept.requires;
        const rescheduled = !sameSchedule(definition.schedule, kept.schedule);
        if (!rescheduled) definition.schedule = kept.schedule;
        // A schedule that is kept may lie in the past by now; only a new one is checked against the clock.
        checkDefinition(rescheduled ? definition : { ...definition, schedule: HARMLESS }, now, checkAction);
        if (rescheduled) return changes.reschedule(current, definition, now);
        return sameJson(definition, kept) ? null : changes.redefine(current, definition);
      });
      return view(task);
    },

    async remove(userId, taskId) {
      await ownTask(store, userId, taskId);
      await store.deleteTask(taskId);
      await removeSync(store, userId, taskId);
    },

    async pause(userId, taskId) {
      const task = await change(userId, taskId, (current, now) => {
        if (current.state === 'ended') throw stateConflict(current.state);
        return current.state === 'paused' ? null : changes.pause(current, now);
      });
      return view(task);
    },

    async resume(userId, taskId) {
      const task = await change(userId, taskId, (current, now) => {
        if (current.state === 'ended') throw stateConflict(current.state);
        return current.state === 'active' ? null : changes.resume(current, now);
      });
      return view(task);
    },
  };
}

/** Where a page goes on: behind the task that ended the last one, whatever became of its state or name meanwhile. */
function placeAfter(newestFirst: readonly TaskRecord[], cursor: string): number {
  const isPlace = (text: string) =>
    /^\d+$/.test(text.split('.')[0] ?? '') && isTaskId(text.split('.')[1] ?? '');
  const [createdAt, id] = decodeIdCursor(cursor, isPlace).split('.');
  const index = newestFirst.findIndex((task) => task.id === id);
  if (index >= 0) return index + 1;
  // It has been deleted. Rather shown twice than left out.
  const next = newestFirst.findIndex((task) => task.createdAt <= Number(createdAt));
  return next === -1 ? newestFirst.length : next;
}

const HARMLESS = { kind: 'every', everyMs: 60_000 } as const;

function created(answer: CreateTaskAnswer | undefined): TaskRecord {
  if (answer?.code === 'created' || answer?.code === 'exists') return answer.task;
  if (answer?.code === 'limit') {
    throw new AppError('TASK_LIMIT_REACHED', {
      zh: `最多 ${MOST_TASKS} 个任务`,
      en: `at most ${MOST_TASKS} tasks`,
    });
  }
  throw keyReused();
}

function refusal(error: unknown, locale: 'zh-CN' | 'en'): BatchAnswer['items'][number] {
  if (!(error instanceof AppError)) throw error;
  const path = error.details[0]?.path ?? '';
  const message = locale === 'zh-CN' ? error.words.zh : error.words.en;
  return { ok: false, error: { code: error.code, message: path === '' ? message : `${path}: ${message}` } };
}

const versionConflict = (version: number) =>
  new AppError(
    'TASK_VERSION_CONFLICT',
    {
      zh: `任务已被改动，当前版本 ${version}`,
      en: `the task was changed meanwhile; its version is ${version}`,
    },
    { facts: { version } },
  );

const stateConflict = (state: string) =>
  new AppError(
    'TASK_STATE_CONFLICT',
    { zh: `任务状态是 ${state}`, en: `the task is ${state}` },
    { facts: { state } },
  );

const behind = () =>
  new AppError(
    'TASK_BEHIND',
    {
      zh: '任务正在补齐错过的时点，请稍后再试',
      en: 'the task is catching up with missed slots: try again soon',
    },
    { retryAfter: 1 },
  );
