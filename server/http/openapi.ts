/** openapi.json, made from the route table: what is documented is what is served. */
import * as z from 'zod';
import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import { ERROR_CODES, type ErrorCode } from '../../shared/errors.ts';
import type { Route } from './route.ts';

const errorBody = z
  .strictObject({
    error: z.strictObject({
      code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
      message: z.string().meta({ description: 'for people, by Accept-Language' }),
      details: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
      requestId: z.string(),
      version: z.int().optional().meta({ description: 'current version, with TASK_VERSION_CONFLICT' }),
      state: z.string().optional().meta({ description: 'current state, with *_STATE_CONFLICT' }),
    }),
  })
  .meta({ id: 'Error' });

/** Refusals that a route can give because of what it takes, beside its own. */
export function errorsOf(route: Route): ErrorCode[] {
  const { access, body, query, id, creates, errors } = route;
  if (access === 'probe') return errors;
  const codes: ErrorCode[] = [...errors, 'QUERY_INVALID', 'RATE_LIMITED', 'STORE_UNAVAILABLE', 'INTERNAL'];
  if (access === 'user') codes.push('AUTH_REQUIRED', 'TOKEN_INVALID', 'TOKEN_EXPIRED');
  if (id !== undefined) codes.push('ID_INVALID');
  if (creates) codes.push('IDEMPOTENCY_KEY_INVALID');
  if (takes(query, 'cursor')) codes.push('CURSOR_INVALID');
  if (takes(query, 'taskId') || takes(body, 'taskId')) codes.push('ID_INVALID');
  if (body !== undefined)
    codes.push('BODY_INVALID', 'JSON_INVALID', 'BODY_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED');
  return [...new Set(codes)];
}

const takes = (schema: z.ZodType | undefined, field: string) =>
  schema instanceof z.ZodObject && field in schema.shape;

/** The whole document, OpenAPI 3.1. */
export function openApiDocument(routes: Route[]): unknown {
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: '准点 Zhundian',
      version: '1',
      description: 'Scheduled tasks of which every slot has a verdict.',
    },
    paths,
    components: {
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  });
}

function operation(route: Route) {
  const { access, summary, body, creates } = route;
  return {
    summary,
    operationId: operationId(route),
    ...(access === 'user' && { security: [{ accessToken: [] }] }),
    requestParams: {
      ...(route.id && { path: z.object({ id: z.string() }) }),
      ...(route.query && { query: route.query as z.ZodObject }),
      ...(creates && {
        header: z.object({
          'Idempotency-Key': z.string().optional().meta({
            description: '1 to 128 visible ASCII characters; a repeat answers what the first call made',
          }),
        }),
      }),
    },
    ...(body && { requestBody: { content: { 'application/json': { schema: body } } } }),
    responses: responses(route),
  };
}

function responses(route: Route) {
  const all: Record<string, object> = {};
  const codes = errorsOf(route);
  for (const status of new Set(codes.map((code) => ERROR_CODES[code]))) {
    const description = codes.filter((code) => ERROR_CODES[code] === status).join(', ');
    all[status] = { description, content: { 'application/json': { schema: errorBody } } };
  }
  for (const [status, { description, schema }] of Object.entries(route.answers)) {
    all[status] = { description, ...(schema && { content: { 'application/json': { schema } } }) };
  }
  return all;
}

/** `GET /api/tasks/:id/runs` is `getTasksIdRuns`. */
function operationId({ method, path }: Route): string {
  const words = path.replace(/^\/api/, '').match(/[A-Za-z]+/g) ?? [];
  return method.toLowerCase() + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
}
