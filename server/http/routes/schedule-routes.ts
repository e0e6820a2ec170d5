import { type Route, route } from '../route.ts';
import { previewAnswer, previewRequest } from '../schemas/preview.ts';

export const scheduleRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/api/schedules/preview',
    summary: 'The next slots of a schedule, in words and with warnings; keeps nothing',
    access: 'user',
    body: previewRequest,
    answers: { 200: { description: 'The preview', schema: previewAnswer } },
    errors: [
      'SCHEDULE_INVALID',
      'SCHEDULE_IN_PAST',
      'SCHEDULE_UNSUPPORTED',
      'TIMEZONE_INVALID',
      'TASK_NOT_FOUND',
    ],
    handle: async ({ userId, body, locale }, { services }) => ({
      status: 200,
      body: await services.preview.preview(userId, body, locale),
    }),
  }),
];
