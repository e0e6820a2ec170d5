/** Who is it, and is there room for one more? Before the body is read, so that strangers cannot make us read it. */
import { bearerToken } from '../../auth/login.ts';
import { AppError } from '../../lib/errors.ts';
import { rateLimited } from '../http-errors.ts';
import type { LimitName, RateLimiter } from '../rate-limiter.ts';
import type { Route, RouteDeps } from '../route.ts';
import type { HttpContext, HttpMiddleware } from '../state.ts';
import { LIMIT_MS } from './answers.ts';

export function admit(route: Route, auth: RouteDeps['auth'], limiter: RateLimiter): HttpMiddleware {
  return async (ctx, next) => {
    ctx.state.route = route.path;
    ctx.state.limitMs = route.limitMs ?? LIMIT_MS;
    if (route.access === 'public') {
      await take(limiter, 'anonymous', ctx.ip);
      if (route.signsIn) await take(limiter, 'login', ctx.ip);
    } else if (route.access === 'user') {
      const principal = await recognise(ctx, auth, limiter);
      ctx.state.principal = principal;
      await take(limiter, 'user', principal.userId);
      if (route.creates) await take(limiter, 'creating', principal.userId);
    }
    return next();
  };
}

/** Counts against the address, for requests that no route of ours takes. */
export function admitStranger(limiter: RateLimiter): HttpMiddleware {
  return async (ctx, next) => {
    await take(limiter, 'anonymous', ctx.ip);
    return next();
  };
}

async function recognise(ctx: HttpContext, auth: RouteDeps['auth'], limiter: RateLimiter) {
  try {
    return await auth.authenticate(bearerToken(ctx.get('authorization')));
  } catch (error) {
    if (error instanceof AppError && error.status === 401) await take(limiter, 'anonymous', ctx.ip);
    throw error;
  }
}

async function take(limiter: RateLimiter, name: LimitName, key: string): Promise<void> {
  const taken = await limiter.take(name, key);
  if (!taken.ok) throw rateLimited(taken.retryAfter);
}
