/** Every route there is. The router and openapi.json are made from this list and nothing else. */
import type { Route } from './route.ts';
import { authRoutes } from './routes/auth-routes.ts';
import { handlerRoutes } from './routes/handler-routes.ts';
import { healthRoutes } from './routes/health-routes.ts';
import { meRoutes } from './routes/me-routes.ts';
import { runRoutes } from './routes/run-routes.ts';
import { scheduleRoutes } from './routes/schedule-routes.ts';
import { taskOperationRoutes } from './routes/task-operation-routes.ts';
import { taskRoutes } from './routes/task-routes.ts';

export const ROUTES: Route[] = [
  ...authRoutes,
  ...meRoutes,
  ...taskRoutes,
  ...taskOperationRoutes,
  ...runRoutes,
  ...scheduleRoutes,
  ...handlerRoutes,
  ...healthRoutes(() => ROUTES),
];
