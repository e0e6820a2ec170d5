/** Actions: the form only. Addresses and handler inputs are judged by the service (422). */
import * as z from 'zod';
import { int, isSmall, jsonScalar, length, smallJson, text } from './common.ts';
import { say } from './field-words.ts';

const headers = z
  .record(
    z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/, say('headerName')),
    z
      .string()
      .max(4_096)
      .regex(/^[\t\x20-\x7e\x80-\xff]*$/, say('headerValue')),
  )
  .refine((all) => Object.keys(all).length <= 32, say('headerCount'))
  .refine(isSmall, say('size'));

const expectation = z.strictObject({
  status: z.array(int(100, 599)).min(1).max(50).optional(),
  maxMs: length(1, 3_600_000).optional(),
  json: z
    .array(z.strictObject({ path: text(1, 200), equals: jsonScalar }))
    .max(20)
    .optional(),
});

const httpAction = z
  .strictObject({
    kind: z.literal('http'),
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
    url: z
      .string()
      .max(2_048)
      .regex(/^https?:\/\/[^\s\p{Cc}]+$/iu, say('url')),
    headers: headers.optional(),
    body: smallJson.optional(),
    expect: expectation.optional(),
    followRedirects: z.boolean().optional(),
  })
  .meta({ id: 'HttpAction', description: 'Headers and body are write-only and read back as ***' });

const handlerAction = z
  .strictObject({ kind: z.literal('handler'), name: text(1, 64), input: smallJson.optional() })
  .meta({ id: 'HandlerAction', description: 'A handler of GET /api/handlers' });

export const action = z.discriminatedUnion('kind', [httpAction, handlerAction]).meta({ id: 'Action' });

/** Kinds that are planned and answered with ACTION_UNSUPPORTED until then. */
export const UNSUPPORTED_ACTIONS: ReadonlySet<unknown> = new Set(['message', 'cloudFunction']);
