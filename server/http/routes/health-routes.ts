import * as z from 'zod';
import { openApiDocument } from '../openapi.ts';
import { type Route, type RouteDeps, route } from '../route.ts';

const alive = z.strictObject({ ok: z.literal(true) }).meta({ id: 'Alive' });
const readiness = z.strictObject({ ok: z.boolean(), why: z.string().optional() }).meta({ id: 'Readiness' });

/** A probe is answered within this long, whatever the store does. */
const READY_MS = 1_000;

async function readinessOf(health: RouteDeps['health']): Promise<{ ok: boolean; why?: string }> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<{ ok: boolean; why: string }>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, why: 'no answer within 1 s' }), READY_MS);
  });
  try {
    return await Promise.race([health.ready(), tooLong]);
  } catch {
    return { ok: false, why: 'the check failed' };
  } finally {
    clearTimeout(timer);
  }
}

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
        200: { description: 'Ready', schema: readiness },
        503: { description: 'Not ready', schema: readiness },
      },
      errors: [],
      handle: async (_call, { health }) => {
        const { ok, why } = await readinessOf(health);
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
