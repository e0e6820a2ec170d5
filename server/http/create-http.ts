/** The HTTP application: everything that a request passes, in order. */
import Router from '@koa/router';
import Koa from 'koa';
import type { Config } from '../config.ts';
import type { Logger } from '../lib/logger.ts';
import { accessLog } from './middleware/access-log.ts';
import { admit, admitStranger } from './middleware/admit.ts';
import { answers } from './middleware/answers.ts';
import { body } from './middleware/body.ts';
import { errors } from './middleware/errors.ts';
import { noRoute } from './middleware/no-route.ts';
import { perform } from './middleware/perform.ts';
import { preview } from './middleware/preview.ts';
import { requestId } from './middleware/request-id.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { createRateLimiter, type RateLimiter } from './rate-limiter.ts';
import type { Route, RouteDeps } from './route.ts';
import { ROUTES } from './route-table.ts';
import type { HttpState } from './state.ts';

export interface HttpDeps extends RouteDeps {
  config: Pick<Config, 'trustProxy' | 'production'>;
  logger: Logger;
  /** Default: in memory, with the default limits. */
  rateLimiter?: RateLimiter;
  /** False while the store is known to be away: then nobody waits longer than 0.9 s. Default: always true. */
  storeUp?: () => boolean;
  /** Folder of the built preview; shown outside production. Default: there is none. */
  previewDir?: string;
  /** Default: the route table. For tests, and for routes of a template user's own. */
  routes?: Route[];
}

export interface Http {
  app: Koa<HttpState>;
  /** For http.createServer. */
  callback: ReturnType<Koa['callback']>;
}

export function createHttp(deps: HttpDeps): Http {
  const {
    config,
    logger,
    auth,
    rateLimiter = createRateLimiter(),
    storeUp = () => true,
    routes = ROUTES,
  } = deps;
  const router = new Router<HttpState>({ sensitive: true });
  for (const route of routes) {
    const steps = [admit(route, auth, rateLimiter), body(route), perform(route, deps)];
    router.register(route.path, [route.method], steps);
  }
  const methodsAt = (path: string) => [
    ...new Set(router.match(path, 'OPTIONS').path.flatMap((layer) => layer.methods)),
  ];

  const app = new Koa<HttpState>({ proxy: config.trustProxy > 0, maxIpsCount: config.trustProxy });
  app.on('error', (err) => logger.error({ err }, 'answer failed'));
  app.use(requestId());
  app.use(accessLog(logger));
  app.use(securityHeaders());
  app.use(errors(logger));
  app.use(answers({ storeUp }));
  if (deps.previewDir !== undefined) app.use(preview(config, deps.previewDir));
  app.use(router.routes());
  app.use(admitStranger(rateLimiter));
  app.use(noRoute(methodsAt));
  return { app, callback: app.callback() };
}
