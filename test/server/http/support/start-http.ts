/** The HTTP application on a real port, with fakes behind it, and a client. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type { DestinationStream } from 'pino';
import { request } from 'undici';
import { createAuth } from '../../../../server/auth/login.ts';
import { createHttp, type HttpDeps } from '../../../../server/http/create-http.ts';
import { createRateLimiter } from '../../../../server/http/rate-limiter.ts';
import { createLogger } from '../../../../server/lib/logger.ts';
import { createSandboxExchange } from '../../../../server/wechat/sandbox.ts';
import { fakeServices } from './fake-services.ts';
import { manualClock } from './manual-clock.ts';
import { memoryDocuments } from './memory-documents.ts';

export const SECRET = 'a-secret-of-the-tests-32-bytes-or-more';

export interface CallOptions {
  token?: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  raw?: string | Buffer;
  headers?: Record<string, string>;
}
export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  json: any;
}

/** Limits are out of the way unless a test sets them. */
const ROOMY = { anonymous: 1e9, login: 1e9, user: 1e9, creating: 1e9 };

export async function startHttp(t: Pick<TestContext, 'after'>, more: Partial<HttpDeps> = {}) {
  const clock = manualClock();
  const documents = memoryDocuments(clock);
  const fake = fakeServices();
  const lines: string[] = [];
  const destination: DestinationStream = { write: (line: string) => lines.push(line) };
  const auth = createAuth({
    documents,
    clock,
    exchange: createSandboxExchange(),
    secrets: [SECRET],
    appid: null,
    operatorOpenids: ['sandbox:boss'],
    ownedKinds: ['kept'],
  });
  const http = createHttp({
    config: { production: false, trustProxy: 0 },
    logger: createLogger({ level: 'info', destination }),
    clock,
    services: fake.services,
    auth,
    handlers: [
      {
        name: 'noop',
        title: { zh: '空操作', en: 'Nothing' },
        description: { zh: '什么也不做', en: 'Does nothing' },
        input: { type: 'object' },
      },
    ],
    health: { ready: async () => ({ ok: true }) },
    rateLimiter: createRateLimiter({ limits: ROOMY }),
    ...more,
  });
  const server = createServer(http.callback);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );

  async function call(method: string, path: string, options: CallOptions = {}): Promise<Reply> {
    const { token, body, raw, headers = {} } = options;
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const reply = await request(origin + path, {
      method: method as 'GET',
      headers: {
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(sent !== undefined && { body: sent }),
    });
    const text = await reply.body.text();
    const isJson = String(reply.headers['content-type']).startsWith('application/json');
    return {
      status: reply.statusCode,
      headers: reply.headers,
      text,
      json: isJson && text !== '' ? JSON.parse(text) : null,
    };
  }

  async function login(name = 'anna') {
    const { status, json } = await call('POST', '/api/auth/login', { body: { code: `sandbox:${name}` } });
    if (status !== 200) throw new Error(`login answered ${status}`);
    return json as { accessToken: string; refreshToken: string; user: { id: string } };
  }

  return { ...http, origin, server, clock, documents, fake, lines, auth, call, login };
}
