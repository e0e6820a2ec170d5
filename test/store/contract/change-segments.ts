import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slotRunId } from '../../../server/store/ids.ts';
import type { TaskRecord } from '../../../server/store/records.ts';
import type { TaskChange } from '../../../server/store/requests.ts';
import type { Bench } from './bench.ts';
import { askedRun, catchUp, DAY, definition, fireSlot, policy, segment, skip, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

/** A change that moves the cursor to the k-th slot, closes the segment there and opens the next. */
async function turn(bench: Bench, taskId: string, k: number, more: Partial<TaskChange>): Promise<TaskRecord> {
  const present = await bench.read(taskId);
  const cursorAt = bench.slot(k);
  const change = taskChange(present, {
    cursorAt: present.cursorAt,
    nextCursorAt: cursorAt,
    closeAt: cursorAt + 1,
    open: segment(cursorAt + 1),
    nextAt: cursorAt + 1_000,
    ...more,
  });
  const answer = await bench.store.changeTask(change);
  assert.ok(answer.code === 'changed', `the change: ${answer.code}`);
  return answer.task;
}

export function changeSegmentsContract(harness: StoreHarness): void {
  describe('changeTask: segments, skips, held runs', () => {
    it(
      'pause and resume: each closes a segment and opens the next, and skipped slots get their verdict',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const episode = { startedAt: bench.slot(0), runFromAt: bench.slot(0) };
        await bench.fire(task.id, [fireSlot(bench.slot(0))], { episode });
        const paused = await turn(bench, task.id, 3, {
          state: 'paused',
          skips: [skip(bench.slot(1), 'paused', 3)],
          open: segment(bench.slot(3) + 1, { schedule: null }),
          nextAt: null,
        });
        assert.deepEqual(
          [paused.state, paused.version, paused.cursorAt, paused.nextAt, paused.segmentSlots],
          ['paused', 2, bench.slot(3), null, 0],
        );
        assert.equal(paused.episode, null, 'nothing is owed any more');
        const seen = bench.wakes.length;
        const resumed = await turn(bench, task.id, 9, {
          state: 'active',
          open: segment(bench.slot(9) + 1, {
            maxSlots: 5,
            spreadMs: 40,
            zoneData: '2026a',
            calendarData: 'c',
          }),
          nextAt: bench.slot(10),
        });
        assert.deepEqual(
          [resumed.state, resumed.version, resumed.cursorAt, resumed.nextAt],
          ['active', 3, bench.slot(9), bench.slot(10)],
        );
        await bench.wake(
          'for the next slot',
          (wake) => wake.kind === 'due' && wake.at <= bench.slot(10),
          seen,
        );
        const segments = await bench.store.listSegments(task.id);
        assert.deepEqual(segments, [
          { ...task.segment, toAt: bench.slot(3) + 1 },
          segment(bench.slot(3) + 1, { schedule: null, toAt: bench.slot(9) + 1 }),
          segment(bench.slot(9) + 1, { maxSlots: 5, spreadMs: 40, zoneData: '2026a', calendarData: 'c' }),
        ]);
        assert.deepEqual(resumed.segment, segments[2], 'the open one is the task’s');
        const verdicts = await bench.store.listVerdicts(task.id, 0, bench.slot(99), {
          limit: 9,
          oldestFirst: true,
        });
        assert.deepEqual(
          verdicts.map((one) => [one.plannedAt, one.toAt, one.count, one.reason]),
          [
            [bench.slot(0), bench.slot(0) + 1, 1, null],
            [bench.slot(1), bench.slot(3) + 1, 3, 'paused'],
          ],
        );
        assert.deepEqual((await bench.store.listDays(task.id, DAY))[0]?.skipped, { paused: 3 });
        const own = (await bench.events()).filter((event) => event.topic === `task:${task.id}`);
        const skipped = own.filter((event) => event.type === 'slot.skipped');
        assert.deepEqual(
          skipped.map(({ payload }) => [payload.plannedAt, payload.toAt, payload.count, payload.reason]),
          [[bench.slot(1), bench.slot(3) + 1, 3, 'paused']],
        );
        assert.equal((await bench.fire(task.id, [fireSlot(bench.slot(10))])).runs, 1, 'it fires again');
        assert.equal((await bench.read(task.id)).segmentSlots, 1, 'counted in the new segment');
      }),
    );

    it(
      'an edit before the first slot keeps a segment of no length or none, and goes on with the new one',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const edited = definition({ schedule: { kind: 'every', everyMs: 5_000 } });
        const after = await turn(bench, task.id, 5, {
          definition: edited,
          skips: [skip(bench.slot(0), 'schedule_changed', 6)],
          open: segment(bench.slot(5) + 1, { schedule: edited.schedule }),
          nextAt: bench.slot(10),
        });
        assert.deepEqual([after.definition, after.segment.schedule], [edited, edited.schedule]);
        assert.equal((await bench.store.countVerdicts(task.id)).records, 1);
        assert.deepEqual(
          (await bench.store.listSegments(task.id)).map((one) => [one.fromAt, one.toAt]),
          [
            [bench.slot(0), bench.slot(5) + 1],
            [bench.slot(5) + 1, null],
          ],
        );
      }),
    );

    it(
      'a pause lets held and waiting runs be; cancelHeld takes exactly those',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          [0, 1, 2].map((k) => fireSlot(bench.slot(k))),
          { policy: policy('buffer_all') },
        );
        await bench.fire(task.id, [catchUp(bench.slot(3)), catchUp(bench.slot(4))]);
        const manual = await bench.ask(askedRun(task.id));
        const backfill = await bench.ask(askedRun(task.id, 'backfill', bench.slot(0)));
        const running = await bench.claimOne();
        const ids = [
          ...[0, 1, 2, 3, 4].map((k) => slotRunId(task.id, bench.slot(k))),
          manual.id,
          backfill.id,
        ];
        const before = ['running', 'held', 'held', 'queued', 'held', 'queued', 'held'];
        await turn(bench, task.id, 5, {
          state: 'paused',
          open: segment(bench.slot(5) + 1, { schedule: null }),
          nextAt: null,
        });
        assert.deepEqual(await bench.states(ids), before, 'after the pause');
        assert.deepEqual(await bench.counts(task.id), { live: 1, held: 2, waiting: 2 });
        const ended = await turn(bench, task.id, 6, {
          state: 'ended',
          open: null,
          nextAt: null,
          cancelHeld: true,
        });
        assert.deepEqual(
          await bench.states(ids),
          ['running', 'cancelled', 'cancelled', 'queued', 'cancelled', 'queued', 'cancelled'],
          'after the end: held and waiting ones go, the others run',
        );
        assert.deepEqual([ended.live, ended.held, ended.waiting], [1, 0, 0]);
        assert.equal(
          (await bench.store.listDays(task.id, DAY))[0]?.cancelled,
          3,
          'the slot runs among them are counted',
        );
        const events = await bench.events();
        for (const id of ids.filter((_, k) => [1, 2, 4, 6].includes(k))) {
          const last = events.filter((event) => event.topic === `run:${id}`).at(-1);
          assert.deepEqual([last?.type, last?.payload.state], ['run.finished', 'cancelled'], id);
          assert.ok((await bench.run(id)).endedAt !== null);
        }
        await bench.finish(running);
        assert.equal((await bench.claim()).length, 2, 'the queued ones are handed out still');
      }),
    );

    it(
      'an end closes the segment and opens none',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const ended = await turn(bench, task.id, 2, {
          byUser: false,
          state: 'ended',
          open: null,
          nextAt: null,
        });
        assert.deepEqual(ended.segment, { ...task.segment, toAt: bench.slot(2) + 1 });
        assert.deepEqual(await bench.store.listSegments(task.id), [ended.segment]);
      }),
    );

    it(
      'failures in a row begin anew when a task is resumed, and only then',
      onBench(harness, async (bench) => {
        const task = await bench.task({ pauseAfterFailures: 2 });
        for (const k of [0, 1]) {
          await bench.fire(task.id, [fireSlot(bench.slot(k))]);
          await bench.finish(await bench.claimOne(), 'failed');
        }
        const paused = await turn(bench, task.id, 2, {
          byUser: false,
          closes: true,
          state: 'paused',
          open: segment(bench.slot(2) + 1, { schedule: null }),
          nextAt: null,
        });
        assert.deepEqual([paused.failures, paused.closing], [2, null], 'why it is paused can still be seen');
        // Otherwise the first failure after a resume would pause it again.
        assert.equal((await turn(bench, task.id, 3, { state: 'active' })).failures, 0);
        await bench.fire(task.id, [fireSlot(bench.slot(4))]);
        await bench.finish(await bench.claimOne(), 'failed');
        assert.deepEqual(
          [(await bench.read(task.id)).failures, (await bench.read(task.id)).closing],
          [1, null],
        );
        assert.equal((await turn(bench, task.id, 5, {})).failures, 1, 'an edit does not reset them');
      }),
    );

    it(
      'pauseAfterFailures follows the change',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.store.changeTask(taskChange(task, { pauseAfterFailures: 1 }));
        await bench.fire(task.id, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1))]);
        const [a, b] = await bench.claim();
        assert.ok(a !== undefined && b !== undefined);
        await bench.finish(a, 'failed');
        assert.equal((await bench.read(task.id)).closing?.reason, 'paused', 'set');

        const other = await bench.task({ pauseAfterFailures: 1 });
        // Left out means: as it was.
        await bench.store.changeTask(taskChange(other, { definition: definition({ name: 'other' }) }));
        await bench.fire(other.id, [fireSlot(bench.slot(0))]);
        await bench.finish(await bench.claimOne(), 'failed');
        assert.equal((await bench.read(other.id)).closing?.reason, 'paused', 'kept');

        const never = await bench.task({ pauseAfterFailures: 1 });
        await bench.store.changeTask(taskChange(never, { pauseAfterFailures: null }));
        await bench.fire(never.id, [fireSlot(bench.slot(0))]);
        await bench.finish(await bench.claimOne(), 'failed');
        assert.equal((await bench.read(never.id)).closing, null, 'taken away');
      }),
    );
  });
}
