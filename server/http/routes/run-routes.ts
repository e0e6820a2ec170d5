import { type Route, route } from '../route.ts';
import { nothing } from '../schemas/common.ts';
import { runQuery } from '../schemas/query.ts';
import { logLines, run, runPage } from '../schemas/run.ts';

export const runRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/runs',
    summary: 'Runs across my tasks, newest first',
    access: 'user',
    query: runQuery,
    answers: { 200: { description: 'One page', schema: runPage } },
    errors: ['TASK_NOT_FOUND'],
    handle: async ({ userId, query }, { services }) => ({
      status: 200,
      body: await services.runs.list(userId, query),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/runs/:id',
    summary: 'One run',
    access: 'user',
    id: 'run',
    answers: { 200: { description: 'The run', schema: run } },
    errors: ['RUN_NOT_FOUND'],
    handle: async ({ userId, id }, { services }) => ({
      status: 200,
      body: await services.runs.get(userId, id),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/runs/:id/logs',
    summary: 'What the run wrote, oldest first',
    access: 'user',
    id: 'run',
    answers: { 200: { description: 'The lines kept', schema: logLines } },
    errors: ['RUN_NOT_FOUND'],
    handle: async ({ userId, id }, { services }) => ({
      status: 200,
      body: await services.runs.logs(userId, id),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/runs/:id/cancel',
    summary: 'Cancel a run that has not ended',
    access: 'user',
    id: 'run',
    body: nothing,
    answers: { 200: { description: 'The run as it is now', schema: run } },
    errors: ['RUN_NOT_FOUND', 'RUN_STATE_CONFLICT'],
    handle: async ({ userId, id }, { services }) => ({
      status: 200,
      body: await services.runs.cancel(userId, id),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/runs/:id/retry',
    summary: 'Run an ended run again, as a new manual run',
    access: 'user',
    id: 'run',
    creates: true,
    body: nothing,
    answers: {
      201: { description: 'Asked for', schema: run },
      200: { description: 'Asked for by an earlier call with this Idempotency-Key', schema: run },
    },
    errors: ['RUN_NOT_FOUND', 'RUN_STATE_CONFLICT', 'RUN_LIMIT_REACHED', 'IDEMPOTENCY_KEY_REUSED'],
    handle: async ({ userId, id, idempotent }, { services }) => {
      const { run, created } = await services.runs.retry(userId, id, idempotent);
      return { status: created ? 201 : 200, body: run };
    },
  }),
];
