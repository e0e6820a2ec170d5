import { type Route, route } from '../route.ts';
import { oneTaskQuery, taskQuery } from '../schemas/query.ts';
import { batchAnswer, task, taskBatch, taskCreate, taskPage, taskPatch } from '../schemas/task.ts';
import { createBatch, prepareTask } from '../task-body.ts';

/** What a definition can be refused for, beyond its form. */
const DEFINITION_ERRORS = [
  'SCHEDULE_INVALID',
  'SCHEDULE_NEVER_FIRES',
  'SCHEDULE_IN_PAST',
  'SCHEDULE_UNSUPPORTED',
  'TIMEZONE_INVALID',
  'ACTION_UNSUPPORTED',
  'ADDRESS_FORBIDDEN',
  'HANDLER_UNKNOWN',
  'HANDLER_INPUT_INVALID',
  'POLICY_INVALID',
  'ACCESS_DENIED',
] as const;

export const taskRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/tasks',
    summary: 'My tasks, newest first',
    access: 'user',
    query: taskQuery,
    answers: { 200: { description: 'One page, and how many there are of each kind', schema: taskPage } },
    errors: [],
    handle: async ({ userId, query }, { services }) => ({
      status: 200,
      body: await services.tasks.list(userId, query),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/tasks',
    summary: 'Create a task',
    access: 'user',
    creates: true,
    body: taskCreate,
    prepare: prepareTask,
    answers: {
      201: { description: 'Created', schema: task },
      200: { description: 'Created by an earlier call with this Idempotency-Key', schema: task },
    },
    errors: [...DEFINITION_ERRORS, 'TASK_LIMIT_REACHED', 'IDEMPOTENCY_KEY_REUSED'],
    handle: async ({ userId, body, idempotent }, { services }) => {
      const { task, created } = await services.tasks.create(userId, body, idempotent);
      return { status: created ? 201 : 200, body: task };
    },
  }),
  route({
    method: 'POST',
    path: '/api/tasks/batch',
    summary: 'Create up to 1,000 tasks; each stands alone, in the order asked',
    access: 'user',
    creates: true,
    body: taskBatch,
    judgesBody: true,
    bodyLimit: 2_097_152,
    limitMs: 60_000,
    answers: { 200: { description: 'What became of each', schema: batchAnswer } },
    errors: ['IDEMPOTENCY_KEY_REUSED'],
    handle: async ({ userId, body, idempotent, locale }, { services }) => ({
      status: 200,
      body: await createBatch(userId, body, locale, services.tasks, idempotent),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/tasks/:id',
    summary: 'One task',
    access: 'user',
    id: 'task',
    query: oneTaskQuery,
    answers: { 200: { description: 'The task', schema: task } },
    errors: ['TASK_NOT_FOUND'],
    handle: async ({ userId, id, query }, { services }) => ({
      status: 200,
      body: await services.tasks.get(userId, id, query),
    }),
  }),
  route({
    method: 'PATCH',
    path: '/api/tasks/:id',
    summary: 'Change a task; 409 with the current version when it has moved on',
    access: 'user',
    id: 'task',
    body: taskPatch,
    prepare: prepareTask,
    answers: { 200: { description: 'The task as it is now', schema: task } },
    errors: [
      'TASK_NOT_FOUND',
      'TASK_VERSION_CONFLICT',
      'TASK_STATE_CONFLICT',
      'TASK_BEHIND',
      ...DEFINITION_ERRORS,
    ],
    handle: async ({ userId, id, body }, { services }) => ({
      status: 200,
      body: await services.tasks.patch(userId, id, body),
    }),
  }),
  route({
    method: 'DELETE',
    path: '/api/tasks/:id',
    summary: 'Delete a task and cancel what runs',
    access: 'user',
    id: 'task',
    answers: { 204: { description: 'Deleted', schema: null } },
    errors: ['TASK_NOT_FOUND'],
    handle: async ({ userId, id }, { services }) => {
      await services.tasks.remove(userId, id);
      return { status: 204 };
    },
  }),
];
