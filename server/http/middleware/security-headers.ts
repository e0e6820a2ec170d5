/** Headers of a JSON API: nothing here is a page, and nothing is to be kept by anyone on the way. */
import type Koa from 'koa';
import helmet from 'koa-helmet';

export function securityHeaders(): Koa.Middleware {
  const headers = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    referrerPolicy: { policy: 'no-referrer' },
  });
  return (ctx, next) => {
    ctx.set('Cache-Control', 'no-store');
    return headers(ctx, next);
  };
}
