import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { slotRunId } from '../../../server/store/ids.ts';
import { catchUp, fireRequest, fireSlot, policy, skip } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

export function fireContract(harness: StoreHarness): void {
  describe('fireSlots: what it writes', () => {
    it(
      'moves the cursor, creates the run of each slot, and makes it ready',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const beforeAt = await bench.store.time();
        const slotPolicy = policy('allow_all', { priority: 4, timeoutMs: 2_500, lateAfterMs: 300 });
        const answer = await bench.fire(task.id, [fireSlot(bench.slot(0)), fireSlot(bench.slot(1))], {
          nextCursorAt: bench.slot(2) - 1,
          nextAt: bench.slot(2),
          policy: slotPolicy,
        });
        const ids = [0, 1].map((k) => slotRunId(task.id, bench.slot(k)));
        assert.deepEqual(answer, { code: 'fired', taskId: task.id, ready: ids, runs: 2, skipped: 0 });
        const afterAt = await bench.store.time();
        const after = await bench.read(task.id);
        assert.deepEqual(
          { ...after, updatedAt: 0 },
          {
            ...task,
            updatedAt: 0,
            cursorAt: bench.slot(2) - 1,
            nextAt: bench.slot(2),
            segmentSlots: 2,
            live: 2,
          },
          'only cursor, next slot and counts moved; the version never grows with a fire',
        );
        for (const [k, id] of ids.entries()) {
          const { createdAt, queuedAt, ...rest } = await bench.run(id);
          assert.ok(createdAt >= beforeAt && createdAt <= afterAt, 'createdAt is the store time of the step');
          assert.equal(queuedAt, createdAt, 'it was ready at once');
          assert.deepEqual(rest, {
            id,
            taskId: task.id,
            ownerId: bench.ownerId,
            trigger: 'slot',
            line: 'slot',
            state: 'queued',
            retryOf: null,
            plannedAt: bench.slot(k),
            nominalAt: bench.slot(k) - 7,
            verdict: 'fired',
            lateByMs: null,
            waitedMs: 0,
            retryAt: null,
            startedAt: null,
            endedAt: null,
            progress: null,
            result: null,
            error: null,
            attempts: [],
            timeoutMs: 2_500,
            lateAfterMs: 300,
            priority: 4,
          });
        }
        await bench.wake('runs are ready', (wake) => wake.kind === 'ready');
      }),
    );

    it(
      'holds slots under a buffering policy, and puts caught-up runs in their own line',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const slots = [
          catchUp(bench.slot(0)),
          catchUp(bench.slot(1)),
          fireSlot(bench.slot(2)),
          fireSlot(bench.slot(3)),
        ];
        const ids = [0, 1, 2, 3].map((k) => slotRunId(task.id, bench.slot(k)));
        const answer = await bench.fire(task.id, slots, { policy: policy('buffer_one') });
        assert.deepEqual(answer.ready, [ids[0], ids[2]], 'the first of each line');
        assert.equal(answer.runs, 4, 'held ones are runs, too');
        const runs = await Promise.all(ids.map((id) => bench.run(id)));
        assert.deepEqual(
          runs.map((run) => [run.line, run.verdict, run.state, run.queuedAt === null]),
          [
            ['late', 'caught_up', 'queued', false],
            ['late', 'caught_up', 'held', true],
            ['slot', 'fired', 'queued', false],
            ['slot', 'fired', 'held', true],
          ],
        );
        // `waiting` counts caught-up and backfill runs that still stand behind another, not the one that is up.
        assert.deepEqual(await bench.counts(task.id), { live: 1, held: 1, waiting: 1 });
      }),
    );

    it(
      'moves the cursor without a decision',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const answer = await bench.fire(task.id, [], { nextCursorAt: bench.slot(5), nextAt: bench.slot(6) });
        assert.deepEqual(answer, { code: 'fired', taskId: task.id, ready: [], runs: 0, skipped: 0 });
        const after = await bench.read(task.id);
        assert.deepEqual(
          [after.cursorAt, after.nextAt, after.segmentSlots],
          [bench.slot(5), bench.slot(6), 0],
        );
      }),
    );

    it(
      'counts the slots of the segment whatever their verdict',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [skip(bench.slot(0), 'catch_up_limit', 40), catchUp(bench.slot(40))]);
        assert.equal((await bench.read(task.id)).segmentSlots, 41);
        const answer = await bench.fire(task.id, [fireSlot(bench.slot(41)), fireSlot(bench.slot(42))], {
          policy: policy('skip'),
        });
        assert.deepEqual([answer.runs, answer.skipped], [1, 1], 'the second is skipped for the first');
        assert.equal((await bench.read(task.id)).segmentSlots, 43);
      }),
    );

    it(
      'counts skipped slots, not records, in its answer',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const slots = [skip(bench.slot(0), 'coalesced', 40), skip(bench.slot(40), 'coalesced', 2)];
        assert.equal((await bench.fire(task.id, slots)).skipped, 42);
      }),
    );

    it(
      'stores the episode with the cursor, and takes it away again',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const episode = { startedAt: bench.slot(50), runFromAt: bench.slot(10) };
        await bench.fire(task.id, [catchUp(bench.slot(0))], { episode });
        assert.deepEqual((await bench.read(task.id)).episode, episode);
        await bench.fire(task.id, [catchUp(bench.slot(1))], { episode: null });
        assert.equal((await bench.read(task.id)).episode, null);
      }),
    );

    it(
      '`ends` closes the segment and ends the task; what is held or waiting still runs',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const slots = [
          catchUp(bench.slot(0)),
          catchUp(bench.slot(1)),
          fireSlot(bench.slot(2)),
          fireSlot(bench.slot(3)),
        ];
        await bench.fire(task.id, slots, {
          nextCursorAt: bench.slot(3) + 500,
          ends: true,
          policy: policy('buffer_one'),
        });
        const after = await bench.read(task.id);
        assert.equal(after.state, 'ended');
        assert.equal(after.nextAt, null);
        assert.equal(after.version, task.version, 'the engine ends it: no new version');
        const closed = { ...task.segment, toAt: bench.slot(3) + 501 };
        assert.deepEqual(after.segment, closed, 'the last segment ends behind the cursor');
        assert.deepEqual(await bench.store.listSegments(task.id), [closed]);
        for (const round of ['first', 'second']) {
          const runs = await bench.claim();
          assert.equal(runs.length, 2, `${round} of each line is handed out`);
          for (const run of runs) await bench.finish(run);
        }
        assert.deepEqual(await bench.counts(task.id), { live: 0, held: 0, waiting: 0 });
      }),
    );

    it(
      'ends a task that has no slot left though its cursor stands still',
      onBench(harness, async (bench) => {
        // So it is after an edit or a resume to a schedule without a slot. Nothing was done before: the state says so, not
        // the cursor alone.
        const task = await bench.task();
        const request = fireRequest(task, [], { ends: true });
        assert.equal(request.nextCursorAt, task.cursorAt);
        assert.equal((await bench.tryFire(request)).code, 'fired');
        const { state, nextAt, segment } = await bench.read(task.id);
        assert.deepEqual([state, nextAt, segment.toAt], ['ended', null, task.cursorAt + 1]);
        assert.equal((await bench.tryFire(request)).code, 'already_fired', 'a repeat');
      }),
    );
  });
}
