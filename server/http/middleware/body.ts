/** JSON bodies: only JSON, only so long, only so deep. */
import { bodyParser } from '@koa/bodyparser';
import type Koa from 'koa';
import { bodyTooLarge, jsonInvalid, mediaTypeUnsupported } from '../http-errors.ts';
import type { Route } from '../route.ts';
import type { HttpMiddleware } from '../state.ts';

export const BODY_BYTES = 262_144;
/** Deeper values have no use here and would exhaust the stack of whoever walks them. */
export const MOST_DEPTH = 32;

/** Leaves the parsed body in `ctx.request.body`; `{}` when none was sent, undefined when the route takes none. */
export function body(route: Route): HttpMiddleware {
  if (route.body === undefined) return (_ctx, next) => next();
  const limit = route.bodyLimit ?? BODY_BYTES;
  const parse: Koa.Middleware = bodyParser({
    enableTypes: ['json'],
    extendTypes: { json: [] },
    jsonLimit: limit,
    onError: (error) => {
      throw refusal(error, limit);
    },
  });
  return async (ctx, next) => {
    const absent = ctx.get('content-length') === '0' || ctx.is('*/*') === null;
    if (!absent && ctx.is('application/json') === false) throw mediaTypeUnsupported();
    await parse(ctx as unknown as Koa.Context, async () => {});
    if (!isPlain(ctx.request.body)) throw jsonInvalid();
    return next();
  };
}

function refusal(error: Error, limit: number): Error {
  const { status, type } = error as { status?: number; type?: string };
  if (type === 'request.aborted' || type === 'request.size.invalid') return jsonInvalid();
  if (status === 413) return bodyTooLarge(limit);
  if (status === 415) return mediaTypeUnsupported();
  // Without a status it comes from unpacking.
  return status === 400 || status === undefined ? jsonInvalid() : error;
}

/** No `__proto__`, no number beyond a double (1e999), no half of a surrogate pair, at most 32 levels. Walks without recursion. */
function isPlain(root: unknown): boolean {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_DEPTH) return false;
    const below: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'number' && !Number.isFinite(value)) return false;
      if (typeof value === 'string' && !isWhole(value)) return false;
      if (typeof value !== 'object' || value === null) continue;
      if (Array.isArray(value)) {
        for (const one of value) below.push(one);
        continue;
      }
      for (const [key, one] of Object.entries(value)) {
        if (key === '__proto__' || !isWhole(key)) return false;
        below.push(one);
      }
    }
    level = below;
  }
  return true;
}

const isWhole = (text: string) => !/\p{Surrogate}/u.test(text);
