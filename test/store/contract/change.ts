import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newTaskId } from '../../../server/store/ids.ts';
import type { TaskRecord } from '../../../server/store/records.ts';
import type { TaskChange } from '../../../server/store/requests.ts';
import type { Bench } from './bench.ts';
import { definition, fireSlot, segment, skip, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

async function changed(bench: Bench, change: TaskChange): Promise<TaskRecord> {
  const answer = await bench.store.changeTask(change);
  assert.ok(answer.code === 'changed', `the change: ${answer.code}`);
  assert.deepEqual(await bench.read(change.taskId), answer.task, 'getTask answers the same');
  return answer.task;
}

/** The change is answered so and leaves no trace. */
async function refused(bench: Bench, change: TaskChange, expected: object, why: string): Promise<void> {
  const before = [
    await bench.read(change.taskId),
    await bench.store.listSegments(change.taskId),
    await bench.events(),
  ];
  assert.deepEqual(await bench.store.changeTask(change), expected, why);
  const after = [
    await bench.read(change.taskId),
    await bench.store.listSegments(change.taskId),
    await bench.events(),
  ];
  assert.deepEqual(after, before, `${why}: nothing changed`);
}

export function changeContract(harness: StoreHarness): void {
  describe('changeTask: what it compares', () => {
    it(
      'a rename replaces the definition, grows the version, and touches neither cursor nor segment',
      onBench(harness, async (bench) => {
        const created = await bench.task();
        await bench.fire(created.id, [fireSlot(bench.slot(0))], { nextAt: bench.slot(4) });
        const task = await bench.read(created.id);
        await bench.until(task.createdAt + 2);
        const renamed = definition({ name: '新名字', policy: { priority: 3 }, requires: 'role:member' });
        const { updatedAt, ...after } = await changed(
          bench,
          // What belongs to cursor and segment is ignored.
          taskChange(task, { definition: renamed, nextCursorAt: 1, nextAt: null }),
        );
        assert.ok(updatedAt > task.updatedAt && updatedAt <= (await bench.store.time()), 'updatedAt');
        assert.deepEqual(
          { ...after, updatedAt: task.updatedAt },
          { ...task, version: 2, definition: renamed },
        );
        assert.deepEqual(
          (await bench.store.loadDue(bench.partition, bench.slot(4), 10)).length,
          1,
          'it stays due',
        );
        assert.equal((await bench.fire(task.id, [fireSlot(bench.slot(1))])).runs, 1, 'and goes on firing');
        const events = await bench.events();
        for (const topic of [`task:${task.id}`, `tasks:${bench.ownerId}`]) {
          const types = events.filter((event) => event.topic === topic).map((event) => event.type);
          assert.ok(types.includes('task.changed'), `${topic}: ${types.join(' ')}`);
        }
      }),
    );

    it(
      'a user’s change under another version: version_conflict with the present one, a repeat included',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const rename = taskChange(task, { definition: definition({ name: 'mine' }) });
        await changed(bench, rename);
        await refused(
          bench,
          rename,
          { code: 'version_conflict', version: 2 },
          'a repeat after a lost answer',
        );
        const ahead = { ...rename, version: 7 };
        await refused(bench, ahead, { code: 'version_conflict', version: 2 }, 'a version not yet reached');
        const edit = { ...rename, cursorAt: task.cursorAt };
        await refused(bench, edit, { code: 'version_conflict', version: 2 }, 'an edit, too');
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        await refused(
          bench,
          edit,
          { code: 'version_conflict', version: 2 },
          'version is looked at before the cursor',
        );
        assert.equal((await changed(bench, { ...rename, version: 2 })).version, 3);
      }),
    );

    it(
      'the engine’s own change does not grow the version',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const after = await changed(bench, taskChange(task, { byUser: false, pauseAfterFailures: 4 }));
        assert.equal(after.version, task.version);
        const conflict = taskChange({ ...task, version: 5 }, { byUser: false });
        await refused(
          bench,
          conflict,
          { code: 'version_conflict', version: 1 },
          'it compares the version all the same',
        );
      }),
    );

    it(
      'another cursor: stale, a repeat of an engine’s change included',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))]);
        await refused(bench, taskChange(task, { cursorAt: task.cursorAt }), { code: 'stale' }, 'it moved');
        const seal = taskChange(task, {
          byUser: false,
          cursorAt: bench.slot(0),
          nextCursorAt: bench.slot(1),
          skips: [skip(bench.slot(1), 'schedule_changed')],
          nextAt: bench.slot(2),
        });
        await changed(bench, seal);
        await refused(bench, seal, { code: 'stale' }, 'a repeat after a lost answer');
        assert.equal((await bench.store.countVerdicts(task.id)).records, 2, 'recorded once');
      }),
    );

    it(
      'a pending closing: stale, unless the change carries it out, and that once',
      onBench(harness, async (bench) => {
        const created = await bench.task();
        await bench.fire(created.id, [fireSlot(bench.slot(0))]);
        await bench.finish(await bench.claimOne(), 'succeeded', { endTask: true });
        const task = await bench.read(created.id);
        const closingAt = task.closing?.at as number;
        await refused(bench, taskChange(task, { cursorAt: task.cursorAt }), { code: 'stale' }, 'an edit');
        await refused(bench, taskChange(task), { code: 'stale' }, 'a rename');
        const close = taskChange(task, {
          byUser: false,
          closes: true,
          cursorAt: task.cursorAt,
          nextCursorAt: closingAt,
          skips: [skip(bench.slot(1), 'ended')],
          closeAt: closingAt + 1,
          state: 'ended',
          cancelHeld: true,
        });
        const ended = await changed(bench, close);
        assert.deepEqual([ended.state, ended.closing, ended.nextAt, ended.version], ['ended', null, null, 1]);
        assert.deepEqual(ended.segment, { ...task.segment, toAt: closingAt + 1 }, 'the last segment, closed');
        await refused(bench, close, { code: 'stale' }, 'another scheduler carrying it out as well');
        assert.deepEqual(await bench.store.loadDue(bench.partition, await bench.store.time(), 10), []);
      }),
    );

    it(
      'a change that carries out a closing when none is pending: stale',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const change = taskChange(task, {
          byUser: false,
          closes: true,
          cursorAt: task.cursorAt,
          closeAt: task.cursorAt + 1,
          state: 'ended',
        });
        await refused(bench, change, { code: 'stale' }, 'somebody else has carried it out');
      }),
    );

    it(
      'a cursor beyond the store’s now, or behind the old one, changes nothing',
      onBench(harness, async (bench) => {
        const created = await bench.task();
        await bench.fire(created.id, [fireSlot(bench.slot(0))]);
        const task = await bench.read(created.id);
        for (const nextCursorAt of [(await bench.store.time()) + 3_600_000, task.cursorAt - 1]) {
          const change = taskChange(task, {
            cursorAt: task.cursorAt,
            nextCursorAt,
            definition: definition({ name: 'x' }),
          });
          // The contract names no code for it: whether it rejects or is stale, it must not be done.
          const code = await bench.store.changeTask(change).then(
            (answer) => answer.code,
            () => 'rejected',
          );
          assert.ok(
            code === 'stale' || code === 'rejected',
            `${code} for ${nextCursorAt - task.cursorAt} ms on`,
          );
          assert.deepEqual(await bench.read(task.id), task, 'nothing changed');
        }
      }),
    );

    it(
      'an unknown or deleted task: gone',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.store.deleteTask(task.id);
        assert.deepEqual(await bench.store.changeTask(taskChange(task)), { code: 'gone' });
        const unknown = { ...task, id: newTaskId(bench.ownerId) };
        assert.deepEqual(await bench.store.changeTask(taskChange(unknown)), { code: 'gone' });
      }),
    );

    it(
      'lets one of many edits at once pass',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, k) =>
            bench.store.changeTask(
              taskChange(task, {
                cursorAt: task.cursorAt,
                definition: definition({ name: `${k}` }),
                closeAt: task.cursorAt + 1,
                open: segment(task.cursorAt + 1),
                nextAt: bench.slot(0),
              }),
            ),
          ),
        );
        assert.equal(answers.filter((answer) => answer.code === 'changed').length, 1);
        assert.equal(answers.filter((answer) => answer.code === 'version_conflict').length, 11);
        assert.equal((await bench.read(task.id)).version, 2);
      }),
    );
  });
}
