/** A gateway on a real HTTP server, with the real hub on a log in memory, and people and clocks that the test moves. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { tokenInvalid } from '../../../../server/auth/auth-errors.ts';
import type { Principal } from '../../../../server/auth/login.ts';
import { createGateway, type Gateway } from '../../../../server/realtime/gateway.ts';
import { createHub, type Hub } from '../../../../server/realtime/hub.ts';
import { StoreUnavailableError } from '../../../../server/store/status.ts';
import type { Snapshot } from '../../../../shared/realtime.ts';
import { logger, manualClock } from '../../../helpers/engine-harness.ts';
import { connectSocket, type SocketClient } from '../../../helpers/socket-client.ts';
import { type FakeLog, fakeLog, turns } from './fake-log.ts';

export interface GatewayBench {
  readonly origin: string;
  readonly server: Server;
  readonly gateway: Gateway;
  readonly hub: Hub;
  readonly log: FakeLog;
  /** What the tokens say. */
  readonly tokens: Map<string, Principal>;
  /** Sessions that have ended. */
  readonly endedSessions: Set<string>;
  /** While set, neither tokens nor sessions can be confirmed. */
  away: boolean;
  /** Each authentication waits for it. */
  authGate: Promise<void>;
  /** A token of this user that ends in an hour; each is of another session unless said. */
  token(userId: string, sessionId?: string): string;
  /** A socket that is ended with the test. */
  open(): Promise<SocketClient>;
  /** One that has said who it is. */
  openAs(userId: string): Promise<SocketClient>;
  /** So much time passes, with the gateway's look each second. */
  pass(ms: number): Promise<void>;
}

/** `hub`: instead of the real one. */
export async function openGateway(
  t: TestContext,
  options: { hub?: Partial<Hub> } = {},
): Promise<GatewayBench> {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const clock = manualClock();
  let monotonic = 1_000;
  const log = fakeLog();
  const real = createHub({
    store: log.store,
    clock,
    logger,
    snapshots: { check: async () => {}, read: async () => ({}) as Snapshot },
  });
  const hub = { ...real, ...options.hub };
  const server = createServer((_req, res) => res.writeHead(426, { 'x-from': 'http' }).end('upgrade'));
  const bench = { away: false, authGate: Promise.resolve() } as GatewayBench;
  const tokens = new Map<string, Principal>();
  const endedSessions = new Set<string>();
  const sure = () => {
    if (bench.away) throw new StoreUnavailableError('away');
  };
  const gateway = createGateway({
    server,
    hub,
    clock,
    monotonicMs: () => monotonic,
    logger,
    auth: {
      async authenticate(token) {
        await bench.authGate;
        sure();
        const principal = tokens.get(token);
        if (principal === undefined) throw tokenInvalid();
        return principal;
      },
      async confirm({ sessionId }) {
        sure();
        return !endedSessions.has(sessionId);
      },
    },
  });
  await gateway.start();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sockets: SocketClient[] = [];
  t.after(async () => {
    for (const socket of sockets) socket.cut();
    await gateway.stop();
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(bench, {
    ...{ origin, server, gateway, hub, log, tokens, endedSessions },
    token(userId: string, sessionId = `session ${tokens.size}`) {
      const token = `token ${tokens.size}`;
      tokens.set(token, { userId, sessionId, attrs: [], expiresAt: clock.now() + 3_600_000 });
      return token;
    },
    async open() {
      const socket = await connectSocket(origin);
      sockets.push(socket);
      return socket;
    },
    async openAs(userId: string) {
      const socket = await bench.open();
      await socket.auth(bench.token(userId));
      return socket;
    },
    async pass(ms: number) {
      for (let left = ms; left > 0; left -= 1_000) {
        const step = Math.min(1_000, left);
        monotonic += step;
        clock.advance(step);
        t.mock.timers.tick(step);
        await turns();
      }
    },
  });
}
