import { exportAccount, removeAccount } from '../account.ts';
import { type Route, route } from '../route.ts';
import { meExport, mePatch, user } from '../schemas/user.ts';

/** Long: it walks over everything a user owns. */
const WHOLE_ACCOUNT_MS = 60_000;

export const meRoutes: Route[] = [
  route({
    method: 'GET',
    path: '/api/me',
    summary: 'My profile',
    access: 'user',
    answers: { 200: { description: 'The profile', schema: user } },
    errors: [],
    handle: async ({ userId }, { auth }) => ({ status: 200, body: await auth.getUser(userId) }),
  }),
  route({
    method: 'PATCH',
    path: '/api/me',
    summary: 'Change name, language or quiet hours',
    access: 'user',
    body: mePatch,
    answers: { 200: { description: 'The profile as it is now', schema: user } },
    errors: [],
    handle: async ({ userId, body }, { auth }) => ({ status: 200, body: await auth.patchUser(userId, body) }),
  }),
  route({
    method: 'DELETE',
    path: '/api/me',
    summary: 'Remove my account: tasks, sessions, everything kept',
    access: 'user',
    limitMs: WHOLE_ACCOUNT_MS,
    answers: { 204: { description: 'Removed', schema: null } },
    errors: [],
    handle: async ({ userId }, { auth, services }) => {
      await removeAccount(userId, auth, services.tasks);
      return { status: 204 };
    },
  }),
  route({
    method: 'GET',
    path: '/api/me/export',
    summary: 'My data as JSON',
    access: 'user',
    limitMs: WHOLE_ACCOUNT_MS,
    answers: { 200: { description: 'Profile, tasks and the newest runs', schema: meExport } },
    errors: [],
    handle: async ({ userId }, deps) => ({ status: 200, body: await exportAccount(userId, deps) }),
  }),
];
