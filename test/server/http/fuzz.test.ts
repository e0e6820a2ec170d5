/** Whatever is sent, the answer is one of the contract's, and what is refused has changed nothing. Seeds are fixed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ROUTES } from '../../../server/http/route-table.ts';
import { slotRunId } from '../../../server/store/ids.ts';
import { ERROR_CODES, type ErrorCode } from '../../../shared/errors.ts';
import { AT, sampleCreate } from './support/samples.ts';
import { type Reply, startHttp } from './support/start-http.ts';

const GOOD: Record<string, unknown> = {
  '/api/auth/login': { code: 'x' },
  '/api/auth/refresh': { refreshToken: 'x' },
  '/api/auth/logout': { refreshToken: 'x' },
  '/api/me': { name: 'a', locale: 'en', quietHours: { from: '23:00', to: '07:00', timezone: 'UTC' } },
  '/api/tasks': { ...sampleCreate, requires: null },
  '/api/tasks/batch': { items: [sampleCreate] },
  '/api/tasks/:id': { version: 1, ...sampleCreate },
  '/api/tasks/:id/backfill': { fromAt: 1, toAt: 2, all: true },
  '/api/schedules/preview': { schedule: { kind: 'every', everyMs: 1_000, anchorAt: 0 }, count: 1 },
};

const word = fc.constantFrom(
  'kind',
  '__proto__',
  'constructor',
  'toString',
  'cron',
  'every',
  'http',
  'name',
  '$',
  '',
);
const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, -1, 0, 0.5, 1e300, 2 ** 53, '', '\u0000', '𠮷', '\ud800', 'x'.repeat(5_000), [], {}),
  word,
  fc.dictionary(word, fc.jsonValue({ maxDepth: 1 })),
);

/** A good body with one to three values replaced, removed or added somewhere. */
const spoiled = (good: unknown) =>
  fc
    .array(fc.tuple(fc.array(fc.nat(6), { minLength: 1, maxLength: 4 }), anything, fc.boolean()), {
      minLength: 1,
      maxLength: 3,
    })
    .map((changes) => {
      const body = structuredClone(good) as Record<string, unknown>;
      for (const [steps, value, removes] of changes) {
        let at = body;
        for (const [i, step] of steps.entries()) {
          const keys = Object.keys(at);
          const key = keys[step % Math.max(1, keys.length)] ?? 'added';
          const below = at[key];
          const last = i === steps.length - 1 || typeof below !== 'object' || below === null;
          if (!last) at = below as Record<string, unknown>;
          else if (removes) delete at[key];
          else at[key] = value;
          if (last) break;
        }
      }
      return body;
    });

function judge(reply: Reply, calls: { name: string }[], what: unknown) {
  const shown = `${reply.status} ${reply.text.slice(0, 300)} for ${JSON.stringify(what)?.slice(0, 300)}`;
  assert.ok(reply.status < 500, shown);
  if (reply.status < 400) return;
  assert.equal(ERROR_CODES[reply.json.error.code as ErrorCode], reply.status, shown);
  assert.deepEqual(calls, [], shown);
}

for (const route of ROUTES.filter(({ body }) => body !== undefined)) {
  test(`${route.method} ${route.path} withstands any body`, async (t) => {
    const { call, login, fake } = await startHttp(t);
    const { accessToken: token, user } = await login();
    const { json: task } = await call('POST', '/api/tasks', { token, body: sampleCreate });
    const id = route.id === 'run' ? slotRunId(task.id, AT) : task.id;
    const path = route.path.replace(':id', id);
    // Bodies that happen to be right may succeed; the fakes then only answer, so that each try begins alike.
    const ask = async (raw: string) => {
      fake.calls.length = 0;
      fake.owned.set(task.id, { ownerId: user.id, task });
      const reply = await call(route.method, path, { token, raw });
      judge(
        reply,
        fake.calls.filter(({ name }) => !reads(reply, name)),
        raw,
      );
    };
    const bodies = fc.oneof(anything, spoiled(GOOD[route.path] ?? {})).map((body) => JSON.stringify(body));
    await fc.assert(fc.asyncProperty(bodies, ask), { seed: 20_260_101, numRuns: 100 });
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 60 }), ask), {
      seed: 7,
      numRuns: 30,
    });
  });
}

/** A refusal by a service itself (a stale version, somebody else's task) is not a refusal of the form. */
const reads = (reply: Reply, name: string) =>
  ['TASK_NOT_FOUND', 'TASK_VERSION_CONFLICT'].includes(reply.json?.error?.code) && name.startsWith('tasks.');

for (const route of ROUTES.filter(({ access }) => access === 'user')) {
  test(`${route.method} ${route.path} withstands any id, query and key`, async (t) => {
    const { call, login, fake } = await startHttp(t);
    const { accessToken: token } = await login();
    const parameter = fc.tuple(
      fc.constantFrom('limit', 'cursor', 'state', 'q', 'taskId', 'fromAt', 'days', '__proto__', 'x'),
      fc.oneof(fc.string({ maxLength: 20 }), fc.integer().map(String)),
    );
    const requests = fc.record({
      id: fc.oneof(fc.string({ maxLength: 30 }), fc.string({ unit: 'grapheme', maxLength: 5 })),
      query: fc.array(parameter, { minLength: 1, maxLength: 3 }),
      key: fc.stringMatching(/^[ -~]{1,140}$/),
    });
    await fc.assert(
      fc.asyncProperty(requests, async ({ id, query, key }) => {
        fake.calls.length = 0;
        const path = route.path.replace(':id', () => encodeURIComponent(id) || 'x');
        const reply = await call(route.method, `${path}?${new URLSearchParams(query)}`, {
          token,
          headers: { 'idempotency-key': key.trim() || 'k' },
        });
        // `.` and `..` as an id are taken out of the path by the client: another route, then.
        if (id !== '.' && id !== '..') judge(reply, fake.calls, { path, query });
        else assert.ok(reply.status < 500);
      }),
      { seed: 20_260_102, numRuns: 25 },
    );
  });
}
