import { networkInterfaces } from 'node:os';
import { Agent, type Dispatcher } from 'undici';
import { monotonicMs } from '../lib/clock.ts';
import type { ActionHttp, ActionHttpAnswer, ActionHttpRequest } from './action.ts';
import { checkUrl, parseAllowHosts, type UrlProblem } from './address-guard.ts';
import { createGuardedConnect, type GuardedConnectDeps } from './guarded-connect.ts';
import { HttpCallError } from './http-call-error.ts';
import { type Hop, nextHop } from './next-hop.ts';
import { readText } from './read-text.ts';
import { sendableHeaders } from './request-headers.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const MAX_REDIRECTS = 5;
/** For a caller that brings no signal: no call is without an end. */
const DEFAULT_TOTAL_MS = 30_000;

export interface GuardedHttpDeps {
  /** Exact `host:port` pairs that may be reached although their address is forbidden. */
  allowHosts: readonly string[];
  /** The server's own addresses and names. Default: those of its network interfaces. */
  ownAddresses?: () => readonly string[];
  /** Sent unless the request names another. Default `zhundian`. */
  userAgent?: string;
  lookup?: GuardedConnectDeps['lookup'];
  buildConnector?: GuardedConnectDeps['build'];
}

export interface GuardedHttp extends ActionHttp {
  /** What speaks against a URL before it is called; see `checkUrl`. */
  checkUrl(url: string): UrlProblem | null;
  /** One more `host:port` that may be reached although its address is forbidden. */
  allow(hostPort: string): void;
  /** Ends running calls and closes every socket. */
  stop(): Promise<void>;
}

/** The one way out for HTTP: every address checked, every answer bounded in size and time. */
export function createGuardedHttp(deps: GuardedHttpDeps): GuardedHttp {
  const { ownAddresses = interfaceAddresses, userAgent = 'zhundian' } = deps;
  const allowed = new Set(parseAllowHosts(deps.allowHosts));
  const agent = new Agent({
    connect: createGuardedConnect({ allowed, ownAddresses, lookup: deps.lookup, build: deps.buildConnector }),
    // Sockets serve a burst and no more: one kept longer is often closed by the other side just as it is used again,
    // which would fail a check of a site that is well.
    keepAliveTimeout: 1_000,
    keepAliveMaxTimeout: 1_000,
    maxHeaderSize: 16_384,
    headersTimeout: 0, // every call has a signal, which ends it as a whole
    bodyTimeout: 0,
  });

  function assertAllowed(url: string): void {
    const problem = checkUrl(url, allowed, ownAddresses());
    if (problem !== null) throw new HttpCallError('HTTP_ADDRESS_FORBIDDEN', problem.message.en);
  }

  async function request(req: ActionHttpRequest): Promise<ActionHttpAnswer> {
    const startedMs = monotonicMs();
    const signal = req.signal ?? AbortSignal.timeout(DEFAULT_TOTAL_MS);
    signal.throwIfAborted();
    assertAllowed(req.url);
    let hop = firstHop(req, userAgent);
    try {
      for (let redirects = 0; ; redirects += 1) {
        const answer = await untilAborted(send(agent, hop, signal), signal);
        const next =
          req.followRedirects === true && redirects < MAX_REDIRECTS
            ? nextHop(hop, answer.statusCode, answer.headers.location)
            : null;
        if (next === null) {
          const text = await untilAborted(readText(answer.body, answer.headers['content-type']), signal);
          const elapsedMs = Math.round(monotonicMs() - startedMs);
          return { status: answer.statusCode, headers: flatHeaders(answer.headers), text, elapsedMs };
        }
        answer.body.on('error', () => {}).destroy(); // unread: its size is the sender's choice
        assertAllowed(next.url.href);
        hop = next;
      }
    } catch (error) {
      throw signal.aborted ? signal.reason : callError(error);
    }
  }

  return {
    request,
    checkUrl: (url) => checkUrl(url, allowed, ownAddresses()),
    allow(hostPort) {
      for (const entry of parseAllowHosts([hostPort])) allowed.add(entry);
    },
    stop: () => agent.destroy(),
  };
}

function firstHop(req: ActionHttpRequest, userAgent: string): Hop {
  const method = (req.method ?? 'GET').toUpperCase();
  if (!METHODS.has(method)) throw new TypeError(`the method ${method} cannot be sent`);
  const { body = null } = req;
  const text = body === null || typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain;charset=utf-8' : 'application/json';
  const headers = {
    'user-agent': userAgent,
    'accept-encoding': 'identity',
    ...(text === null ? {} : { 'content-type': type }),
    ...sendableHeaders(req.headers ?? {}),
  };
  return { url: new URL(req.url), method, headers, body: text };
}

function send(agent: Agent, hop: Hop, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const { url, method, headers, body } = hop;
  const path = url.pathname + url.search;
  return agent.request({
    origin: url.origin,
    path,
    method: method as Dispatcher.HttpMethod,
    headers,
    body,
    signal,
  });
}

/** Rejects as soon as the signal is aborted: undici hears it only once a connection stands. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The caller's own mistakes stay as they are; what the network did becomes a code, without the peer's words. */
function callError(error: unknown): unknown {
  if (error instanceof HttpCallError || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED') return error;
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new HttpCallError('HTTP_TOO_LARGE', 'the headers of the answer were longer than 16 KiB', {
      cause: error,
    });
  }
  return new HttpCallError('HTTP_UNREACHABLE', `no complete answer (${code})`, { cause: error });
}

function flatHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, [value].flat().join(', ')]));
}

function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}
