/** Pausing, resuming and removing through the service; and tasks that are behind or about to end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../../../server/store/store.ts';
import { createTaskService } from '../../../server/tasks/task-service.ts';
import { readTask, runsOf, T, verdictsOf, workOff } from '../../helpers/engine-harness.ts';
import { input, ME, openServices, refused } from './support/service-bench.ts';

test('pause and resume are idempotent, and an ended task takes neither', async (t) => {
  const { tasks, clock, pass } = await openServices(t);
  const { task } = await tasks.create(
    ME,
    input({ schedule: { kind: 'every', everyMs: 10_000, endAt: T + 100_000 } }),
  );
  clock.advance(15_000);
  const paused = await tasks.pause(ME, task.id);
  assert.deepEqual([paused.state, paused.version, paused.nextFireAt], ['paused', 2, null]);
  clock.advance(1_000);
  assert.deepEqual(await tasks.pause(ME, task.id), paused);
  const resumed = await tasks.resume(ME, task.id);
  assert.deepEqual([resumed.state, resumed.version, resumed.nextFireAt], ['active', 3, T + 20_000]);
  assert.deepEqual((await tasks.resume(ME, task.id)).version, 3);
  await pass(200_000);
  for (const work of [tasks.pause(ME, task.id), tasks.resume(ME, task.id)])
    assert.deepEqual((await refused('TASK_STATE_CONFLICT', work)).facts, { state: 'ended' });
});

test('an ended task goes on with a new schedule', async (t) => {
  const { tasks, pass } = await openServices(t);
  const { task } = await tasks.create(ME, input({ schedule: { kind: 'at', at: T + 1_000 } }));
  await pass(1_000);
  const ended = await tasks.get(ME, task.id);
  assert.deepEqual([ended.state, ended.lastRun?.state, ended.health], ['ended', 'succeeded', 'healthy']);
  const again = await tasks.patch(ME, task.id, { version: 1, schedule: { kind: 'at', at: T + 5_000 } });
  assert.deepEqual([again.state, again.nextFireAt], ['active', T + 5_000]);
});

test('more than 1,000 owed slots: 503 until the scheduler has caught up', async (t) => {
  const { tasks, clock, pass } = await openServices(t);
  const { task } = await tasks.create(ME, input({ schedule: { kind: 'every', everyMs: 1_000 } }));
  clock.advance(1_001_000);
  for (const work of [
    tasks.pause(ME, task.id),
    tasks.patch(ME, task.id, { version: 1, schedule: { kind: 'at', at: T + 9e6 } }),
  ])
    assert.equal((await refused('TASK_BEHIND', work)).retryAfter, 1);
  assert.equal((await tasks.patch(ME, task.id, { version: 1, name: 'a rename need not wait' })).version, 2);
  for (let n = 0; n < 3; n += 1) await pass(0);
  assert.equal((await tasks.pause(ME, task.id)).state, 'paused');
});

test('an end that was asked for earlier comes before a pause or an edit', async (t) => {
  const { tasks, store, pass } = await openServices(t);
  const { task } = await tasks.create(ME, input({ schedule: { kind: 'every', everyMs: 10_000 } }));
  await pass(10_000, false);
  await workOff(store, () => ({ endTask: true }));
  assert.equal((await tasks.get(ME, task.id)).nextFireAt, null, 'nothing more is promised');
  await refused('TASK_STATE_CONFLICT', tasks.pause(ME, task.id));
  const { state, version } = await tasks.get(ME, task.id);
  assert.deepEqual([state, version], ['ended', 1]);
  const edited = await tasks.patch(ME, task.id, { version: 1, schedule: { kind: 'every', everyMs: 5_000 } });
  assert.equal(edited.state, 'active');
});

test('a change is planned again when the task moved on meanwhile', async (t) => {
  const { store, clock, tasks } = await openServices(t);
  const { task } = await tasks.create(ME, input({ schedule: { kind: 'every', everyMs: 1_000 } }));
  let fires = 3;
  /** Each time before a change arrives, a slot is fired. */
  const busy: Store = new Proxy(store, {
    get(target, name: keyof Store) {
      const member = target[name] as (...args: unknown[]) => Promise<unknown>;
      if (name !== 'changeTask') return typeof member === 'function' ? member.bind(target) : member;
      return async (...args: unknown[]) => {
        if (fires > 0) {
          fires -= 1;
          clock.advance(1_000);
          const now = await readTask(store, task.id);
          const at = now.nextAt as number;
          const decision = {
            kind: 'skip',
            plannedAt: at,
            toAt: at + 1,
            count: 1,
            reason: 'overlap',
            day: '20261123',
          } as const;
          const fire = {
            taskId: task.id,
            version: now.version,
            cursorAt: now.cursorAt,
            decisions: [decision],
            nextCursorAt: at,
            nextAt: at + 1_000,
            episode: null,
            ends: false,
          };
          const policy = { overlap: 'skip', priority: 0, timeoutMs: 1_000, lateAfterMs: 1_000 } as const;
          const { fires: answers } = await store.fireSlots(Number.parseInt(task.id.slice(0, 2), 16), [
            { ...fire, policy },
          ]);
          assert.equal(answers[0]?.code, 'fired');
        }
        return member.apply(target, args);
      };
    },
  });
  const service = createTaskService({ store: busy, checkAction: () => [] });
  const paused = await service.pause(ME, task.id);
  assert.deepEqual([paused.state, fires, paused.decidedThroughAt], ['paused', 0, T + 3_000]);
  fires = Number.POSITIVE_INFINITY;
  await service.resume(ME, task.id).catch(() => undefined);
  fires = 0;
  await tasks.resume(ME, task.id);
  fires = Number.POSITIVE_INFINITY;
  await refused('TASK_BEHIND', service.pause(ME, task.id));
});

test('removing a task removes what belongs to it', async (t) => {
  const { tasks, runs, store, pass } = await openServices(t);
  const { task } = await tasks.create(ME, input({ schedule: { kind: 'every', everyMs: 10_000 } }));
  await pass(10_000);
  const [run] = await runsOf(store, task.id);
  await tasks.remove(ME, task.id);
  await refused('RUN_NOT_FOUND', runs.get(ME, run!.id));
  assert.deepEqual([await verdictsOf(store, task.id), await runsOf(store, task.id)], [[], []]);
  assert.deepEqual((await runs.list(ME, { limit: 10 })).items, []);
  await refused('TASK_NOT_FOUND', tasks.remove(ME, task.id));
});
