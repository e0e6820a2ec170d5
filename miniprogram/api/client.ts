import type { HttpAnswer } from '../lib/wx-port';
import { ApiError, answerError, clientError, type Say } from './api-error';
import type { Session } from './session';
import type { Message, Transport } from './transport';

export type QueryValue = string | number | boolean | null | undefined;

export interface RequestOptions {
  /** Fields that are null or undefined are left out. */
  query?: Record<string, QueryValue>;
  /** Sent as JSON. */
  body?: unknown;
  /** Makes a creating call safe to repeat: the same key gives the same thing, once. */
  idempotencyKey?: string;
}

/** Requests in the name of whoever is signed in. */
export interface Client {
  /**
   * The body of the answer; undefined for 204. Rejects with ApiError. Signs in at first need, asks again once after a 401
   * with a new token, and once after a network failure where that cannot do harm: GET, PUT, DELETE, or with an idempotency key.
   */
  request<T>(method: Message['method'], path: string, options?: RequestOptions): Promise<T>;
  /** For one creating call and its repetitions. */
  newKey(): string;
}

interface ClientDeps {
  transport: Transport;
  session: Pick<Session, 'accessToken' | 'renew'>;
  headers: () => Record<string, string>;
  say: Say;
  random: () => number;
}

export function createClient({ transport, session, headers, say, random }: ClientDeps): Client {
  async function send(message: Message, token: string): Promise<HttpAnswer> {
    const signed = { ...message, headers: { ...message.headers, Authorization: `Bearer ${token}` } };
    try {
      return await transport(signed);
    } catch (error) {
      if (!mayRepeat(message) || !wasLost(error)) throw error;
      return transport(signed);
    }
  }

  return {
    async request<T>(method: Message['method'], path: string, options: RequestOptions = {}) {
      const { query = {}, body, idempotencyKey } = options;
      const message: Message = { method, path: path + queryText(query), headers: headers(), body };
      if (idempotencyKey !== undefined) message.headers['Idempotency-Key'] = idempotencyKey;

      const token = await session.accessToken();
      let answer = await send(message, token);
      if (answer.status === 401) answer = await send(message, await session.renew(token));

      if (answer.status < 200 || answer.status > 299) throw answerError(answer, say);
      if (answer.status === 204) return undefined as T;
      // A captive portal answers 200 with a page of its own.
      if (typeof answer.body !== 'object' || answer.body === null) {
        throw clientError('BAD_ANSWER', say, answer.status);
      }
      return answer.body as T;
    },
    newKey: () => Array.from({ length: 4 }, () => base36(random())).join(''),
  };
}

function mayRepeat({ method, headers }: Message): boolean {
  return method === 'GET' || method === 'PUT' || method === 'DELETE' || 'Idempotency-Key' in headers;
}

/** The network failed; after a timeout the person has waited long enough. */
function wasLost(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'NETWORK';
}

function queryText(query: Record<string, QueryValue>): string {
  const pairs = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** Eight characters, about 41 bits. */
function base36(random: number): string {
  return Math.floor(random * 36 ** 8)
    .toString(36)
    .padStart(8, '0');
}
