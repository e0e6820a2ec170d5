/** What signing in can refuse, in words for people. */
import { AppError } from '../lib/errors.ts';

export const authRequired = () =>
  new AppError('AUTH_REQUIRED', { zh: '请先登录', en: 'Please sign in first' });

export const tokenInvalid = (cause?: unknown) =>
  new AppError(
    'TOKEN_INVALID',
    { zh: '登录状态无效，请重新登录', en: 'This sign-in is not valid; please sign in again' },
    { cause },
  );

export const tokenExpired = () =>
  new AppError('TOKEN_EXPIRED', { zh: '登录状态已过期', en: 'This sign-in has expired' });

export const refreshInvalid = () =>
  new AppError('REFRESH_INVALID', {
    zh: '登录已失效，请重新登录',
    en: 'This sign-in has ended; please sign in again',
  });
