import { Agent, request } from 'undici';
import type {
  BatchAnswer,
  LoginResponse,
  Page,
  Run,
  RunSummary,
  SlotItem,
  TaskCreate,
} from '../../shared/api.ts';
import type { Audit } from '../../shared/run.ts';
import type { Task } from '../../shared/task.ts';

export interface ApiReply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
  /** From the sending to the end of the answer. */
  ms: number;
}

export interface CallOptions {
  body?: unknown;
  headers?: Record<string, string>;
}

/** An answer that was not the one wanted. */
export class ApiError extends Error {
  readonly status: number;
  constructor(what: string, { status, body }: ApiReply) {
    super(`${what} answered ${status} ${body?.error?.code ?? ''}`);
    this.status = status;
  }
}

/** One user of the API. Signs in with the first call, and again when the token has expired. */
export interface ApiClient {
  /** Any answer; rejects only when there is none. */
  call(method: string, path: string, options?: CallOptions): Promise<ApiReply>;
  /** The body of a 2xx answer; rejects with an ApiError for any other. */
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown, headers?: Record<string, string>): Promise<T>;
  createTasks(inputs: TaskCreate[]): Promise<Task[]>;
  tasks(): Promise<Task[]>;
  task(id: string): Promise<Task>;
  audit(taskId: string): Promise<Audit>;
  run(id: string): Promise<Run>;
  /** All pages, oldest first. */
  slots(taskId: string): Promise<SlotItem[]>;
  runs(taskId: string): Promise<RunSummary[]>;
}

/** No call waits longer; the server's own limits are far below. */
const GIVE_UP_MS = 15_000;

/** `origin` is asked before each call: a server that was started again is elsewhere. */
export function createApiClient(origin: () => string, user: string): ApiClient {
  // A connection per call: one that is kept would be found dead after a kill.
  const dispatcher = new Agent({ pipelining: 0 });
  let token: string | null = null;

  async function send(method: string, path: string, { body, headers = {} }: CallOptions): Promise<ApiReply> {
    const startedAt = performance.now();
    const reply = await request(origin() + path, {
      dispatcher,
      method: method as 'GET',
      signal: AbortSignal.timeout(GIVE_UP_MS),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await reply.body.text();
    const isJson = String(reply.headers['content-type']).startsWith('application/json');
    return {
      status: reply.statusCode,
      headers: reply.headers,
      body: isJson && text !== '' ? JSON.parse(text) : null,
      ms: performance.now() - startedAt,
    };
  }

  async function login(): Promise<void> {
    token = null;
    const reply = await send('POST', '/api/auth/login', { body: { code: `sandbox:${user}` } });
    if (reply.status !== 200) throw new ApiError('login', reply);
    token = (reply.body as LoginResponse).accessToken;
  }

  async function call(method: string, path: string, options: CallOptions = {}): Promise<ApiReply> {
    if (token === null) await login();
    const reply = await send(method, path, options);
    if (reply.status !== 401) return reply;
    await login();
    return send(method, path, options);
  }

  async function wanted<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    const reply = await call(method, path, options);
    if (reply.status < 200 || reply.status > 299) throw new ApiError(`${method} ${path}`, reply);
    return reply.body as T;
  }

  async function pages<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor = '';
    for (;;) {
      const page = await wanted<Page<T>>('GET', `${path}?limit=100${cursor}`);
      items.push(...page.items);
      if (page.nextCursor === null) return items;
      cursor = `&cursor=${page.nextCursor}`;
    }
  }

  return {
    call,
    get: (path) => wanted('GET', path),
    post: (path, body, headers = {}) => wanted('POST', path, { body, headers }),
    async createTasks(inputs) {
      const { items } = await wanted<BatchAnswer>('POST', '/api/tasks/batch', { body: { items: inputs } });
      return items.map((item) => {
        if (!item.ok) throw new Error(`a task was refused: ${item.error.code} ${item.error.message}`);
        return item.task;
      });
    },
    tasks: () => pages('/api/tasks'),
    task: (id) => wanted('GET', `/api/tasks/${id}`),
    audit: (taskId) => wanted('GET', `/api/tasks/${taskId}/audit`),
    run: (id) => wanted('GET', `/api/runs/${id}`),
    slots: async (taskId) => (await pages<SlotItem>(`/api/tasks/${taskId}/slots`)).reverse(),
    runs: async (taskId) => (await pages<RunSummary>(`/api/tasks/${taskId}/runs`)).reverse(),
  };
}
