import * as z from 'zod';
import type { ErrorCode } from '../../shared/errors.ts';
import type { Action, HttpAction } from '../../shared/task.ts';
import type { Handler } from '../handlers/define-handler.ts';
import type { HandlerPorts } from '../handlers/ports.ts';
import type { ActionHttp, ActionRunner } from './action.ts';
import { fail, retryAfter } from './action.ts';
import type { UrlProblem, Words } from './address-guard.ts';
import { checkHandlerInput, runCodeHandler } from './code-handler.ts';
import { httpCall } from './http-call.ts';
import { parsePath } from './json-path.ts';
import { headerProblem } from './request-headers.ts';

export interface ActionsDeps {
  /** Every action calls through this one, whatever the worker's context carries. */
  http: ActionHttp & { checkUrl(url: string): UrlProblem | null };
  handlers: readonly Handler[];
  ports: HandlerPorts;
}

export interface ActionProblem {
  code: ErrorCode;
  path: string;
  message: Words;
}

/** One entry of `GET /api/handlers`. */
export interface HandlerInfo {
  name: string;
  title: Words;
  description: Words;
  /** JSON Schema of what a task may give as input. */
  input: unknown;
}

export interface Actions extends ActionRunner {
  /** What speaks against an action when a task is created or changed; empty when nothing does. */
  checkAction(action: Action): ActionProblem[];
  handlers: readonly HandlerInfo[];
}

/**
 * Joins the kinds of actions that this server knows.
 * @throws TypeError when two handlers have one name
 */
export function createActions({ http, handlers, ports }: ActionsDeps): Actions {
  const byName = new Map(handlers.map((handler) => [handler.name, handler]));
  if (byName.size !== handlers.length) throw new TypeError('two handlers have the same name');

  return {
    handlers: handlers.map(({ name, title, description, input }) => ({
      name,
      title,
      description,
      input: z.toJSONSchema(input, { io: 'input' }),
    })),

    async run(action, context) {
      if (action.kind === 'http') return httpCall(action, context, http);
      // A task kept by a newer server may have a kind that this one does not know.
      if (action.kind !== 'handler')
        return fail({ code: 'ACTION_UNSUPPORTED', message: unsupported(action).en });
      const handler = byName.get(action.name);
      if (handler !== undefined) return runCodeHandler(handler, action.input, { context, http, ports });
      // Not final: while servers are being replaced, another one may have it.
      return retryAfter({ code: 'HANDLER_UNKNOWN', message: `no handler ${action.name} on this server` });
    },

    checkAction(action) {
      if (action.kind === 'http') return checkHttpAction(action, http.checkUrl);
      if (action.kind !== 'handler') {
        return [{ code: 'ACTION_UNSUPPORTED', path: 'action.kind', message: unsupported(action) }];
      }
      const handler = byName.get(action.name);
      if (handler === undefined) {
        const message = { zh: '没有这个处理程序', en: 'no handler has this name' };
        return [{ code: 'HANDLER_UNKNOWN', path: 'action.name', message }];
      }
      const problems = checkHandlerInput(handler, action.input);
      if (problems.length > 0)
        return problems.map((problem) => ({ code: 'HANDLER_INPUT_INVALID' as const, ...problem }));
      const urls = handler.urls?.(handler.input.parse(action.input ?? {}) as never) ?? {};
      return Object.entries(urls).flatMap(([field, url]) => {
        const problem = http.checkUrl(url);
        return problem === null ? [] : [{ ...problem, path: `action.input.${field}` }];
      });
    },
  };
}

function checkHttpAction(action: HttpAction, checkUrl: ActionsDeps['http']['checkUrl']): ActionProblem[] {
  const url = checkUrl(action.url);
  const problems: ActionProblem[] = url === null ? [] : [{ ...url, path: 'action.url' }];
  for (const [name, value] of Object.entries(action.headers ?? {})) {
    const problem = headerProblem(name, value);
    if (problem === null) continue;
    const path = problem === 'name' ? 'action.headers' : `action.headers.${name}`;
    problems.push({ code: 'ACTION_UNSUPPORTED', path, message: HEADER_WORDS[problem] });
  }
  for (const [i, { path }] of (action.expect?.json ?? []).entries()) {
    if (parsePath(path) !== null) continue;
    const message = { zh: '路径应类似 $.a.b[0]', en: 'a path looks like $.a.b[0]' };
    problems.push({ code: 'ACTION_UNSUPPORTED', path: `action.expect.json.${i}.path`, message });
  }
  return problems;
}

const HEADER_WORDS: Record<NonNullable<ReturnType<typeof headerProblem>>, Words> = {
  name: { zh: '请求头名称不合法', en: 'not a valid header name' },
  value: { zh: '请求头的值含有不能发送的字符', en: 'the value holds characters that a header cannot carry' },
  reserved: { zh: '这个请求头由服务器设置', en: 'this header is set by the server' },
};

function unsupported(action: { kind: string }): Words {
  const kind = String(action.kind).slice(0, 40);
  return { zh: `暂不支持的动作类型：${kind}`, en: `actions of kind ${kind} are not supported` };
}
