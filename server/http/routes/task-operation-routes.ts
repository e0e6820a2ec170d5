import { type Route, route } from '../route.ts';
import { nothing } from '../schemas/common.ts';
import { rangeQuery, slotQuery, statsQuery, taskRunQuery } from '../schemas/query.ts';
import { audit, run, runPage, slotPage, stats } from '../schemas/run.ts';
import { backfillAnswer, backfillRequest, task } from '../schemas/task.ts';

/** What is done to a task, and what became of it. */
export const taskOperationRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/api/tasks/:id/pause',
    summary: 'Plan no slots until resumed',
    access: 'user',
    id: 'task',
    body: nothing,
    answers: { 200: { description: 'The task as it is now', schema: task } },
    errors: ['TASK_NOT_FOUND', 'TASK_STATE_CONFLICT', 'TASK_BEHIND'],
    handle: async ({ userId, id }, { services }) => ({
      status: 200,
      body: await services.tasks.pause(userId, id),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/tasks/:id/resume',
    summary: 'Plan slots again',
    access: 'user',
    id: 'task',
    body: nothing,
    answers: { 200: { description: 'The task as it is now', schema: task } },
    errors: ['TASK_NOT_FOUND', 'TASK_STATE_CONFLICT', 'TASK_BEHIND'],
    handle: async ({ userId, id }, { services }) => ({
      status: 200,
      body: await services.tasks.resume(userId, id),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/tasks/:id/run',
    summary: 'Run now, beside the schedule',
    access: 'user',
    id: 'task',
    creates: true,
    body: nothing,
    answers: {
      201: { description: 'Asked for', schema: run },
      200: { description: 'Asked for by an earlier call with this Idempotency-Key', schema: run },
    },
    errors: ['TASK_NOT_FOUND', 'RUN_LIMIT_REACHED', 'IDEMPOTENCY_KEY_REUSED'],
    handle: async ({ userId, id, idempotent }, { services }) => {
      const { run, created } = await services.runs.runNow(userId, id, idempotent);
      return { status: created ? 201 : 200, body: run };
    },
  }),
  route({
    method: 'POST',
    path: '/api/tasks/:id/backfill',
    summary: 'Run past slots of the task in [fromAt, toAt), up to 1,000',
    access: 'user',
    id: 'task',
    creates: true,
    body: backfillRequest,
    limitMs: 30_000,
    answers: {
      201: { description: 'The runs, old ones of a repeated call included', schema: backfillAnswer },
    },
    errors: [
      'TASK_NOT_FOUND',
      'RANGE_INVALID',
      'RANGE_TOO_LARGE',
      'RUN_LIMIT_REACHED',
      'IDEMPOTENCY_KEY_REUSED',
    ],
    handle: async ({ userId, id, body, idempotent }, { services }) => ({
      status: 201,
      body: await services.runs.backfill(userId, id, body, idempotent),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/tasks/:id/runs',
    summary: 'Runs of the task, newest first',
    access: 'user',
    id: 'task',
    query: taskRunQuery,
    answers: { 200: { description: 'One page', schema: runPage } },
    errors: ['TASK_NOT_FOUND'],
    handle: async ({ userId, id, query }, { services }) => ({
      status: 200,
      body: await services.runs.list(userId, { ...query, taskId: id }),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/tasks/:id/slots',
    summary: 'Slots with their verdicts, newest first',
    access: 'user',
    id: 'task',
    query: slotQuery,
    answers: { 200: { description: 'One page', schema: slotPage } },
    errors: ['TASK_NOT_FOUND', 'RANGE_INVALID'],
    handle: async ({ userId, id, query }, { services }) => ({
      status: 200,
      body: await services.history.slots(userId, id, query),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/tasks/:id/stats',
    summary: 'Daily counters, oldest day first, and punctuality',
    access: 'user',
    id: 'task',
    query: statsQuery,
    answers: { 200: { description: 'The counters', schema: stats } },
    errors: ['TASK_NOT_FOUND'],
    handle: async ({ userId, id, query }, { services }) => ({
      status: 200,
      body: await services.history.stats(userId, id, query.days),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/tasks/:id/audit',
    summary: 'The proof that every planned slot has its verdict',
    access: 'user',
    id: 'task',
    query: rangeQuery,
    limitMs: 30_000,
    answers: { 200: { description: 'Planned slots against verdicts', schema: audit } },
    errors: ['TASK_NOT_FOUND', 'RANGE_INVALID', 'RANGE_TOO_LARGE', 'AUDIT_BUSY'],
    handle: async ({ userId, id, query }, { services }) => ({
      status: 200,
      body: await services.history.audit(userId, id, query),
    }),
  }),
];
