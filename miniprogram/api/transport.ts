import type { Server } from '../config';
import type { HttpAnswer, HttpRequest, Wx } from '../lib/wx-port';
import { ApiError, failureError, type Say } from './api-error';

/** WeChat's own limit; what is beyond waits here, in order, instead of failing there. */
export const MOST_AT_ONCE = 10;
/** callContainer allows no more than 15 s; the same everywhere, so that nothing works only in one place. */
const TIMEOUT_MS = 15_000;

export interface Message {
  method: HttpRequest['method'];
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  /** Sent as JSON; absent: no body. */
  body?: unknown;
}

/** The way to the server. Any HTTP status is an answer. Rejects with ApiError NETWORK, TIMEOUT, PRIVACY or SERVER_UNSET. */
export type Transport = (message: Message) => Promise<HttpAnswer>;

/** The way that `config.ts` names, at most ten messages at a time. */
export function createTransport(
  server: Server,
  wx: Pick<Wx, 'request' | 'callContainer'>,
  say: Say,
): Transport {
  const send = limited(MOST_AT_ONCE, sender(server, wx, say));
  return async (message) => {
    try {
      return await send(message);
    } catch (error) {
      throw error instanceof ApiError ? error : failureError(error, say);
    }
  };
}

function sender(server: Server, wx: Pick<Wx, 'request' | 'callContainer'>, say: Say): Transport {
  switch (server.kind) {
    case 'http':
      return ({ path, ...message }) => wx.request({ ...encoded(message), url: `${server.baseUrl}${path}` });
    case 'container': {
      const { env, service } = server;
      return ({ path, ...message }) => wx.callContainer({ ...encoded(message), env, service, path });
    }
    case 'unset': {
      const { envVersion } = server;
      return () => Promise.reject(new ApiError('SERVER_UNSET', say('errors.config', { envVersion })));
    }
  }
}

function encoded({ method, headers, body }: Omit<Message, 'path'>): Omit<HttpRequest, 'url'> {
  if (body === undefined) return { method, headers, timeoutMs: TIMEOUT_MS };
  const withType = { ...headers, 'Content-Type': 'application/json' };
  return { method, headers: withType, body: JSON.stringify(body), timeoutMs: TIMEOUT_MS };
}

/** At most `most` calls under way; the others wait their turn. */
function limited(most: number, send: Transport): Transport {
  let underWay = 0;
  const waiting: (() => void)[] = [];
  return async (message) => {
    // One that ends hands its place on, so the count does not change between the two.
    if (underWay >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else underWay += 1;
    try {
      return await send(message);
    } finally {
      const next = waiting.shift();
      if (next === undefined) underWay -= 1;
      else next();
    }
  };
}
