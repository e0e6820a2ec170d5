/** From what came over the wire to what a route is given. */
import type * as z from 'zod';
import type { AppError, AppErrorDetail } from '../lib/errors.ts';
import { isRunId, isTaskId } from '../store/ids.ts';
import type { Idempotent } from '../tasks/services.ts';
import { bodyInvalid, cursorInvalid, idInvalid, keyInvalid, queryInvalid } from './http-errors.ts';
import { detailsOf } from './issue-words.ts';
import { FIELD_WORDS } from './schemas/field-words.ts';

type Judged = { ok: true; value: unknown } | { ok: false; details: AppErrorDetail[] };

/** Judges a value; details are in both languages. */
export function judge(schema: z.ZodType, raw: unknown, base?: readonly PropertyKey[]): Judged {
  const result = schema.safeParse(raw, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, details: detailsOf(result.error.issues, base) };
}

/** Throws BODY_INVALID, or ID_INVALID when an id in the body cannot be one. */
export function parseBody(schema: z.ZodType, raw: unknown): unknown {
  const judged = judge(schema, raw);
  if (judged.ok) return judged.value;
  throw idRefusal(judged.details) ?? bodyInvalid(judged.details);
}

/** Throws QUERY_INVALID, CURSOR_INVALID or ID_INVALID. A parameter that comes twice is an array, and refused as such. */
export function parseQuery(schema: z.ZodType, query: Record<string, unknown>): unknown {
  const judged = judge(schema, { ...query });
  if (judged.ok) return judged.value;
  const { details } = judged;
  if (details.every(({ path }) => path === 'cursor')) throw cursorInvalid(details);
  throw idRefusal(details) ?? queryInvalid(details);
}

/** Throws ID_INVALID. */
export function parseId(kind: 'task' | 'run', id: string): string {
  if (!(kind === 'task' ? isTaskId(id) : isRunId(id))) throw idInvalid('id');
  return id;
}

/** Throws IDEMPOTENCY_KEY_INVALID. */
export function parseKey(header: string | string[] | undefined): Idempotent {
  if (header === undefined) return {};
  if (typeof header !== 'string' || !/^[\x21-\x7e]{1,128}$/.test(header)) throw keyInvalid();
  return { key: header };
}

function idRefusal(details: AppErrorDetail[]): AppError | null {
  const wrong = details.every(({ message }) => message === FIELD_WORDS.taskId);
  return wrong && details[0] !== undefined ? idInvalid(details[0].path) : null;
}
