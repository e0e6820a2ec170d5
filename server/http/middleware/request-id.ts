/** Every answer names its request, so that a person can quote it and we can find it. */
import { randomBytes } from 'node:crypto';
import type { HttpMiddleware } from '../state.ts';

/** Takes a well-formed X-Request-Id or makes one; it comes back in the answer. */
export function requestId(): HttpMiddleware {
  return (ctx, next) => {
    const given = ctx.get('x-request-id');
    ctx.state.requestId = /^[A-Za-z0-9_-]{1,64}$/.test(given) ? given : randomBytes(12).toString('base64url');
    ctx.set('X-Request-Id', ctx.state.requestId);
    return next();
  };
}
