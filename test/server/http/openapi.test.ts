import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorsOf, openApiDocument } from '../../../server/http/openapi.ts';
import { ROUTES } from '../../../server/http/route-table.ts';
import { ERROR_CODES } from '../../../shared/errors.ts';
import { startHttp } from './support/start-http.ts';

// biome-ignore lint/suspicious/noExplicitAny: a document of many shapes
type Any = any;

test('every route is in the document, and nothing else', () => {
  const { openapi, paths } = openApiDocument(ROUTES) as Any;
  assert.match(openapi, /^3\.1\./);
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = ROUTES.map(({ method, path }) => `${method} ${path.replace(':id', '{id}')}`);
  assert.deepEqual(documented.sort(), served.sort());
});

test('each operation says what it takes, what it answers and what it refuses', () => {
  const { paths } = openApiDocument(ROUTES) as Any;
  const ids = new Set<string>();
  for (const route of ROUTES) {
    const operation = paths[route.path.replace(':id', '{id}')][route.method.toLowerCase()];
    const name = `${route.method} ${route.path}`;
    ids.add(operation.operationId);
    assert.ok(operation.summary, name);
    assert.equal(operation.requestBody !== undefined, route.body !== undefined, name);
    assert.equal(operation.security !== undefined, route.access === 'user', name);
    const parameters = (operation.parameters ?? []).map((one: Any) => `${one.in} ${one.name}`);
    assert.equal(parameters.includes('path id'), route.id !== undefined, name);
    assert.equal(parameters.includes('header Idempotency-Key'), route.creates === true, name);
    for (const code of errorsOf(route)) {
      assert.match(operation.responses[ERROR_CODES[code]].description, new RegExp(`\\b${code}\\b`), name);
    }
    for (const status of Object.keys(route.answers)) assert.ok(operation.responses[status], name);
  }
  assert.equal(ids.size, ROUTES.length, 'operation ids are unique');
});

test('every reference in the document leads somewhere, and schemas of a kind point to it by name', () => {
  const document = openApiDocument(ROUTES) as Any;
  const text = JSON.stringify(document);
  const names = new Set(
    [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name),
  );
  assert.ok(names.size > 20);
  for (const name of names) assert.ok(document.components.schemas[name as string], name);
  const { Schedule, Task, TaskCreate, Error: error } = document.components.schemas;
  assert.equal(Schedule.discriminator?.propertyName ?? 'kind', 'kind');
  assert.equal(Schedule.oneOf.length, 3);
  assert.deepEqual(TaskCreate.required, ['name', 'schedule', 'action']);
  assert.equal(TaskCreate.additionalProperties, false);
  assert.ok(Task.properties.nextFireAt);
  assert.deepEqual(error.properties.error.properties.code.enum, Object.keys(ERROR_CODES));
});

test('bounds reach the document: what it promises is what is checked', () => {
  const { paths, components } = openApiDocument(ROUTES) as Any;
  const limit = paths['/api/tasks'].get.parameters.find((one: Any) => one.name === 'limit');
  assert.deepEqual([limit.schema.type, limit.schema.minimum, limit.schema.maximum], ['integer', 1, 100]);
  assert.equal(limit.required ?? false, false);
  for (const path of ['/api/tasks', '/api/tasks/{id}']) {
    const recent = paths[path].get.parameters.find((one: Any) => one.name === 'recent');
    assert.deepEqual([recent.schema.type, recent.schema.minimum, recent.schema.maximum], ['integer', 1, 30]);
    assert.equal(recent.required ?? false, false);
  }
  const live = paths['/api/tasks'].get.parameters.find((one: Any) => one.name === 'live');
  assert.deepEqual([live.schema.type, live.schema.const, live.required ?? false], ['string', 'true', false]);
  const { lateAfterMs, priority } = components.schemas.TaskPolicy.properties;
  assert.deepEqual([lateAfterMs.minimum, lateAfterMs.maximum], [1, 60_000]);
  assert.deepEqual([priority.minimum, priority.maximum], [-10, 10]);
  assert.equal(
    paths['/api/tasks/batch'].post.requestBody.content['application/json'].schema.$ref,
    '#/components/schemas/TaskBatch',
  );
});

test('it is served to anyone', async (t) => {
  const { call } = await startHttp(t);
  const { status, json } = await call('GET', '/openapi.json');
  assert.equal(status, 200);
  assert.deepEqual(json, JSON.parse(JSON.stringify(openApiDocument(ROUTES))));
});
