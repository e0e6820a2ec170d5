/** One line per request, once its answer is out or its caller has gone. Never a query string, a header or a body. */
import { monotonicMs } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import type { HttpMiddleware } from '../state.ts';

/** Logged in place of the status when the caller left before the answer. */
const CALLER_LEFT = 499;

export function accessLog(logger: Logger): HttpMiddleware {
  return (ctx, next) => {
    const startedAt = monotonicMs();
    ctx.res.once('close', () => {
      const { requestId, route, principal } = ctx.state;
      const line = {
        requestId,
        method: ctx.method,
        route: route ?? null,
        status: ctx.res.writableFinished ? ctx.res.statusCode : CALLER_LEFT,
        ms: Math.round((monotonicMs() - startedAt) * 10) / 10,
        user: principal?.userId ?? null,
        bytes: Number(ctx.res.getHeader('content-length') ?? 0),
      };
      // Health probes come every second; they are only worth a line when they fail.
      const quiet = (route === '/healthz' || route === '/readyz') && line.status < 400;
      logger[quiet ? 'debug' : 'info'](line, 'request');
    });
    return next();
  };
}
