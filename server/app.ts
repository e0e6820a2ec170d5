/** The one place where parts are made and joined. */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createGuardedHttp } from './actions/guarded-http.ts';
import { createActions } from './actions/registry.ts';
import { loadJwtSecrets } from './auth/jwt-secrets.ts';
import { createAuth } from './auth/login.ts';
import type { Config } from './config.ts';
import { createEngine } from './engine.ts';
import { handlers } from './handlers/index.ts';
import { createHttp } from './http/create-http.ts';
import { createHttpServer, type HttpServer } from './http/http-server.ts';
import { createProbes } from './http/probes.ts';
import { createRateLimiter } from './http/rate-limiter.ts';
import { hostClock, monotonicMs } from './lib/clock.ts';
import type { Part } from './lib/lifecycle.ts';
import type { Logger } from './lib/logger.ts';
import { createGateway, type Gateway } from './realtime/gateway.ts';
import { createHub } from './realtime/hub.ts';
import { createSnapshots } from './realtime/snapshots.ts';
import { createSamples, sampleDemoPort } from './samples.ts';
import { createStoreClock } from './scheduler/store-clock.ts';
import { createWorkerWatch } from './scheduler/worker-watch.ts';
import { openSideConnection, openStore } from './store/open-store.ts';
import type { StoreInfo, StoreListener } from './store/requests.ts';
import { createHistoryPort, createSyncPort } from './tasks/handler-ports.ts';
import { createHistoryService } from './tasks/history-service.ts';
import { createPreviewService } from './tasks/preview-service.ts';
import { createRunService } from './tasks/run-service.ts';
import { createTaskService } from './tasks/task-service.ts';
import { VERSION } from './version.ts';
import { createCode2Session } from './wechat/code2session.ts';
import { createSandboxExchange } from './wechat/sandbox.ts';
import { createSandboxDemo } from './wechat/sandbox-demo.ts';

export interface App extends Part {
  /** After start: the port it listens on; and what the store said of itself. */
  port(): number | null;
  storeInfo(): StoreInfo;
}

/** Where scripts/lib/preview.mjs builds it, beside the built server. */
const PREVIEW_DIR = fileURLToPath(new URL('../preview', import.meta.url));

/** `onFatal`: the process can no longer do its work and is to be started anew, with this exit code. */
export function createApp(deps: {
  config: Config;
  logger: Logger;
  onFatal: (code: number, why: string) => void;
}): App {
  const { config, logger } = deps;
  const store = openStore({ redisUrl: config.redisUrl, dataDir: config.dataDir });
  const side = config.redisUrl === null ? null : openSideConnection(config.redisUrl);
  const clock = createStoreClock({ store, host: hostClock, monotonicMs, logger });
  const demo = config.sandbox
    ? createSandboxDemo({ clock: hostClock, port: () => sampleDemoPort(store) })
    : null;
  const http = createGuardedHttp({
    allowHosts: config.allowHosts,
    userAgent: `zhundian/${VERSION}`,
  });
  const ports = { sync: createSyncPort(store), history: createHistoryPort(store, clock) };
  const actions = createActions({ http, handlers, ports });
  const services = {
    tasks: createTaskService({ store, checkAction: actions.checkAction }),
    runs: createRunService({ store }),
    history: createHistoryService({ store, clock }),
    preview: createPreviewService({ store, clock }),
  };
  const id = serverId();
  const engine = createEngine({
    config,
    store,
    clock,
    actions,
    http,
    logger,
    id,
    onFatal: deps.onFatal,
  });
  const hub = createHub({ store, snapshots: createSnapshots({ store, services }), clock, logger });
  // A server that fires and runs is its own company.
  const workerWatch = config.role === 'api' ? createWorkerWatch({ store, clock, id, logger }) : null;
  let storeUp = true;
  let started = false;
  let stopping = false;
  let info: StoreInfo = { durability: '', warnings: [] };
  let server: HttpServer | null = null;
  let gateway: Gateway | null = null;

  const listener: StoreListener = {
    onWake: (wake) => engine.onWake(wake),
    onRollback(partition) {
      logger.error(
        { partition },
        'the store lost acknowledged writes: a new epoch is open and the partition is read again',
      );
      engine.onRollback(partition);
      hub.onEvents(partition);
    },
    onEvents: hub.onEvents,
    onRunLog: hub.onRunLog,
    onGone(why) {
      // EX_TEMPFAIL: whoever watches over the process starts it again.
      deps.onFatal(75, why);
    },
    onHealth(up) {
      storeUp = up;
      if (up) engine.onStoreBack();
      if (up) hub.onStoreBack();
      logger[up ? 'info' : 'error'](
        up ? 'the store is back' : 'the store is away: answering 503 until it is back',
      );
    },
  };

  const health = {
    async ready() {
      if (stopping) return { ok: false, why: 'shutting down' };
      if (!started) return { ok: false, why: 'starting' };
      if (!storeUp) return { ok: false, why: 'store unavailable' };
      const why = engine.notReady();
      if (why !== null) return { ok: false, why };
      await store.time();
      return { ok: true };
    },
  };

  async function listen(): Promise<HttpServer> {
    const { wechat } = config;
    const exchange =
      wechat.appid === null || wechat.secret === null
        ? createSandboxExchange()
        : createCode2Session({ appid: wechat.appid, secret: wechat.secret, apiBase: wechat.apiBase });
    const auth = createAuth({
      documents: store,
      clock,
      exchange,
      secrets: await loadJwtSecrets(config.jwtSecrets, store),
      appid: wechat.appid,
      operatorOpenids: config.operatorOpenids,
      ownedKinds: ['sync', 'key'],
    });
    const rateLimiter = createRateLimiter(side === null ? {} : { redis: side.client });
    const { callback } = createHttp({
      config,
      logger,
      clock,
      services,
      auth,
      handlers: actions.handlers,
      health,
      rateLimiter,
      storeUp: () => storeUp,
      previewDir: PREVIEW_DIR,
    });
    if (demo !== null)
      // Two servers that begin at once on one store race for it: no start may fail for a convenience.
      await createSamples({
        auth,
        tasks: services.tasks,
        documents: store,
        demoHost: demo.host(),
        allow: http.allow,
      })
        .make()
        .catch((error: unknown) => logger.warn({ err: error }, 'the sample tasks were not made'));
    const made = createHttpServer({ callback, host: config.host, port: config.port });
    gateway = createGateway({ server: made.server, hub, auth, clock, monotonicMs, logger });
    await gateway.start();
    await made.start();
    return made;
  }

  /** A worker has no API; its port says that it lives and works. */
  async function listenForProbes(): Promise<HttpServer> {
    const callback = createProbes({ ready: health.ready });
    const made = createHttpServer({ callback, host: config.host, port: config.port });
    await made.start();
    return made;
  }

  return {
    port: () => server?.port() ?? null,
    storeInfo: () => info,
    async start() {
      info = await store.start(listener);
      for (const warning of info.warnings) logger.warn(warning);
      await clock.start();
      await side?.start();
      if (demo !== null) {
        await demo.start();
        http.allow(demo.host());
      }
      server = await (config.role === 'worker' ? listenForProbes() : listen());
      await (workerWatch ?? engine).start();
      started = true;
    },
    async stop() {
      if (stopping) return;
      stopping = true;
      // Nothing new first, then what is under way, the store last.
      const closed = gateway?.stop().then(() => server?.stop());
      await (workerWatch ?? engine).stop();
      await closed;
      // Probes are answered to the end of the drain: else a platform would take it for dead.
      await server?.stop();
      await demo?.stop();
      await http.stop();
      await clock.stop();
      await side?.stop();
      await store.stop();
    },
  };
}

/** Unique per start, so that leases and presence of an earlier start are never mistaken for this one's. */
const serverId = () =>
  `${
    hostname()
      .replace(/[^A-Za-z0-9.-]/g, '')
      .slice(0, 32) || 'server'
  }.${process.pid}.${randomBytes(4).toString('hex')}`;
