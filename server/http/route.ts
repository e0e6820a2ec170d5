/** One line of the route table: what a route takes and answers, for the router and for openapi.json alike. */
import type * as z from 'zod';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Auth, Principal } from '../auth/login.ts';
import type { Clock } from '../lib/clock.ts';
import type { Words } from '../lib/errors.ts';
import type {
  HistoryService,
  Idempotent,
  PreviewService,
  RunService,
  TaskService,
} from '../tasks/services.ts';

/** One code handler, in both languages. */
export interface CatalogueEntry {
  name: string;
  title: Words;
  description: Words;
  /** JSON Schema. */
  input: unknown;
}

/** What routes may use. */
export interface RouteDeps {
  clock: Clock;
  services: { tasks: TaskService; runs: RunService; history: HistoryService; preview: PreviewService };
  auth: Auth;
  /** The catalogue of code handlers. */
  handlers: readonly CatalogueEntry[];
  health: { ready(): Promise<{ ok: boolean; why?: string }> };
}

/** A request, checked. */
export interface Call<B = unknown, Q = unknown> {
  /** The caller; an empty principal on public routes. */
  principal: Principal;
  userId: string;
  /** The `:id` of the path, well-formed. */
  id: string;
  body: B;
  query: Q;
  /** With the Idempotency-Key, on creating routes. */
  idempotent: Idempotent;
  locale: 'zh-CN' | 'en';
}

export interface Answer {
  status: number;
  /** Absent: no body (204). */
  body?: unknown;
}

export interface RouteSpec<B extends z.ZodType | undefined, Q extends z.ZodType | undefined> {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  summary: string;
  /** `probe`: for machines, never limited. `public`: limited per address. `user`: with an access token. */
  access: 'probe' | 'public' | 'user';
  /** What `:id` is. */
  id?: 'task' | 'run';
  body?: B;
  /** Runs on the raw body before the schema does. */
  prepare?: (raw: unknown) => unknown;
  /** The schema describes the body, but each part is judged by the route itself. */
  judgesBody?: true;
  /** Bytes; 256 KiB unless said. */
  bodyLimit?: number;
  /** Absent: no parameters. */
  query?: Q;
  /** Counts as a creating call and takes an Idempotency-Key. */
  creates?: true;
  /** Counts as a sign-in. */
  signsIn?: true;
  /** Ms after which the caller gets 503 instead; 10 s unless said. */
  limitMs?: number;
  /** Successful answers by status; null: no body. */
  answers: Record<number, { description: string; schema: z.ZodType | null }>;
  /** Refusals beyond those that every route of its access shares. */
  errors: ErrorCode[];
  handle(
    call: Call<
      B extends z.ZodType ? z.output<B> : undefined,
      Q extends z.ZodType ? z.output<Q> : Record<string, never>
    >,
    deps: RouteDeps,
  ): Promise<Answer> | Answer;
}

/** A route whose types have been checked and can be put into a table. */
export type Route = Omit<RouteSpec<z.ZodType | undefined, z.ZodType | undefined>, 'handle'> & {
  handle(call: Call, deps: RouteDeps): Promise<Answer> | Answer;
};

/** Ties the handler's types to the schemas. */
export function route<
  B extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
>(spec: RouteSpec<B, Q>): Route {
  return spec as unknown as Route;
}
