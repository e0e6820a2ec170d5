/** The last step of a route: everything checked, then its handler. */
import { bearerToken, type Principal } from '../../auth/login.ts';
import { localeOf } from '../language.ts';
import { parseBody, parseId, parseKey, parseQuery } from '../parse.ts';
import type { Call, Route, RouteDeps } from '../route.ts';
import { noQuery } from '../schemas/query.ts';
import type { HttpMiddleware } from '../state.ts';

const NOBODY: Principal = { userId: '', sessionId: '', attrs: [], expiresAt: 0 };

/** Parses what the route says it takes, calls it, and leaves its answer in the state. */
export function perform(route: Route, deps: RouteDeps): HttpMiddleware {
  return async (ctx) => {
    const principal = ctx.state.principal ?? NOBODY;
    const { params } = ctx as unknown as { params: Record<string, string | undefined> };
    const call: Call = {
      principal,
      userId: principal.userId,
      id: route.id === undefined ? '' : parseId(route.id, params.id ?? ''),
      idempotent: route.creates ? parseKey(ctx.headers['idempotency-key']) : {},
      query: route.access === 'probe' ? {} : parseQuery(route.query ?? noQuery, ctx.query),
      body: bodyOf(route, ctx.request.body),
      locale: localeOf(ctx),
    };
    // The body may have taken its time: whoever signed out or removed the account meanwhile creates nothing.
    if (route.creates && route.access === 'user') {
      await deps.auth.authenticate(bearerToken(ctx.get('authorization')));
    }
    ctx.state.answer = await route.handle(call, deps);
  };
}

function bodyOf(route: Route, raw: unknown): unknown {
  if (route.body === undefined) return undefined;
  const prepared = route.prepare === undefined ? raw : route.prepare(raw);
  return route.judgesBody ? prepared : parseBody(route.body, prepared);
}
