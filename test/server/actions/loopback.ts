/** Servers on loopback and contexts for the tests of this folder. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { ActionContext, ActionHttp, LogLevel } from '../../../server/actions/action.ts';
import {
  createGuardedHttp,
  type GuardedHttp,
  type GuardedHttpDeps,
} from '../../../server/actions/guarded-http.ts';

export interface Loopback {
  port: number;
  /** `127.0.0.1:port`, for `allowHosts`. */
  host: string;
  url: string;
}

async function listen(t: TestContext, server: Server, end: () => void): Promise<Loopback> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    end();
    await closed;
  });
  const { port } = server.address() as AddressInfo;
  return { port, host: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}` };
}

export async function serveHttp(t: TestContext, listener: RequestListener): Promise<Loopback> {
  const server = createServer(listener);
  return listen(t, server, () => server.closeAllConnections());
}

export async function serveTcp(t: TestContext, onSocket: (socket: Socket) => void): Promise<Loopback> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // the client leaving is what these tests are about
    onSocket(socket);
  });
  return listen(t, server, () => {
    for (const socket of sockets) socket.destroy();
  });
}

export function guardedHttp(
  t: TestContext,
  allowHosts: string[],
  deps: Partial<GuardedHttpDeps> = {},
): GuardedHttp {
  const http = createGuardedHttp({ allowHosts, ...deps });
  t.after(() => http.stop());
  return http;
}

export async function bodyOf(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of req) text += chunk;
  return text;
}

/** A promise and the function that fulfils it, for tests that wait on an event. */
export function signalled<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

export interface RecordedContext extends ActionContext {
  lines: { text: string; level: LogLevel }[];
  percents: number[];
}

export function recordedContext(overrides: Partial<ActionContext> = {}): RecordedContext {
  const lines: RecordedContext['lines'] = [];
  const percents: number[] = [];
  const http: ActionHttp = { request: () => Promise.reject(new Error('the context’s http is not for use')) };
  return {
    taskId: '0atask',
    userId: 'user',
    runId: '0atask:1700000000000',
    attempt: 1,
    fence: 5,
    plannedAt: 1_700_000_000_000,
    lateByMs: 3,
    signal: new AbortController().signal,
    log: (text, level = 'info') => lines.push({ text, level }),
    progress: (percent) => percents.push(percent),
    http,
    lines,
    percents,
    ...overrides,
  };
}
