import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newTaskId } from '../../../server/store/ids.ts';
import { definition, EVERY_MS, newTask, ownerIn, segment } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

export function createContract(harness: StoreHarness): void {
  describe('createTasks', () => {
    it(
      'answers the task as it will be read, stamped by the store',
      onBench(harness, async (bench) => {
        const beforeAt = await bench.store.time();
        const asked = newTask(bench.ownerId, bench.originAt, {
          segment: segment(bench.originAt, { maxSlots: 12, spreadMs: 250, calendarData: 'cn-2026' }),
          pauseAfterFailures: 3,
        });
        const [answer] = await bench.store.createTasks(bench.ownerId, [asked], 10);
        const afterAt = await bench.store.time();
        assert.ok(answer?.code === 'created', `code ${answer?.code}`);
        const { createdAt, updatedAt, ...rest } = answer.task;
        assert.ok(createdAt >= beforeAt && createdAt <= afterAt, 'createdAt is the store time of the step');
        assert.equal(updatedAt, createdAt);
        assert.deepEqual(rest, {
          id: asked.id,
          ownerId: bench.ownerId,
          // The contract says how versions grow; that the first is 1 is this suite's reading, as for documents.
          version: 1,
          definition: definition(),
          state: 'active',
          cursorAt: bench.originAt - 1,
          nextAt: bench.originAt,
          segment: asked.segment,
          segmentSlots: 0,
          episode: null,
          closing: null,
          foldedThroughAt: 0,
          failures: 0,
          lastEnded: null,
          lastLate: false,
          live: 0,
          held: 0,
          waiting: 0,
        });
        assert.deepEqual(await bench.store.getTask(asked.id), answer.task, 'getTask answers the same');
        assert.deepEqual(await bench.store.listTasks(bench.ownerId), [answer.task], 'so does the list');
        assert.deepEqual(await bench.store.listSegments(asked.id), [asked.segment], 'its segment is kept');
      }),
    );

    it(
      'creates once: a repeat answers `exists` with the task, another request under the id `conflict`',
      onBench(harness, async (bench) => {
        const asked = newTask(bench.ownerId, bench.originAt);
        const create = (task = asked) => bench.store.createTasks(bench.ownerId, [task], 10);
        await create();
        const present = await bench.read(asked.id);
        assert.deepEqual(await create(), [{ code: 'exists', task: present }], 'repeat after a lost answer');
        const other = { ...asked, fingerprint: 'another', definition: definition({ name: 'other' }) };
        assert.deepEqual(await create(other), [{ code: 'conflict' }], 'same id, another fingerprint');
        assert.deepEqual(await bench.read(asked.id), present, 'neither changed the task');
        assert.equal((await bench.store.listTasks(bench.ownerId)).length, 1, 'one task in the list');
      }),
    );

    it(
      'answers `exists` with the task as it is by now',
      onBench(harness, async (bench) => {
        const asked = newTask(bench.ownerId, bench.originAt);
        await bench.store.createTasks(bench.ownerId, [asked], 10);
        await bench.fire(asked.id, [
          { kind: 'fire', plannedAt: bench.slot(0), nominalAt: bench.slot(0), day: '20260314' },
        ]);
        const [repeat] = await bench.store.createTasks(bench.ownerId, [asked], 10);
        assert.deepEqual(repeat, { code: 'exists', task: await bench.read(asked.id) });
      }),
    );

    it(
      'judges the tasks of a batch one by one, in the order asked',
      onBench(harness, async (bench) => {
        const present = newTask(bench.ownerId, bench.originAt);
        await bench.store.createTasks(bench.ownerId, [present], 3);
        const a = newTask(bench.ownerId, bench.originAt);
        const b = newTask(bench.ownerId, bench.originAt);
        const c = newTask(bench.ownerId, bench.originAt);
        const taken = { ...present, fingerprint: 'another' };
        const answers = await bench.store.createTasks(bench.ownerId, [a, taken, a, b, c, present], 3);
        assert.deepEqual(
          answers.map((answer) => answer.code),
          ['created', 'conflict', 'exists', 'created', 'limit', 'exists'],
          'new, taken id, twice in the batch, new, over the limit of 3, present already',
        );
        const ids = (await bench.store.listTasks(bench.ownerId)).map((task) => task.id);
        assert.deepEqual([...ids].sort(), [present.id, a.id, b.id].sort());
        assert.equal(await bench.store.getTask(c.id), null, 'the one over the limit is not there');
      }),
    );

    it(
      'gives room again after a delete, and counts each owner apart',
      onBench(harness, async (bench) => {
        const first = await bench.task();
        const create = (ownerId: string) =>
          bench.store.createTasks(ownerId, [newTask(ownerId, bench.originAt)], 1).then((a) => a[0]?.code);
        assert.equal(await create(bench.ownerId), 'limit');
        assert.equal(await create(ownerIn(bench.partition)), 'created', 'another owner of the partition');
        await bench.store.deleteTask(first.id);
        assert.equal(await create(bench.ownerId), 'created', 'after the delete');
      }),
    );

    it(
      'creates 100 at once, lists them newest first, and announces each with one event per topic',
      onBench(harness, async (bench) => {
        const tasks = Array.from({ length: 100 }, (_, k) =>
          newTask(bench.ownerId, bench.originAt, {
            nextAt: bench.slot(100 - k),
            definition: definition({ name: `${k}` }),
          }),
        );
        const answers = await bench.store.createTasks(bench.ownerId, tasks, 100);
        assert.ok(answers.every((answer) => answer.code === 'created'));
        const later = await bench.task();
        const listed = await bench.store.listTasks(bench.ownerId);
        assert.equal(listed.length, 101);
        assert.equal(listed[0]?.id, later.id, 'the newest comes first');
        assert.ok(
          listed.every((task, k) => k === 0 || task.createdAt <= (listed[k - 1] as typeof task).createdAt),
          'createdAt never grows along the list',
        );
        const events = await bench.events();
        const list = events.filter((event) => event.topic === `tasks:${bench.ownerId}`);
        assert.deepEqual(
          list.map((event) => [event.seq, event.type, event.payload.taskId]),
          [...tasks, later].map((task, k) => [k + 1, 'task.created', task.id]),
          'on the owner’s list, in order',
        );
        for (const task of tasks) {
          const own = events.filter((event) => event.topic === `task:${task.id}`);
          assert.deepEqual(
            own.map((event) => [event.seq, event.type]),
            [[1, 'task.created']],
            'on the task',
          );
        }
        await bench.wake('the earliest slot', (wake) => wake.kind === 'due' && wake.at <= bench.slot(1));
      }),
    );

    it(
      'reads nothing under ids that are unknown or cannot be',
      onBench(harness, async (bench) => {
        for (const id of [newTaskId(bench.ownerId), 'nonsense', '', 'ff', 'zz:1', '0']) {
          assert.equal(await bench.store.getTask(id), null, `getTask ${id}`);
          assert.equal(await bench.store.getRun(id), null, `getRun ${id}`);
          assert.equal(await bench.store.deleteTask(id), false, `deleteTask ${id}`);
          assert.deepEqual(await bench.store.cancelRun(id), { code: 'gone' }, `cancelRun ${id}`);
        }
        assert.deepEqual(await bench.store.listTasks(ownerIn()), []);
        assert.deepEqual(await bench.store.listSegments(newTaskId(bench.ownerId)), []);
      }),
    );

    it(
      'wakes for a slot that lies ahead, and keeps a task without a next slot out of the due list',
      onBench(harness, async (bench) => {
        const nextAt = (await bench.store.time()) + 3_600_000;
        await bench.task({ nextAt });
        await bench.wake('the slot ahead', (wake) => wake.kind === 'due' && wake.at <= nextAt);
        await bench.task({ nextAt: null });
        const due = await bench.store.loadDue(bench.partition, nextAt + EVERY_MS, 10);
        assert.deepEqual(
          due.map((task) => task.nextAt),
          [nextAt],
        );
      }),
    );
  });
}
