/** What a patch keeps: secrets only where they were meant to go, and a schedule that is only worded otherwise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpAction } from '../../../shared/task.ts';
import { readTask } from '../../helpers/engine-harness.ts';
import { input, ME, openServices, refused } from './support/service-bench.ts';

const action: HttpAction = {
  kind: 'http',
  method: 'POST',
  url: 'https://example.com/hook',
  headers: { Authorization: 'secret' },
  body: { key: 'secret' },
};

test('masked secrets do not move to another origin', async (t) => {
  const { tasks, store } = await openServices(t);
  const { task } = await tasks.create(ME, input({ action }));
  const shown = task.action as HttpAction;
  for (const url of [
    'https://elsewhere.example/hook',
    'http://example.com/hook',
    'https://example.com:8443/hook',
    'https://example.com.elsewhere.example/',
    'https://example.com@elsewhere.example/',
    'https://',
  ]) {
    const error = await refused(
      'ACTION_UNSUPPORTED',
      tasks.patch(ME, task.id, { version: 1, action: { ...shown, url } }),
    );
    assert.deepEqual(
      error.details.map(({ path }) => path),
      ['action.body', 'action.headers.Authorization'],
      url,
    );
  }
  assert.deepEqual((await readTask(store, task.id)).definition.action, action);
  const moved = {
    ...action,
    url: 'https://elsewhere.example/',
    headers: { Authorization: 'new' },
    body: 'new',
  };
  await tasks.patch(ME, task.id, { version: 1, action: moved });
  assert.deepEqual((await readTask(store, task.id)).definition.action, moved);
});

test('a mask that stands for nothing is refused', async (t) => {
  const { tasks } = await openServices(t);
  const masked = { ...action, headers: { 'X-Key': '***' }, body: '***' };
  const error = await refused('ACTION_UNSUPPORTED', tasks.create(ME, input({ action: masked })));
  assert.deepEqual(
    error.details.map(({ path }) => path),
    ['action.body', 'action.headers.X-Key'],
  );
  assert.match(error.words.zh, /\p{Script=Han}/u);
  const { task } = await tasks.create(ME, input({ action }));
  const added = { ...(task.action as HttpAction), headers: { Authorization: '***', 'X-New': '***' } };
  const second = await refused('ACTION_UNSUPPORTED', tasks.patch(ME, task.id, { version: 1, action: added }));
  assert.deepEqual(
    second.details.map(({ path }) => path),
    ['action.headers.X-New'],
  );
});

test('a default that is spelt out is no change of the schedule', async (t) => {
  const { tasks, store, pass } = await openServices(t);
  const every = { kind: 'every', everyMs: 60_000, maxSlots: 3 } as const;
  const cron = { kind: 'cron', cron: '* * * * *', maxSlots: 3 } as const;
  for (const [kept, spelt] of [
    [every, { ...every, anchorAt: 0 }],
    [{ ...every, anchorAt: 0 }, every],
    [cron, { ...cron, timezone: 'Asia/Shanghai' }],
  ] as const) {
    const { task } = await tasks.create(ME, input({ schedule: kept }));
    await pass(60_000);
    const { segment } = await readTask(store, task.id);
    await tasks.patch(ME, task.id, { version: task.version, schedule: spelt });
    assert.deepEqual((await readTask(store, task.id)).segment, segment);
  }
});
