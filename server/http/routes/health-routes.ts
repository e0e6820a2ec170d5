import * as z from 'zod';
import { openApiDocument } from '../openapi.ts';
import { readiness } from '../readiness.ts';
import { type Route, route } from '../route.ts';

const alive = z.strictObject({ ok: z.literal(true) }).meta({ id: 'Alive' });
const readinessBody = z
  .strictObject({ ok: z.boolean(), why: z.string().optional() })
  .meta({ id: 'Readiness' });

/** `table`: all routes, these included; asked when the document is first wanted. */
export function healthRoutes(table: () => Route[]): Route[] {
  let document: unknown;
  return [
    route({
      method: 'GET',
      path: '/healthz',
      summary: 'The process is alive',
      access: 'probe',
      answers: { 200: { description: 'Alive', schema: alive } },
      errors: [],
      handle: () => ({ status: 200, body: { ok: true } }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      summary: 'The store answers and all parts are at work',
      access: 'probe',
      answers: {
        200: { description: 'Ready', schema: readinessBody },
        503: { description: 'Not ready', schema: readinessBody },
      },
      errors: [],
      handle: async (_call, { health }) => {
        const { ok, why } = await readiness(() => health.ready());
        return { status: ok ? 200 : 503, body: ok ? { ok } : { ok, why: why ?? 'not ready' } };
      },
    }),
    route({
      method: 'GET',
      path: '/openapi.json',
      summary: 'This document',
      access: 'public',
      answers: { 200: { description: 'OpenAPI 3.1', schema: z.looseObject({}) } },
      errors: [],
      handle: () => {
        document ??= openApiDocument(table());
        return { status: 200, body: document };
      },
    }),
  ];
}
