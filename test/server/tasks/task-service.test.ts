/** Tasks of a user: made once per key, seen by nobody else, changed only from the version that was read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpAction } from '../../../shared/task.ts';
import { readTask, T } from '../../helpers/engine-harness.ts';
import { input, ME, OTHER, openServices, refused } from './support/service-bench.ts';

test('a new task is answered with its next slot and defaults stripped', async (t) => {
  const { tasks, store } = await openServices(t);
  const { task, created } = await tasks.create(ME, {
    ...input({ name: '  check  ', visibleTo: null }),
    schedule: {
      kind: 'every',
      everyMs: 60_000,
      calendar: 'all',
      startAt: null,
      endAt: null,
      maxSlots: null,
      spreadMs: 0,
    },
    policy: {
      timeoutMs: 10_000,
      overlap: 'skip',
      priority: 0,
      lateAfterMs: 500,
      until: null,
      pauseAfterFailures: null,
      retry: {},
      catchUp: { maxRuns: 5 },
    },
  });
  assert.equal(created, true);
  const { id: _id, ...shown } = task;
  assert.deepEqual(shown, {
    version: 1,
    name: 'check',
    state: 'active',
    health: 'unknown',
    schedule: { kind: 'every', everyMs: 60_000 },
    action: { kind: 'handler', name: 'noop' },
    policy: { lateAfterMs: 500, catchUp: { maxRuns: 5 } },
    requires: null,
    visibleTo: null,
    createdAt: T,
    updatedAt: T,
    decidedThroughAt: T,
    nextFireAt: T + 60_000,
    nominalAt: T + 60_000,
    lastRun: null,
    punctuality: { onTimePct: null, p50Ms: null, p99Ms: null },
  });
  assert.deepEqual((await readTask(store, task.id)).definition.policy, {
    lateAfterMs: 500,
    catchUp: { maxRuns: 5 },
  });
  assert.deepEqual(await tasks.get(ME, task.id), task);
});

test('an idempotency key makes one task; another body under it is refused', async (t) => {
  const { tasks, store, clock } = await openServices(t);
  const first = await tasks.create(ME, input({ policy: { priority: 3, timeoutMs: 500 } }), { key: 'k' });
  clock.advance(5_000);
  // The order of fields and spelt-out defaults are the same body.
  const again = await tasks.create(ME, input({ policy: { timeoutMs: 500, overlap: 'skip', priority: 3 } }), {
    key: 'k',
  });
  assert.deepEqual([again.created, again.task], [false, first.task]);
  await refused('IDEMPOTENCY_KEY_REUSED', tasks.create(ME, input({ name: 'other' }), { key: 'k' }));
  assert.notEqual((await tasks.create(OTHER, input(), { key: 'k' })).task.id, first.task.id);
  assert.notEqual((await tasks.create(ME, input(), { key: 'l' })).task.id, first.task.id);
  assert.notEqual((await tasks.create(ME, input())).task.id, (await tasks.create(ME, input())).task.id);
  assert.equal((await store.listTasks(ME)).length, 4);
});

test('a key is answered with its task also when the schedule could not be made any more', async (t) => {
  const { tasks, clock } = await openServices(t);
  const once = input({ schedule: { kind: 'at', at: T + 1_000 } });
  const until = input({ schedule: { kind: 'every', everyMs: 1_000, endAt: T + 9_000 } });
  const made = [await tasks.create(ME, once, { key: 'a' }), await tasks.create(ME, until, { key: 'b' })];
  clock.advance(3_600_000);
  const again = [await tasks.create(ME, once, { key: 'a' }), await tasks.create(ME, until, { key: 'b' })];
  assert.deepEqual(
    again.map(({ created, task }) => [created, task.id]),
    made.map(({ task }) => [false, task.id]),
  );
  await refused(
    'IDEMPOTENCY_KEY_REUSED',
    tasks.create(ME, input({ schedule: { kind: 'at', at: T + 2_000 } }), { key: 'a' }),
  );
  await refused('SCHEDULE_IN_PAST', tasks.create(ME, once, { key: 'new' }));
  const batch = await tasks.createBatch(ME, [once], { key: 'c' });
  assert.deepEqual(
    batch.items.map((item) => item.ok),
    [false],
  );
});

test('what is not mine does not exist for me', async (t) => {
  const { tasks, clock } = await openServices(t);
  const { task } = await tasks.create(OTHER, input());
  clock.advance(1_000);
  for (const work of [
    () => tasks.get(ME, task.id),
    () => tasks.patch(ME, task.id, { version: 1, name: 'mine' }),
    () => tasks.remove(ME, task.id),
    () => tasks.pause(ME, task.id),
    () => tasks.resume(ME, task.id),
  ]) {
    await refused('TASK_NOT_FOUND', work());
  }
  assert.deepEqual(await tasks.get(OTHER, task.id), task, 'nothing happened to it');
  await refused('TASK_NOT_FOUND', tasks.get(ME, '00aaaaaaaaaaaaaaaa'));
  await refused('TASK_NOT_FOUND', tasks.get(ME, 'zz'));
  await tasks.remove(OTHER, task.id);
  await refused('TASK_NOT_FOUND', tasks.get(OTHER, task.id));
});

test('a patch from another version is refused with the present one', async (t) => {
  const { tasks, store } = await openServices(t);
  const { task } = await tasks.create(ME, input());
  const renamed = await tasks.patch(ME, task.id, { version: 1, name: 'new' });
  assert.deepEqual([renamed.version, renamed.name], [2, 'new']);
  const conflict = await refused(
    'TASK_VERSION_CONFLICT',
    tasks.patch(ME, task.id, { version: 1, name: 'newer' }),
  );
  assert.deepEqual(conflict.facts, { version: 2 });
  assert.equal((await readTask(store, task.id)).definition.name, 'new');
  const same = await tasks.patch(ME, task.id, { version: 2, name: 'new' });
  assert.equal(same.version, 2, 'nothing changed, nothing written');
});

test('masked secrets that are sent back keep their old values', async (t) => {
  const { tasks, store } = await openServices(t);
  const action: HttpAction = {
    kind: 'http',
    url: 'https://example.com/',
    headers: { Authorization: 'secret', 'X-Other': 'o' },
    body: { a: 1 },
  };
  const { task } = await tasks.create(ME, input({ action }));
  const shown = task.action as HttpAction;
  assert.deepEqual([shown.headers, shown.body], [{ Authorization: '***', 'X-Other': '***' }, '***']);
  await tasks.patch(ME, task.id, {
    version: 1,
    action: {
      ...shown,
      url: 'https://example.com/new',
      headers: { authorization: '***', 'X-Other': 'changed' },
    },
  });
  const kept = (await readTask(store, task.id)).definition.action;
  assert.deepEqual(kept, {
    ...action,
    url: 'https://example.com/new',
    headers: { authorization: 'secret', 'X-Other': 'changed' },
  });
  const { version } = await tasks.patch(ME, task.id, { version: 2, name: 'only the name' });
  assert.deepEqual((await readTask(store, task.id)).definition.action, kept);
  await tasks.patch(ME, task.id, {
    version,
    action: { kind: 'http', url: 'https://example.com/', body: null },
  });
  assert.deepEqual((await readTask(store, task.id)).definition.action, {
    kind: 'http',
    url: 'https://example.com/',
  });
});

test('an edit of the schedule moves the cursor; one of a policy or a name does not', async (t) => {
  const { tasks, store, clock, pass } = await openServices(t);
  const { task } = await tasks.create(ME, input());
  await pass(60_000);
  clock.advance(70_000);
  const before = await readTask(store, task.id);
  await tasks.patch(ME, task.id, { version: 1, policy: { overlap: 'allow_all', pauseAfterFailures: 2 } });
  const policy = await readTask(store, task.id);
  assert.deepEqual([policy.cursorAt, policy.segment], [before.cursorAt, before.segment]);
  // The same schedule in other words is no edit of it.
  await tasks.patch(ME, task.id, {
    version: 2,
    schedule: { everyMs: 60_000, kind: 'every', maxSlots: null },
  });
  assert.equal((await readTask(store, task.id)).cursorAt, before.cursorAt);
  const edited = await tasks.patch(ME, task.id, { version: 2, schedule: { kind: 'every', everyMs: 30_000 } });
  assert.deepEqual(
    [edited.decidedThroughAt, edited.nextFireAt, edited.version],
    [T + 130_000, T + 150_000, 3],
  );
  const [, skipped] = await store.listVerdicts(task.id, 0, T * 2, { limit: 10, oldestFirst: true });
  assert.deepEqual([skipped?.reason, skipped?.plannedAt], ['schedule_changed', T + 120_000]);
});

test('what is refused at creation is refused in a patch, but a schedule that has passed may stay', async (t) => {
  const { tasks, clock } = await openServices(t);
  const { task } = await tasks.create(ME, input({ schedule: { kind: 'at', at: T + 1_000 } }));
  clock.advance(3_600_000);
  assert.equal((await tasks.patch(ME, task.id, { version: 1, name: 'later' })).name, 'later');
  const past = await refused(
    'SCHEDULE_IN_PAST',
    tasks.patch(ME, task.id, { version: 2, schedule: { kind: 'at', at: T } }),
  );
  assert.deepEqual(
    past.details.map(({ path }) => path),
    ['schedule.at'],
  );
  await refused(
    'HANDLER_UNKNOWN',
    tasks.patch(ME, task.id, { version: 2, action: { kind: 'handler', name: 'bad' } }),
  );
  await refused(
    'POLICY_INVALID',
    tasks.create(ME, input({ policy: { until: { path: 'no path', equals: 1 } } })),
  );
  await refused(
    'SCHEDULE_NEVER_FIRES',
    tasks.create(ME, input({ schedule: { kind: 'every', everyMs: 1_000, endAt: T } })),
  );
});
