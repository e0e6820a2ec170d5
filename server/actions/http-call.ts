import type { RunError } from '../../shared/run.ts';
import type { HttpAction, HttpExpectation, JsonValue } from '../../shared/task.ts';
import type { ActionContext, ActionHttp, ActionHttpAnswer, ActionOutcome } from './action.ts';
import { fail, ok, retryAfter } from './action.ts';
import { parseUrl } from './address-guard.ts';
import { HttpCallError } from './http-call-error.ts';
import { parsePath, readPath } from './json-path.ts';
import { parseAnswer } from './parse-answer.ts';
import { isReservedHeader } from './request-headers.ts';

/** What is kept of an answer that is not JSON: its first 1,024 characters. */
const TEXT_HEAD = 1024;

/**
 * Makes the call of an HTTP action and judges the answer. The result is the JSON value of the answer itself, or
 * `{ status, elapsedMs, text }` when it is none; a failure keeps it too, its message never repeats the answer.
 * Logs one line without query string, headers or body. Rejects only when the signal ended the call.
 */
export async function httpCall(
  action: HttpAction,
  context: ActionContext,
  http: ActionHttp,
): Promise<ActionOutcome> {
  const { method = 'GET', url, body, followRedirects } = action;
  const headers = callHeaders(action.headers ?? {}, context);
  const what = `${method} ${describeUrl(url)}`;
  let answer: ActionHttpAnswer;
  try {
    answer = await http.request({ method, url, headers, body, followRedirects, signal: context.signal });
  } catch (error) {
    if (!(error instanceof HttpCallError)) throw error;
    context.log(`${what} → ${error.code}`, 'error');
    return outcomeOfCallError(error);
  }
  const json = parseAnswer(answer);
  const error = judgeAnswer(answer, json, action.expect ?? {});
  context.log(`${what} → ${answer.status} in ${answer.elapsedMs} ms`, error === null ? 'info' : 'warn');
  const { status, elapsedMs, text } = answer;
  const result = json === undefined ? { status, elapsedMs, text: text.slice(0, TEXT_HEAD) } : json;
  return error === null ? ok(result) : retryAfter(error, retryAfterMs(answer), result);
}

/** A call that gave no answer: final when the address is forbidden, else worth another attempt. */
export function outcomeOfCallError({ code, message }: HttpCallError): ActionOutcome {
  return code === 'HTTP_ADDRESS_FORBIDDEN' ? fail({ code, message }) : retryAfter({ code, message });
}

/** The first expectation that an answer does not meet, in the order status, time, values; null when it meets all. */
export function judgeAnswer(
  { status, elapsedMs }: ActionHttpAnswer,
  json: JsonValue | undefined,
  expect: HttpExpectation,
): RunError | null {
  const accepted =
    expect.status === undefined ? status >= 200 && status <= 299 : expect.status.includes(status);
  if (!accepted) {
    const wanted = expect.status?.join(', ') ?? '200–299';
    return { code: 'HTTP_STATUS', message: `status ${status}, expected ${wanted}` };
  }
  if (expect.maxMs !== undefined && elapsedMs > expect.maxMs) {
    return { code: 'HTTP_SLOW', message: `took ${elapsedMs} ms, expected at most ${expect.maxMs} ms` };
  }
  if (expect.json === undefined || expect.json.length === 0) return null;
  if (json === undefined) return { code: 'HTTP_NOT_JSON', message: 'the answer is not JSON' };
  for (const { path, equals } of expect.json) {
    const steps = parsePath(path);
    if (steps === null || readPath(json, steps) !== equals) {
      return { code: 'HTTP_VALUE', message: `${path} is not ${JSON.stringify(equals).slice(0, 100)}` };
    }
  }
  return null;
}

/**
 * The wait that a 429 or 503 asks for, in ms (RFC 9110, 10.2.3). A date is read against the answer's own `Date`, so
 * that the two clocks need not agree.
 */
export function retryAfterMs({ status, headers }: ActionHttpAnswer): number | undefined {
  const value = headers['retry-after']?.trim();
  if (value === undefined || (status !== 429 && status !== 503)) return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value) * 1000;
  const lengthMs = Date.parse(value) - Date.parse(headers.date ?? '');
  return Number.isNaN(lengthMs) ? undefined : Math.max(lengthMs, 0);
}

function callHeaders(owners: Record<string, string>, context: ActionContext): Record<string, string> {
  const free = Object.entries(owners).filter(([name]) => !isReservedHeader(name));
  return {
    ...Object.fromEntries(free),
    'idempotency-key': context.runId,
    'x-zhundian-task': context.taskId,
    'x-zhundian-run': context.runId,
    'x-zhundian-attempt': String(context.attempt),
    'x-zhundian-fence': String(context.fence),
    'x-zhundian-planned-at': String(context.plannedAt),
    'x-zhundian-late-by': String(context.lateByMs),
  };
}

/** Scheme, host and path, cut to 200 characters: queries and credentials are secrets. */
function describeUrl(url: string): string {
  const parsed = parseUrl(url);
  return parsed === null ? '(not a URL)' : `${parsed.origin}${parsed.pathname}`.slice(0, 200);
}
