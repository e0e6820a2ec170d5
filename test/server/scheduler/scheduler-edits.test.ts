/** Edits beside a scheduler that has loaded the task already. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskRecord } from '../../../server/store/records.ts';
import type { TaskChange } from '../../../server/store/requests.ts';
import type { Store } from '../../../server/store/store.ts';
import * as changes from '../../../server/tasks/task-changes.ts';
import type { Schedule } from '../../../shared/task.ts';
import {
  definition,
  type Embedded,
  makeTask,
  openEmbedded,
  readTask,
  schedulingServer,
  T,
  verdictsOf,
  workOff,
} from '../../helpers/engine-harness.ts';

const every10s = { kind: 'every', everyMs: 10_000 } as const;
const inShort = async (store: Store, taskId: string) =>
  (await verdictsOf(store, taskId)).map(
    ({ verdict, reason, plannedAt, count }) => `${reason ?? verdict} ${(plannedAt - T) / 1_000} ×${count}`,
  );

async function change(
  { store, clock }: Embedded,
  task: TaskRecord,
  plan: (task: TaskRecord, now: number) => TaskChange | 'behind',
) {
  const planned = plan(await readTask(store, task.id), clock.now());
  assert.ok(planned !== 'behind');
  assert.equal((await store.changeTask(planned)).code, 'changed');
}
const edit = (bench: Embedded, task: TaskRecord, schedule: Schedule) =>
  change(bench, task, (current, now) => changes.reschedule(current, definition(schedule), now));

test('an edit between load and fire: the old plan is refused, the new one is carried out', async (t) => {
  for (const told of [true, false]) {
    await t.test(told ? 'with its wake' : 'the wake lost', async (t2) => {
      const bench = await openEmbedded(t2);
      const { store, clock, onWake } = bench;
      const { scheduler } = await schedulingServer(bench);
      const task = await makeTask(store, T, every10s);
      clock.advance(9_000);
      await scheduler.runOnce();
      if (!told) onWake.clear();
      await edit(bench, task, { ...every10s, anchorAt: 500 });
      clock.advance(1_000);
      await scheduler.runOnce();
      assert.deepEqual(await inShort(store, task.id), [], 'the slot at 10 does not exist any more');
      clock.advance(500);
      await scheduler.runOnce();
      assert.deepEqual(await inShort(store, task.id), ['fired 10.5 ×1']);
    });
  }
});

test('a pause between load and fire: nothing fires; the resume goes on', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const { scheduler } = await schedulingServer(bench);
  const task = await makeTask(store, T, every10s);
  clock.advance(9_999);
  await scheduler.runOnce();
  await change(bench, task, changes.pause);
  clock.advance(1);
  for (let pass = 0; pass < 2; pass += 1) await scheduler.runOnce();
  assert.equal(scheduler.state().known, 0);
  clock.advance(20_000);
  await scheduler.runOnce();
  assert.deepEqual(await inShort(store, task.id), []);
  await change(bench, task, changes.resume);
  clock.advance(10_000);
  await scheduler.runOnce();
  assert.deepEqual(await inShort(store, task.id), ['fired 40 ×1']);
});

test('a rename while the task is loaded costs one reading and no slot', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const { scheduler } = await schedulingServer(bench);
  const task = await makeTask(store, T, every10s);
  clock.advance(9_999);
  await scheduler.runOnce();
  bench.onWake.clear();
  await change(bench, task, (current) => changes.redefine(current, { ...current.definition, name: 'other' }));
  clock.advance(1);
  for (let pass = 0; pass < 2; pass += 1) await scheduler.runOnce();
  assert.deepEqual(await inShort(store, task.id), ['fired 10 ×1']);
});

test('a deleted task is forgotten', async (t) => {
  const bench = await openEmbedded(t);
  const { store, clock } = bench;
  const { scheduler } = await schedulingServer(bench);
  const task = await makeTask(store, T, every10s);
  clock.advance(9_999);
  await scheduler.runOnce();
  await store.deleteTask(task.id);
  clock.advance(1);
  await scheduler.runOnce();
  assert.equal(scheduler.state().known, 0);
});

test('an edit while a firing step is under way is not forgotten when the step is answered', async (t) => {
  const bench = await openEmbedded(t);
  const { clock } = bench;
  let hold: Promise<void> | null = null;
  let sent = () => {};
  const slow = new Proxy(bench.store, {
    get(target, name: keyof Store) {
      const member = target[name] as (...args: unknown[]) => Promise<unknown>;
      if (name !== 'fireSlots') return typeof member === 'function' ? member.bind(target) : member;
      return async (...args: unknown[]) => {
        const answer = await member.apply(target, args);
        sent();
        await hold;
        return answer;
      };
    },
  });
  const { scheduler } = await schedulingServer({ ...bench, store: slow });
  const task = await makeTask(bench.store, T, { kind: 'every', everyMs: 3_600_000 });
  clock.advance(3_600_000);
  let release = () => {};
  hold = new Promise((resolve) => {
    release = resolve;
  });
  const applied = new Promise<void>((resolve) => {
    sent = resolve;
  });
  const pass = scheduler.runOnce();
  await applied;
  await edit(bench, task, { kind: 'at', at: clock.now() + 2_000 });
  // The edit's wake is heard and its task read while the answer of the step is still on its way.
  const hearing = scheduler.runOnce();
  await hearing;
  release();
  await pass;
  await workOff(bench.store);
  clock.advance(2_000);
  await scheduler.runOnce();
  const last = (await verdictsOf(bench.store, task.id)).at(-1);
  assert.deepEqual([last?.verdict, last?.plannedAt], ['fired', clock.now()]);
});
