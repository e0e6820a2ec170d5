/** Services in memory: enough behaviour to tell whether the routes pass things on, and a record of what they were asked. */

import type { RouteDeps } from '../../../../server/http/route.ts';
import { AppError } from '../../../../server/lib/errors.ts';
import { askedRunId, taskIdOfRun } from '../../../../server/store/ids.ts';
import type { Task } from '../../../../shared/api.ts';
import { AT, sampleRecent, sampleRun, sampleSummary, sampleTask } from './samples.ts';

const gone = (code: 'TASK_NOT_FOUND' | 'RUN_NOT_FOUND') =>
  new AppError(code, { zh: '没有这个任务或运行', en: 'There is no such task or run' });

export interface FakeServices {
  services: RouteDeps['services'];
  /** `tasks.create` and the like, with what they were given. */
  calls: { name: string; args: unknown[] }[];
  owned: Map<string, { ownerId: string; task: Task }>;
  /** Every call rejects with this, when set. */
  failure: Error | null;
  /** Every call waits for this first. */
  gate: Promise<void> | null;
}

/** A run and a skipped slot, when asked for. */
const withRecent = (task: Task, recent: number | undefined): Task =>
  recent === undefined ? task : { ...task, recent: sampleRecent(task.id).slice(0, recent) };

export function fakeServices(): FakeServices {
  const owned: FakeServices['owned'] = new Map();
  const byKey = new Map<string, string>();
  const fake: FakeServices = { services: {} as never, calls: [], owned, failure: null, gate: null };

  const own = (userId: string, taskId: string): Task => {
    const kept = owned.get(taskId);
    if (kept?.ownerId !== userId) throw gone('TASK_NOT_FOUND');
    return kept.task;
  };
  const ownRun = (userId: string, runId: string): string => {
    if (owned.get(taskIdOfRun(runId))?.ownerId !== userId) throw gone('RUN_NOT_FOUND');
    return taskIdOfRun(runId);
  };
  const put = (userId: string, task: Task): Task => {
    owned.set(task.id, { ownerId: userId, task });
    return task;
  };
  const asked = (taskId: string, key?: string) => {
    const id = askedRunId(taskId, 'manual', key);
    const created = !byKey.has(id) || key === undefined;
    byKey.set(id, id);
    return { run: { ...sampleRun(taskId, id), trigger: 'manual' as const, verdict: null }, created };
  };

  fake.services = {
    tasks: watch('tasks', {
      async create(userId, input, options) {
        const earlier = options?.key === undefined ? undefined : byKey.get(`${userId}:${options.key}`);
        if (earlier !== undefined) return { task: own(userId, earlier), created: false };
        const task = put(userId, sampleTask(userId, input));
        if (options?.key !== undefined) byKey.set(`${userId}:${options.key}`, task.id);
        return { task, created: true };
      },
      async createBatch(userId, inputs) {
        return {
          items: inputs.map((input) => ({ ok: true as const, task: put(userId, sampleTask(userId, input)) })),
        };
      },
      async list(userId, { limit, recent }) {
        const items = [...owned.values()]
          .filter((one) => one.ownerId === userId)
          .map(({ task }) => withRecent(task, recent));
        const counts = { all: items.length, running: 0, troubled: 0, paused: 0 };
        return { items: items.slice(0, limit), nextCursor: null, counts };
      },
      get: async (userId, id, { recent } = {}) => withRecent(own(userId, id), recent),
      async patch(userId, id, { version, ...patch }) {
        const task = own(userId, id);
        if (task.version !== version) {
          throw new AppError(
            'TASK_VERSION_CONFLICT',
            { zh: '任务已被修改', en: 'The task has changed' },
            { facts: { version: task.version } },
          );
        }
        return put(userId, { ...task, ...patch, version: version + 1 });
      },
      async remove(userId, id) {
        own(userId, id);
        owned.delete(id);
      },
      pause: async (userId, id) => put(userId, { ...own(userId, id), state: 'paused' }),
      resume: async (userId, id) => put(userId, { ...own(userId, id), state: 'active' }),
    }),
    runs: watch('runs', {
      runNow: async (userId, id, options) => asked(own(userId, id).id, options?.key),
      backfill: async (userId, id) => ({ runs: [sampleSummary(own(userId, id).id)] }),
      async list(userId, { taskId }) {
        const tasks =
          taskId === undefined ? [...owned.values()] : [{ ownerId: userId, task: own(userId, taskId) }];
        const items = tasks.filter((one) => one.ownerId === userId).map(({ task }) => sampleSummary(task.id));
        return { items, nextCursor: null };
      },
      get: async (userId, id) => sampleRun(ownRun(userId, id), id),
      async logs(userId, id) {
        ownRun(userId, id);
        return { items: [{ at: AT, attempt: 1, level: 'info' as const, text: 'ok' }] };
      },
      cancel: async (userId, id) => sampleRun(ownRun(userId, id), id),
      retry: async (userId, id, options) => asked(ownRun(userId, id), options?.key),
    }),
    history: watch('history', {
      async slots(userId, id) {
        const runId = sampleSummary(own(userId, id).id).id;
        const slot = { plannedAt: AT, toAt: AT + 1, count: 1, verdict: 'fired' as const, reason: null };
        return { items: [{ ...slot, runId, lateByMs: 3 }], nextCursor: null };
      },
      async stats(userId, id) {
        own(userId, id);
        const day = { planned: 1, onTime: 1, late: 0, caughtUp: 0, skipped: 0, succeeded: 1, failed: 0 };
        return { days: [{ day: '2026-09-22', ...day }], punctuality: { onTimePct: 100, p50Ms: 3, p99Ms: 3 } };
      },
      async audit(userId, id) {
        own(userId, id);
        const counts = { planned: 2, fired: 1, caughtUp: 0, skipped: { overlap: 1 }, unaccounted: 0 };
        return { fromAt: AT, toAt: AT + 60_000, ...counts, ok: true, folded: false };
      },
    }),
    preview: watch('preview', {
      async preview(_userId, _request, locale) {
        const fires = [{ plannedAt: AT, nominalAt: AT, local: '2026-09-22 00:00:00' }];
        return { fires, words: locale === 'en' ? 'every 30 s' : '每 30 秒', warnings: [] };
      },
    }),
  };
  return fake;

  function watch<S extends object>(area: string, service: S): S {
    return new Proxy(service, {
      get:
        (target, name) =>
        async (...args: unknown[]) => {
          fake.calls.push({ name: `${area}.${String(name)}`, args });
          if (fake.gate !== null) await fake.gate;
          if (fake.failure !== null) throw fake.failure;
          return (Reflect.get(target, name) as (...args: unknown[]) => unknown)(...args);
        },
    });
  }
}
