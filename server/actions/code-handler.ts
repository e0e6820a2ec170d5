import * as z from 'zod';
import type { JsonValue } from '../../shared/task.ts';
import type { Handler } from '../handlers/define-handler.ts';
import type { HandlerPorts } from '../handlers/ports.ts';
import type { ActionContext, ActionHttp, ActionOutcome } from './action.ts';
import { fail, ok } from './action.ts';
import type { Words } from './address-guard.ts';
import { outcomeOfCallError } from './http-call.ts';
import { HttpCallError } from './http-call-error.ts';

const inChinese = z.locales.zhCN().localeError;
const inEnglish = z.locales.en().localeError;

/**
 * Runs one attempt of a code handler: reads its input by its own schema, binds its calls to the attempt's signal.
 * A failed HTTP call that the handler let through keeps its code. Rejects with whatever else the handler threw, and
 * with a TypeError when it answered something that is no outcome.
 */
export async function runCodeHandler(
  handler: Handler,
  input: JsonValue | undefined,
  deps: { context: ActionContext; http: ActionHttp; ports: HandlerPorts },
): Promise<ActionOutcome> {
  const parsed = handler.input.safeParse(input ?? {}, { error: inEnglish });
  if (!parsed.success) {
    return fail({
      code: 'HANDLER_INPUT_INVALID',
      message: parsed.error.issues[0]?.message ?? 'invalid input',
    });
  }
  const { context, http, ports } = deps;
  try {
    const outcome = await handler.run(parsed.data as never, {
      ...ports,
      ...context,
      http: boundHttp(http, context.signal),
    });
    return asOutcome(handler.name, outcome);
  } catch (error) {
    if (error instanceof HttpCallError) return outcomeOfCallError(error);
    throw error;
  }
}

/** What is wrong with a handler's input, as `path` below `action.input` and words in both languages. */
export function checkHandlerInput(
  handler: Handler,
  input: JsonValue | undefined,
): { path: string; message: Words }[] {
  const en = handler.input.safeParse(input ?? {}, { error: inEnglish });
  if (en.success) return [];
  const zh = handler.input.safeParse(input ?? {}, { error: inChinese });
  return en.error.issues.map((issue, i) => ({
    path: ['action', 'input', ...issue.path].map(String).join('.'),
    message: { zh: zh.error?.issues[i]?.message ?? issue.message, en: issue.message },
  }));
}

/** A handler's call ends with its attempt, also when the handler forgets to say so or brings a signal of its own. */
function boundHttp(http: ActionHttp, signal: AbortSignal): ActionHttp {
  return {
    request: (req) =>
      http.request({ ...req, signal: req.signal ? AbortSignal.any([req.signal, signal]) : signal }),
  };
}

function asOutcome(name: string, outcome: ActionOutcome | undefined): ActionOutcome {
  if (outcome === undefined) return ok();
  if (outcome !== null && ['ok', 'fail', 'retry'].includes(outcome.kind)) return outcome;
  throw new TypeError(`the handler ${name} must return ok(…), fail(…), retryAfter(…) or nothing`);
}
