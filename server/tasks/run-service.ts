/** Runs of a user's tasks: asked for, read, cancelled, repeated. */
import type { Run } from '../../shared/run.ts';
import { AppError } from '../lib/errors.ts';
import { askedRunId, isRunId, taskIdOfRun } from '../store/ids.ts';
import type { RunRecord, Segment, StepPolicy, TaskRecord } from '../store/records.ts';
import type { AskAnswer, AskedRun } from '../store/requests.ts';
import type { Store } from '../store/store.ts';
import { cursorInvalid, decodeIdCursor, encodeCursor } from './cursor.ts';
import { claimKey, keyReused } from './idempotency.ts';
import { ownRun, ownTask, runNotFound, taskNotFound } from './own-task.ts';
import { POLICY_DEFAULTS } from './policy-defaults.ts';
import { createSegmentSource } from './segment-source.ts';
import type { RunService } from './services.ts';
import { succeededSlots } from './succeeded-slots.ts';
import { runSummary, runView } from './task-view.ts';

/** Unended manual runs of one task, and slots of one backfill. */
const MOST_UNENDED = 100;
export const MOST_BACKFILLED = 1_000;
/** With all that may wait, one of them running, and manual runs beside them. */
const MOST_UNENDED_IN_ALL = MOST_BACKFILLED + 1 + MOST_UNENDED;
const ASKED_A_STEP = 100;
const ENDED = ['succeeded', 'failed', 'timed_out', 'cancelled'];

export function createRunService(deps: { store: Store }): RunService {
  const { store } = deps;

  async function ask(
    task: TaskRecord,
    run: Omit<AskedRun, 'taskId' | 'policy'>,
  ): Promise<{ run: Run; created: boolean }> {
    const asked: AskedRun = { ...run, taskId: task.id, policy: stepPolicyOf(task) };
    const [answer] = await store.askRuns(task.id, [asked], MOST_UNENDED);
    const record = answered(answer);
    // The same key for another run to repeat is another request.
    if (record.retryOf !== run.retryOf) throw keyReused();
    return { run: runView(record), created: answer?.code === 'created' };
  }

  return {
    async runNow(userId, taskId, { key } = {}) {
      const task = await ownTask(store, userId, taskId);
      const id = askedRunId(taskId, 'manual', key === undefined ? undefined : `run\0${userId}\0${key}`);
      return ask(task, {
        id,
        trigger: 'manual',
        line: 'free',
        plannedAt: null,
        nominalAt: null,
        retryOf: null,
      });
    },

    async backfill(userId, taskId, { fromAt, toAt, all = false }, { key } = {}) {
      const task = await ownTask(store, userId, taskId);
      if (fromAt >= toAt)
        throw new AppError('RANGE_INVALID', { zh: 'fromAt 必须早于 toAt', en: 'fromAt must be before toAt' });
      await claimKey(store, userId, `POST /api/tasks/${taskId}/backfill`, key, { fromAt, toAt, all });
      const slots = segmentSlots(await store.listSegments(taskId), fromAt, Math.min(toAt, task.cursorAt + 1));
      const done = all ? new Map<number, Set<string>>() : await succeededSlots(store, taskId);
      const idOf = (plannedAt: number) =>
        askedRunId(taskId, 'backfill', key === undefined ? undefined : `${userId}\0${key}\0${plannedAt}`);
      // A repeat under its key is answered with the runs of the first call, which may have succeeded since.
      const wanted = slots.filter(({ plannedAt }) => done.get(plannedAt)?.has(idOf(plannedAt)) ?? true);
      const policy = stepPolicyOf(task);
      const asked: AskedRun[] = wanted.map(({ plannedAt, nominalAt }) => ({
        id: idOf(plannedAt),
        taskId,
        trigger: 'backfill',
        line: 'late',
        plannedAt,
        nominalAt,
        retryOf: null,
        policy,
      }));
      if (task.waiting + (await countFresh(asked, key !== undefined)) > MOST_BACKFILLED)
        throw tooManyWaiting();
      const runs: RunRecord[] = [];
      for (let from = 0; from < asked.length; from += ASKED_A_STEP) {
        const answers = await store.askRuns(
          taskId,
          asked.slice(from, from + ASKED_A_STEP),
          MOST_UNENDED_IN_ALL,
        );
        runs.push(...answers.map(answered));
      }
      return { runs: runs.map(runSummary) };
    },

    async list(userId, { limit, cursor, state, taskId, q }) {
      if (taskId !== undefined) await ownTask(store, userId, taskId);
      const of = taskId === undefined ? { ownerId: userId } : { taskId };
      const names = q === undefined ? null : await matchingTasks(userId, q);
      const items: RunRecord[] = [];
      let before = cursor === undefined ? undefined : await placeOf(cursor, userId, taskId);
      let more = true;
      // A name filter may leave little of a page: read on, but not without end.
      for (let pages = 0; items.length <= limit && more && pages < 20; pages += 1) {
        const page = await store.listRuns(of, {
          limit: 100,
          ...(state === undefined ? {} : { states: [state] }),
          ...(before === undefined ? {} : { before }),
        });
        items.push(...page.items.filter((run) => names === null || names.has(run.taskId)));
        more = page.more && page.items.length > 0;
        before = page.items.at(-1)?.id ?? before;
      }
      const shown = items.slice(0, limit);
      // Enough was read through without finding a whole page: the next one goes on from there.
      const lastId = items.length > limit ? shown.at(-1)?.id : more ? before : undefined;
      return { items: shown.map(runSummary), nextCursor: lastId === undefined ? null : encodeCursor(lastId) };
    },

    async get(userId, runId) {
      return runView((await ownRun(store, userId, runId)).run);
    },

    async logs(userId, runId) {
      await ownRun(store, userId, runId);
      return { items: await store.listRunLog(runId) };
    },

    async cancel(userId, runId) {
      const { run } = await ownRun(store, userId, runId);
      if (ENDED.includes(run.state) && run.state !== 'cancelled') throw runStateConflict(run.state);
      const answer = await store.cancelRun(runId);
      if (answer.code === 'gone') throw runNotFound();
      if (answer.code === 'ended' && answer.run.state !== 'cancelled')
        throw runStateConflict(answer.run.state);
      return runView(answer.run);
    },

    async retry(userId, runId, { key } = {}) {
      const { run, task } = await ownRun(store, userId, runId);
      if (!ENDED.includes(run.state)) throw runStateConflict(run.state);
      const id = askedRunId(task.id, 'manual', key === undefined ? undefined : `retry\0${userId}\0${key}`);
      return ask(task, {
        id,
        trigger: 'manual',
        line: 'free',
        plannedAt: null,
        nominalAt: null,
        retryOf: runId,
      });
    },
  };

  /** Of these runs, those that an earlier call under the key has not made. */
  async function countFresh(asked: readonly AskedRun[], repeatable: boolean): Promise<number> {
    if (!repeatable) return asked.length;
    let fresh = 0;
    for (let from = 0; from < asked.length; from += ASKED_A_STEP) {
      const some = asked.slice(from, from + ASKED_A_STEP);
      const known = await Promise.all(some.map(({ id }) => store.getRun(id)));
      fresh += known.filter((run) => run === null).length;
    }
    return fresh;
  }

  /** The run that ended the last page; rejects with CURSOR_INVALID when it is none of the list asked for. */
  async function placeOf(cursor: string, userId: string, taskId: string | undefined): Promise<string> {
    const id = decodeIdCursor(cursor, isRunId);
    const of = taskIdOfRun(id);
    const [run, task] = await Promise.all([store.getRun(id), store.getTask(of)]);
    const listed = run !== null && task?.ownerId === userId && of === (taskId ?? of);
    if (!listed) throw cursorInvalid();
    return id;
  }

  async function matchingTasks(userId: string, q: string): Promise<Set<string>> {
    const part = q.toLowerCase();
    const tasks = await store.listTasks(userId);
    return new Set(
      tasks.filter((task) => task.definition.name.toLowerCase().includes(part)).map((task) => task.id),
    );
  }
}

/** Slots of the task's own segments in [fromAt, toAt); more than MOST_BACKFILLED are refused. */
function segmentSlots(
  segments: readonly Segment[],
  fromAt: number,
  toAt: number,
): { plannedAt: number; nominalAt: number }[] {
  const slots: { plannedAt: number; nominalAt: number }[] = [];
  for (const segment of segments) {
    if (segment.schedule === null) continue;
    const source = createSegmentSource(segment);
    const start = Math.max(segment.fromAt, fromAt);
    let left = segment.maxSlots ?? Number.MAX_SAFE_INTEGER;
    if (segment.maxSlots !== null) left -= source.count(segment.fromAt, start, left).count;
    for (
      let at = source.next(start - 1);
      at !== null && at < toAt && left > 0;
      at = source.next(at), left -= 1
    ) {
      if (slots.length === MOST_BACKFILLED) {
        throw new AppError('RANGE_TOO_LARGE', {
          zh: `一次最多补跑 ${MOST_BACKFILLED} 个时点`,
          en: `a backfill covers at most ${MOST_BACKFILLED} slots`,
        });
      }
      slots.push({ plannedAt: at, nominalAt: at - segment.spreadMs });
    }
  }
  return slots;
}

function stepPolicyOf(task: TaskRecord): StepPolicy {
  const { overlap, priority, timeoutMs, lateAfterMs } = { ...POLICY_DEFAULTS, ...task.definition.policy };
  return { overlap, priority, timeoutMs, lateAfterMs };
}

function answered(answer: AskAnswer | undefined): RunRecord {
  if (answer?.code === 'created' || answer?.code === 'exists') return answer.run;
  if (answer?.code === 'limit') throw tooManyWaiting();
  throw taskNotFound();
}

const tooManyWaiting = () =>
  new AppError('RUN_LIMIT_REACHED', {
    zh: '这个任务等待中的手动执行太多了',
    en: 'too many manual runs of this task are waiting',
  });

const runStateConflict = (state: string) =>
  new AppError(
    'RUN_STATE_CONFLICT',
    { zh: `这次执行的状态是 ${state}`, en: `the run is ${state}` },
    { facts: { state } },
  );
