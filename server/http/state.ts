/** What the middleware of one request leave for each other. */
import type Koa from 'koa';
import type { Principal } from '../auth/login.ts';
import type { Answer } from './route.ts';

export interface HttpState {
  requestId: string;
  /** The matched path, such as `/api/tasks/:id`. */
  route?: string;
  /** How long the route may take, ms. */
  limitMs?: number;
  principal?: Principal;
  /** What the route answered; written once, by the middleware `answers`. */
  answer?: Answer;
}

export type HttpMiddleware = Koa.Middleware<HttpState>;
export type HttpContext = Koa.ParameterizedContext<HttpState>;
