/** Each field refused by name, in both languages, and nothing done. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBatch } from '../../../server/http/task-body.ts';
import type { BatchAnswer } from '../../../shared/api.ts';
import { BAD_TASKS, goodCreate } from './support/each-bad-body.ts';
import { sampleCreate } from './support/samples.ts';
import { type Reply, startHttp } from './support/start-http.ts';

const CHINESE = /\p{Script=Han}/u;

async function refusedInBothLanguages(
  ask: (headers: Record<string, string>) => Promise<Reply>,
  expected: { path: string; code: string },
) {
  const zh = await ask({});
  const en = await ask({ 'accept-language': 'en-GB,en;q=0.9,zh;q=0.1' });
  for (const reply of [zh, en]) {
    assert.ok([400, 403, 422].includes(reply.status), reply.text);
    assert.equal(reply.json.error.code, expected.code, reply.text);
    assert.ok(
      reply.json.error.details.some((detail: { path: string }) => detail.path === expected.path),
      `${expected.path} is not named: ${reply.text}`,
    );
  }
  assert.match(zh.json.error.message, CHINESE);
  assert.doesNotMatch(en.json.error.message, CHINESE);
  for (const { message } of zh.json.error.details) assert.match(message, CHINESE);
  for (const { message } of en.json.error.details) {
    assert.doesNotMatch(message, CHINESE);
    assert.match(message, /^[a-z]/, 'reads on after the name of the field');
  }
}

test('POST /api/tasks names every field that is wrong', async (t) => {
  const { call, login, fake } = await startHttp(t);
  const { accessToken: token } = await login();
  for (const { path, code = 'BODY_INVALID', spoil } of BAD_TASKS) {
    const body = goodCreate();
    spoil(body);
    await t.test(`${path} = ${JSON.stringify(body).slice(0, 60)}`, () =>
      refusedInBothLanguages((headers) => call('POST', '/api/tasks', { token, body, headers }), {
        path,
        code,
      }),
    );
  }
  assert.deepEqual(fake.calls, []);
});

test('PATCH /api/tasks/:id judges the same fields, and wants a version', async (t) => {
  const { call, login, fake } = await startHttp(t);
  const { accessToken: token } = await login();
  const { json: task } = await call('POST', '/api/tasks', { token, body: sampleCreate });
  const before = fake.calls.length;
  const ask = (body: unknown) => (headers: Record<string, string>) =>
    call('PATCH', `/api/tasks/${task.id}`, { token, body, headers });
  for (const version of [undefined, '1', 0, 1.5, null]) {
    await refusedInBothLanguages(ask({ version, name: 'a' }), { path: 'version', code: 'BODY_INVALID' });
  }
  for (const { path, code = 'BODY_INVALID', spoil } of BAD_TASKS) {
    const body = goodCreate();
    spoil(body);
    const absent = ['name', 'schedule', 'action'].includes(path) && !(path in body);
    if (!absent) await refusedInBothLanguages(ask({ version: 1, ...body }), { path, code });
  }
  assert.equal(fake.calls.length, before);
});

test('the smaller bodies name their fields too', async (t) => {
  const { call, login } = await startHttp(t);
  const { accessToken: token } = await login();
  const { json: task } = await call('POST', '/api/tasks', { token, body: sampleCreate });
  const { schedule } = sampleCreate;
  const backfill = `/api/tasks/${task.id}/backfill`;
  const quiet = { from: '23:00', to: '07:00', timezone: 'Asia/Shanghai' };
  const cases: [method: string, path: string, body: unknown, field: string, code?: string][] = [
    ['POST', '/api/auth/login', {}, 'code'],
    ['POST', '/api/auth/login', { code: '' }, 'code'],
    ['POST', '/api/auth/login', { code: 'x'.repeat(257) }, 'code'],
    ['POST', '/api/auth/login', { code: 'x', openid: 'y' }, 'openid'],
    ['POST', '/api/auth/refresh', { refreshToken: 1 }, 'refreshToken'],
    ['POST', '/api/auth/logout', {}, 'refreshToken'],
    ['PATCH', '/api/me', { name: ' ' }, 'name'],
    ['PATCH', '/api/me', { locale: 'fr' }, 'locale'],
    ['PATCH', '/api/me', { attrs: ['role:operator'] }, 'attrs'],
    ['PATCH', '/api/me', { quietHours: { ...quiet, from: '24:00' } }, 'quietHours.from'],
    ['PATCH', '/api/me', { quietHours: { ...quiet, to: '7:00' } }, 'quietHours.to'],
    ['PATCH', '/api/me', { quietHours: { ...quiet, timezone: 'CST' } }, 'quietHours.timezone'],
    ['PATCH', '/api/me', { quietHours: { ...quiet, timezone: 'Mars/Olympus' } }, 'quietHours.timezone'],
    ['PATCH', '/api/me', { quietHours: { ...quiet, timezone: '+08:00' } }, 'quietHours.timezone'],
    ['PATCH', '/api/me', { quietHours: { ...quiet, timezone: 'Etc/GMT+8' } }, 'quietHours.timezone'],
    ['PATCH', '/api/me', { quietHours: { ...quiet, timezone: 'US/Central' } }, 'quietHours.timezone'],
    ['POST', backfill, { toAt: 2 }, 'fromAt'],
    ['POST', backfill, { fromAt: 1, toAt: 'now' }, 'toAt'],
    ['POST', backfill, { fromAt: 1, toAt: 2, all: 'yes' }, 'all'],
    ['POST', `/api/tasks/${task.id}/run`, { input: 1 }, 'input'],
    ['POST', `/api/tasks/${task.id}/pause`, { until: 1 }, 'until'],
    ['POST', '/api/schedules/preview', { schedule, count: 0 }, 'count'],
    ['POST', '/api/schedules/preview', { schedule, count: 51 }, 'count'],
    ['POST', '/api/schedules/preview', { schedule: { kind: 'cron' } }, 'schedule.cron'],
    ['POST', '/api/schedules/preview', { schedule, taskId: 'nonsense' }, 'taskId', 'ID_INVALID'],
    ['POST', '/api/tasks/batch', {}, 'items'],
    ['POST', '/api/tasks/batch', { items: [] }, 'items'],
    ['POST', '/api/tasks/batch', { items: Array(1_001).fill(0) }, 'items'],
    ['POST', '/api/tasks/batch', { items: [sampleCreate], all: true }, 'all'],
  ];
  for (const [method, path, body, field, code = 'BODY_INVALID'] of cases) {
    await t.test(`${method} ${path} ${JSON.stringify(body).slice(0, 80)}`, () =>
      refusedInBothLanguages((headers) => call(method, path, { token, body, headers }), {
        path: field,
        code,
      }),
    );
  }
});

test('each item of a batch stands alone, its form included', async (t) => {
  const { call, login, fake } = await startHttp(t);
  const { accessToken: token } = await login();
  const items = [
    sampleCreate,
    { ...sampleCreate, name: '' },
    null,
    { ...sampleCreate, action: { kind: 'message' } },
    { ...sampleCreate, name: '最后一个' },
  ];
  const { status, json } = await call('POST', '/api/tasks/batch', { token, body: { items } });
  assert.equal(status, 200);
  assert.deepEqual(
    (json as BatchAnswer).items.map((item) => (item.ok ? item.task.name : item.error.code)),
    [sampleCreate.name, 'BODY_INVALID', 'BODY_INVALID', 'ACTION_UNSUPPORTED', '最后一个'],
  );
  assert.match(json.items[1].error.message, /^name: /);
  assert.doesNotMatch(json.items[2].error.message, /^: /, 'an item that is no object has no field to name');
  const options = fake.calls[0]?.args[2] as { locale?: string };
  assert.equal(options.locale, 'zh-CN', 'the service refuses in the language of the caller');
  assert.equal((fake.calls[0]?.args[1] as unknown[] | undefined)?.length, 2);
});

test('what later parts will support is passed on for the service to judge', async (t) => {
  const { call, login, fake } = await startHttp(t);
  const { accessToken: token } = await login();
  const schedule = { ...sampleCreate.schedule, spreadMs: 5_000, calendar: 'cn_workdays' };
  const { status } = await call('POST', '/api/tasks', {
    token,
    body: { ...sampleCreate, schedule, requires: null },
  });
  assert.equal(status, 201);
  const input = (fake.calls[0]?.args[1] ?? {}) as { schedule?: unknown };
  assert.deepEqual(input.schedule, schedule);
  assert.ok(!Object.hasOwn(input, 'requires'));
});

test('the form of a big batch is judged without holding up the others', async (t) => {
  const { fake } = await startHttp(t);
  let tick = 0;
  const ticking = setInterval(() => tick++, 0);
  let turn = setImmediate(function next() {
    tick++;
    turn = setImmediate(next);
  });
  t.after(() => {
    clearInterval(ticking);
    clearImmediate(turn);
  });
  const seen = new Set<number>();
  const items = Array.from({ length: 100 }, () => ({
    get name() {
      seen.add(tick);
      return '';
    },
  }));
  await createBatch('anna', { items }, 'en', fake.services.tasks, {});
  assert.ok(seen.size >= 5, `judged in ${seen.size} turns`);
});
