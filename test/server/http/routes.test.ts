/** Every documented route is called, and what it answers is what the document says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROUTES } from '../../../server/http/route-table.ts';
import { newTaskId, slotRunId } from '../../../server/store/ids.ts';
import type { SchemasMatchSharedTypes } from './same-types.ts';
import { AT, sampleCreate } from './support/samples.ts';
import { type CallOptions, startHttp } from './support/start-http.ts';

/** The form of this proof is its point: it does not compile when a schema and a shared type differ. */
export type Proof = SchemasMatchSharedTypes;

/** What to send for a 2xx, beside the token; a route that is missing here fails the test. */
const REQUESTS: Record<string, (sample: { refreshToken: string }) => CallOptions> = {
  'POST /api/auth/login': () => ({ body: { code: 'sandbox:anna' } }),
  'POST /api/auth/refresh': ({ refreshToken }) => ({ body: { refreshToken } }),
  'POST /api/auth/logout': () => ({ body: { refreshToken: 'unknown' } }),
  'GET /api/me': () => ({}),
  'PATCH /api/me': () => ({
    body: { name: ' 安娜 ', quietHours: { from: '23:00', to: '07:30', timezone: 'Asia/Shanghai' } },
  }),
  'DELETE /api/me': () => ({}),
  'GET /api/me/export': () => ({}),
  'GET /api/tasks': () => ({}),
  'POST /api/tasks': () => ({ body: sampleCreate }),
  'POST /api/tasks/batch': () => ({ body: { items: [sampleCreate, sampleCreate] } }),
  'GET /api/tasks/:id': () => ({}),
  'PATCH /api/tasks/:id': () => ({ body: { version: 1, name: '新名字' } }),
  'DELETE /api/tasks/:id': () => ({}),
  'POST /api/tasks/:id/pause': () => ({}),
  'POST /api/tasks/:id/resume': () => ({ body: {} }),
  'POST /api/tasks/:id/run': () => ({}),
  'POST /api/tasks/:id/backfill': () => ({ body: { fromAt: AT - 60_000, toAt: AT } }),
  'GET /api/tasks/:id/runs': () => ({}),
  'GET /api/tasks/:id/slots': () => ({}),
  'GET /api/tasks/:id/stats': () => ({}),
  'GET /api/tasks/:id/audit': () => ({}),
  'GET /api/runs': () => ({}),
  'GET /api/runs/:id': () => ({}),
  'GET /api/runs/:id/logs': () => ({}),
  'POST /api/runs/:id/cancel': () => ({}),
  'POST /api/runs/:id/retry': () => ({}),
  'POST /api/schedules/preview': () => ({ body: { schedule: sampleCreate.schedule, count: 3 } }),
  'GET /api/handlers': () => ({}),
  'GET /healthz': () => ({}),
  'GET /readyz': () => ({}),
  'GET /openapi.json': () => ({}),
};

test('the requests below and the route table name the same routes', () => {
  assert.deepEqual(
    Object.keys(REQUESTS).sort(),
    ROUTES.map(({ method, path }) => `${method} ${path}`).sort(),
  );
});

for (const route of ROUTES) {
  const name = `${route.method} ${route.path}`;
  test(`${name} answers what the document says`, async (t) => {
    const { call, login } = await startHttp(t);
    const { accessToken: token, refreshToken } = await login();
    const { json: task } = await call('POST', '/api/tasks', { token, body: sampleCreate });
    const id = route.id === 'run' ? slotRunId(task.id, AT) : task.id;
    const options = REQUESTS[name]?.({ refreshToken }) ?? {};
    const withToken = route.access === 'user' ? { ...options, token } : options;

    const reply = await call(route.method, route.path.replace(':id', id), withToken);
    const documented = route.answers[reply.status];
    assert.ok(documented && reply.status < 300, `${reply.status} ${reply.text}`);
    if (documented.schema === null) assert.equal(reply.text, '');
    else assert.deepEqual(documented.schema.parse(reply.json), reply.json);
    assert.match(String(reply.headers['x-request-id']), /^[A-Za-z0-9_-]{16}$/);
  });

  if (route.access === 'user') {
    test(`${name} wants a token`, async (t) => {
      const { call, fake } = await startHttp(t);
      const path = route.path.replace(':id', newTaskId('u'));
      assert.equal((await call(route.method, path)).json.error.code, 'AUTH_REQUIRED');
      assert.equal((await call(route.method, path, { token: 'x.y.z' })).json.error.code, 'TOKEN_INVALID');
      assert.deepEqual(fake.calls, []);
    });
  }

  if (route.id !== undefined) {
    test(`${name} tells a malformed id from one of somebody else`, async (t) => {
      const { call, login } = await startHttp(t);
      const { accessToken: token } = await login('anna');
      const other = await login('boris');
      const { json: task } = await call('POST', '/api/tasks', {
        token: other.accessToken,
        body: sampleCreate,
      });
      const foreign = route.id === 'run' ? slotRunId(task.id, AT) : task.id;
      const options = { ...REQUESTS[name]?.({ refreshToken: '' }), token };
      for (const id of ['nonsense', '%E0%A4%A', 'ff'.padEnd(18, 'a'), foreign.toUpperCase()]) {
        const reply = await call(route.method, route.path.replace(':id', id), options);
        assert.equal(reply.json.error.code, 'ID_INVALID', id);
      }
      const reply = await call(route.method, route.path.replace(':id', foreign), options);
      assert.equal(reply.status, 404, reply.text);
    });
  }

  if (route.query !== undefined || route.access !== 'probe') {
    test(`${name} refuses a parameter that it does not know`, async (t) => {
      const { call, login } = await startHttp(t);
      const { accessToken: token, refreshToken } = await login();
      const { json: task } = await call('POST', '/api/tasks', { token, body: sampleCreate });
      const id = route.id === 'run' ? slotRunId(task.id, AT) : task.id;
      const options = { ...REQUESTS[name]?.({ refreshToken }), token };
      const reply = await call(route.method, `${route.path.replace(':id', id)}?surprise=1`, options);
      assert.equal(reply.json.error.code, 'QUERY_INVALID');
      assert.equal(reply.json.error.details[0].path, 'surprise');
    });
  }
}
