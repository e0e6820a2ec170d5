import { type Route, route } from '../route.ts';
import { loginRequest, loginResponse, refreshRequest } from '../schemas/user.ts';

export const authRoutes: Route[] = [
  route({
    method: 'POST',
    path: '/api/auth/login',
    summary: 'Sign in with a wx.login code',
    access: 'public',
    signsIn: true,
    body: loginRequest,
    answers: { 200: { description: 'Signed in', schema: loginResponse } },
    errors: ['LOGIN_CODE_INVALID', 'USER_BLOCKED', 'WECHAT_UNAVAILABLE'],
    handle: async ({ body, locale }, { auth }) => ({
      status: 200,
      body: await auth.login(body.code, locale),
    }),
  }),
  route({
    method: 'POST',
    path: '/api/auth/refresh',
    summary:
      'The next pair of tokens; the previous refresh token answers the same pair of refresh tokens for 60 s',
    access: 'public',
    body: refreshRequest,
    answers: { 200: { description: 'Signed in still', schema: loginResponse } },
    errors: ['REFRESH_INVALID', 'TOKEN_INVALID'],
    handle: async ({ body }, { auth }) => ({ status: 200, body: await auth.refresh(body.refreshToken) }),
  }),
  route({
    method: 'POST',
    path: '/api/auth/logout',
    summary: 'End the session of a refresh token; one that is not known is no error',
    access: 'public',
    body: refreshRequest,
    answers: { 204: { description: 'Signed out', schema: null } },
    errors: [],
    handle: async ({ body }, { auth }) => {
      await auth.logout(body.refreshToken);
      return { status: 204 };
    },
  }),
];
