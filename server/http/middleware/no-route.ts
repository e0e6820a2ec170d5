/** What no route takes: OPTIONS says what would be taken, anything else is 404 or 405. */
import { methodNotAllowed, notFound } from '../http-errors.ts';
import type { HttpMiddleware } from '../state.ts';

/** `methodsAt`: the methods of the routes at a path, HEAD included. */
export function noRoute(methodsAt: (path: string) => string[]): HttpMiddleware {
  return (ctx) => {
    const methods = methodsAt(ctx.path);
    if (methods.length === 0) throw notFound();
    ctx.set('Allow', [...methods, 'OPTIONS'].join(', '));
    if (ctx.method !== 'OPTIONS') throw methodNotAllowed();
    ctx.state.answer = { status: 204 };
  };
}
