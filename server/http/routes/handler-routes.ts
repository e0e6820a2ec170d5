import { type Route, route } from '../route.ts';
import { handlerPage } from '../schemas/preview.ts';

export const handlerRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/handlers',
    summary: 'The code handlers that a task can name, with the schema of their input',
    access: 'user',
    answers: { 200: { description: 'All of them', schema: handlerPage } },
    errors: [],
    handle: ({ locale }, { handlers }) => {
      const language = locale === 'en' ? 'en' : 'zh';
      const items = handlers.map(({ name, title, description, input }) => ({
        name,
        title: title[language],
        description: description[language],
        input,
      }));
      return { status: 200, body: { items, nextCursor: null } };
    },
  }),
];
