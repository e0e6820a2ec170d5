import assert from 'node:assert/strict';
import { test } from 'node:test';
import { task, taskPage } from '../../../server/http/schemas/task.ts';
import { newTaskId } from '../../../server/store/ids.ts';
import { sampleCreate, sampleRecent } from './support/samples.ts';
import { startHttp } from './support/start-http.ts';

test('queries are parsed strictly, and the parameter is named', async (t) => {
  const { call, login } = await startHttp(t);
  const { accessToken: token, user } = await login();
  const { json: task } = await call('POST', '/api/tasks', { token, body: sampleCreate });
  const one = `/api/tasks/${task.id}`;
  const cases: [path: string, field: string, code?: string][] = [
    ['/api/tasks?limit=0', 'limit'],
    ['/api/tasks?limit=101', 'limit'],
    ['/api/tasks?limit=', 'limit'],
    ['/api/tasks?limit=1e1', 'limit'],
    ['/api/tasks?limit=%205', 'limit'],
    ['/api/tasks?limit=0x10', 'limit'],
    ['/api/tasks?limit=5&limit=6', 'limit'],
    ['/api/tasks?cursor=', 'cursor', 'CURSOR_INVALID'],
    ['/api/tasks?cursor=a+b', 'cursor', 'CURSOR_INVALID'],
    [`/api/tasks?cursor=${'a'.repeat(513)}`, 'cursor', 'CURSOR_INVALID'],
    ['/api/tasks?scope=all', 'scope'],
    ['/api/tasks?state=running', 'state'],
    ['/api/tasks?health=good', 'health'],
    ['/api/tasks?live=1', 'live'],
    ['/api/tasks?live=false', 'live'],
    ['/api/tasks?troubled=', 'troubled'],
    ['/api/tasks?troubled=true&troubled=true', 'troubled'],
    ['/api/tasks?recent=0', 'recent'],
    ['/api/tasks?recent=31', 'recent'],
    [`${one}?recent=0`, 'recent'],
    [`${one}?recent=31`, 'recent'],
    [`${one}?recent=all`, 'recent'],
    [`${one}?limit=5`, 'limit'],
    ['/api/tasks?q=', 'q'],
    [`/api/tasks?q=${'a'.repeat(65)}`, 'q'],
    ['/api/tasks?q=a%00b', 'q'],
    ['/api/tasks?__proto__=1', '__proto__'],
    ['/api/runs?state=paused', 'state'],
    ['/api/runs?taskId=x', 'taskId', 'ID_INVALID'],
    [`${one}/runs?taskId=${task.id}`, 'taskId'],
    [`${one}/slots?fromAt=-1`, 'fromAt'],
    [`${one}/slots?toAt=9999999999999999`, 'toAt'],
    [`${one}/stats?days=0`, 'days'],
    [`${one}/stats?days=91`, 'days'],
    [`${one}/audit?fromAt=1.5`, 'fromAt'],
  ];
  for (const [path, field, code = 'QUERY_INVALID'] of cases) {
    const { status, json } = await call('GET', path, { token });
    assert.equal(status, 400, path);
    assert.equal(json.error.code, code, path);
    assert.equal(json.error.details[0].path, field, path);
  }
  assert.equal(user.id.length, 25);
});

test('queries reach the services as numbers and words, defaults included', async (t) => {
  const { call, login, fake } = await startHttp(t);
  const { accessToken: token, user } = await login();
  const taskId = newTaskId(user.id);
  const argsOf = async (path: string) => {
    fake.calls.length = 0;
    await call('GET', path, { token });
    return fake.calls[0]?.args.slice(1);
  };
  assert.deepEqual(await argsOf('/api/tasks'), [{ limit: 20 }]);
  assert.deepEqual(
    await argsOf('/api/tasks?limit=7&cursor=Ab_-9&scope=own&state=active&health=late&q=%E9%A6%96'),
    [{ limit: 7, cursor: 'Ab_-9', scope: 'own', state: 'active', health: 'late', q: '首' }],
  );
  assert.deepEqual(await argsOf('/api/tasks?live=true&troubled=true&recent=30'), [
    { limit: 20, live: true, troubled: true, recent: 30 },
  ]);
  assert.deepEqual(await argsOf(`/api/tasks/${taskId}`), [taskId, {}]);
  assert.deepEqual(await argsOf(`/api/tasks/${taskId}?recent=1`), [taskId, { recent: 1 }]);
  assert.deepEqual(await argsOf(`/api/runs?taskId=${taskId}&state=failed`), [
    { limit: 20, taskId, state: 'failed' },
  ]);
  assert.deepEqual(await argsOf(`/api/tasks/${taskId}/slots?fromAt=5&toAt=9`), [
    taskId,
    { limit: 20, fromAt: 5, toAt: 9 },
  ]);
  assert.deepEqual(await argsOf(`/api/tasks/${taskId}/stats`), [taskId, 30]);
  assert.deepEqual(await argsOf(`/api/tasks/${taskId}/stats?days=90`), [taskId, 90]);
  assert.deepEqual(await argsOf(`/api/tasks/${taskId}/audit`), [taskId, {}]);
});

test('a switch that is not true is refused in words of its own', async (t) => {
  const { call, login } = await startHttp(t);
  const { accessToken: token } = await login();
  for (const [language, message] of [
    ['zh-CN', '须为 true，或不带此参数'],
    ['en', 'must be true, or left out'],
  ]) {
    const headers = { 'accept-language': language as string };
    const { json } = await call('GET', '/api/tasks?live=yes', { token, headers });
    assert.deepEqual(json.error.details, [{ path: 'live', message }]);
  }
});

test('the last slots come when they are asked for, in the documented form', async (t) => {
  const { call, login } = await startHttp(t);
  const { accessToken: token } = await login();
  const { json: made } = await call('POST', '/api/tasks', { token, body: sampleCreate });
  const { json: one } = await call('GET', `/api/tasks/${made.id}?recent=30`, { token });
  assert.deepEqual(task.parse(one), one);
  assert.deepEqual(one.recent, sampleRecent(made.id));
  const { json: page } = await call('GET', '/api/tasks?recent=1', { token });
  assert.deepEqual(taskPage.parse(page), page);
  assert.deepEqual(page.items[0].recent, sampleRecent(made.id).slice(0, 1));
  const { json: plain } = await call('GET', '/api/tasks', { token });
  assert.equal('recent' in plain.items[0], false);
});
