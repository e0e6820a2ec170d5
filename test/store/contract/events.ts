import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newTaskId } from '../../../server/store/ids.ts';
import { EVENTS_KEPT } from '../../../server/store/limits.ts';
import type { StoredEvent } from '../../../server/store/requests.ts';
import type { Bench } from './bench.ts';
import { askedRun, catchUp, fireSlot, ownerIn, policy, skip, taskChange } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

/** Each topic counts from 1 by one, in the order of the log; `last` carries on from what was read before. */
export function assertGapless(events: StoredEvent[], last = new Map<string, number>()): void {
  for (const { topic, seq, type } of events) {
    assert.equal(
      seq,
      (last.get(topic) ?? 0) + 1,
      `${topic}: ${type} follows ${last.get(topic) ?? 'nothing'}`,
    );
    last.set(topic, seq);
  }
}

/** A life with most kinds of steps in it, several of them at once. */
export async function liveALittle(bench: Bench): Promise<string[]> {
  const tasks = [await bench.task(), await bench.task(), await bench.task({}, ownerIn(bench.partition))];
  for (let round = 0; round < 4; round++) {
    const k = round * 10;
    await Promise.all(
      tasks.map((task, n) =>
        bench.fire(
          task.id,
          [
            skip(bench.slot(k), 'coalesced', 2),
            catchUp(bench.slot(k + 2)),
            fireSlot(bench.slot(k + 3)),
            fireSlot(bench.slot(k + 4)),
          ],
          { policy: policy((['buffer_all', 'cancel_other', 'allow_all'] as const)[n]) },
        ),
      ),
    );
    await Promise.all(
      tasks.map((task) => bench.ask(askedRun(task.id, round % 2 ? 'manual' : 'backfill', bench.slot(0)))),
    );
    const runs = await bench.claim(9);
    await bench.store.cancelRun((runs[0] as (typeof runs)[number]).runId);
    const outcomes = ['succeeded', 'failed', 'retry', 'released', 'succeeded', 'timed_out'] as const;
    await Promise.all(runs.slice(0, 7).map((run, n) => bench.finish(run, outcomes[n % 6] as 'succeeded')));
    await Promise.all(
      tasks.map(async (task) => bench.store.changeTask(taskChange(await bench.read(task.id)))),
    );
    await bench.store.recoverRuns(bench.partition, { limit: 100, countLosses: true });
  }
  await bench.store.deleteTask((tasks[1] as (typeof tasks)[number]).id);
  return tasks.map((task) => task.id);
}

export function eventsContract(harness: StoreHarness): void {
  describe('events', () => {
    it(
      'count from 1 by one on each topic, and the last one on a run’s topic tells its state',
      onBench(harness, async (bench) => {
        const [first, , third] = await liveALittle(bench);
        const events = await bench.events();
        assertGapless(events);
        assert.ok(events.length > 100, `${events.length} events`);
        for (const taskId of [first as string, third as string]) {
          const runs = (await bench.store.listRuns({ taskId }, { limit: 500 })).items;
          for (const run of runs) {
            for (const topic of [`run:${run.id}`, `task:${taskId}`]) {
              const own = events.filter((event) => event.topic === topic && event.payload.runId === run.id);
              const last = own.filter((event) => event.type.startsWith('run.')).at(-1);
              // A slot that was ready at once may leave `slot.fired` as the only word of it.
              if (last === undefined) assert.equal(run.state, 'queued', `${topic}: no word of ${run.id}`);
              else assert.equal(last.payload.state, run.state, `${topic}: ${run.id} after ${last.type}`);
            }
          }
        }
      }),
    );

    it(
      'tell each verdict on the task’s topic',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          [
            skip(bench.slot(0), 'coalesced', 5),
            catchUp(bench.slot(5)),
            fireSlot(bench.slot(6)),
            fireSlot(bench.slot(7)),
          ],
          { policy: policy('skip') },
        );
        const own = (await bench.events()).filter((event) => event.topic === `task:${task.id}`);
        const slots = own.filter((event) => event.type.startsWith('slot.'));
        assert.deepEqual(
          slots.map(({ type, payload }) => [
            type,
            payload.plannedAt,
            payload.runId ?? null,
            payload.reason ?? null,
          ]),
          [
            ['slot.skipped', bench.slot(0), null, 'coalesced'],
            ['slot.caught_up', bench.slot(5), `${task.id}:${bench.slot(5)}`, null],
            ['slot.fired', bench.slot(6), `${task.id}:${bench.slot(6)}`, null],
            ['slot.skipped', bench.slot(7), null, 'overlap'],
          ],
        );
        assert.deepEqual([slots[0]?.payload.toAt, slots[0]?.payload.count], [bench.slot(4) + 1, 5]);
        assert.ok(own.every(({ payload }) => payload.taskId === task.id && payload.at > 0));
      }),
    );

    it(
      'tell with each slot that got a run which one comes next, and nothing when none is left',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const buffered = { policy: policy('buffer_all') };
        await bench.fire(task.id, [catchUp(bench.slot(0)), catchUp(bench.slot(1)), fireSlot(bench.slot(2))], {
          ...buffered,
          nextAt: bench.slot(7),
        });
        await bench.fire(task.id, [skip(bench.slot(3), 'coalesced'), fireSlot(bench.slot(4))], {
          ...buffered,
          nextAt: null,
        });
        await bench.fire(task.id, [fireSlot(bench.slot(5))], {
          ...buffered,
          nextAt: bench.slot(6),
          ends: true,
        });
        const told = (await bench.events()).flatMap(({ type, payload }) =>
          'nextAt' in payload ? [[type, payload.plannedAt, payload.nextAt]] : [],
        );
        assert.deepEqual(told, [
          ['slot.caught_up', bench.slot(0), bench.slot(7)],
          ['slot.caught_up', bench.slot(1), bench.slot(7)],
          ['slot.fired', bench.slot(2), bench.slot(7)],
        ]);
      }),
    );

    it(
      'are read in pages of any size, each once, in order; a position answers what came after it',
      onBench(harness, async (bench) => {
        await liveALittle(bench);
        const whole = await bench.events(1_000);
        for (const pageSize of [1, 7])
          assert.deepEqual(await bench.events(pageSize), whole, `pages of ${pageSize}`);
        const read = (after: { epoch: string; position: string } | null, limit = 1_000) =>
          bench.store.readEvents(bench.partition, after, limit);
        const end = await read(null);
        const again = await read(end);
        assert.deepEqual([again.events, again.gap, again.epoch], [[], false, end.epoch], 'nothing new');
        assert.deepEqual((await read(again)).events, [], 'its position goes on as well');
        const task = await bench.task();
        const news = await read(end);
        assert.deepEqual(news.events.map((event) => event.topic).sort(), [
          `task:${task.id}`,
          `tasks:${bench.ownerId}`,
        ]);
        assert.deepEqual((await read(again)).events, news.events);
        assert.equal(news.gap, false);
      }),
    );

    it(
      'of an untouched partition are none, and its position still counts',
      onBench(harness, async (bench) => {
        const empty = await bench.store.readEvents(bench.partition, null, 10);
        assert.deepEqual([empty.events, empty.gap], [[], false]);
        assert.ok(empty.epoch.length > 0);
        await bench.task();
        const news = await bench.store.readEvents(bench.partition, empty, 10);
        assert.deepEqual([news.events.length, news.gap, news.epoch], [2, false, empty.epoch]);
      }),
    );

    it(
      'show a gap to whoever comes with another epoch',
      onBench(harness, async (bench) => {
        await bench.task();
        const present = await bench.store.readEvents(bench.partition, null, 10);
        const { position } = present;
        const other = await bench.store.readEvents(bench.partition, { epoch: 'another', position }, 10);
        assert.deepEqual([other.gap, other.epoch], [true, present.epoch]);
      }),
    );

    it(
      'are written by no step that changed nothing',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const before = await bench.events();
        await bench.claim();
        await bench.store.recoverRuns(bench.partition, { limit: 10, countLosses: true });
        await bench.store.cancelRun(`${task.id}:1`);
        await bench.store.deleteTask(newTaskId(bench.ownerId));
        await bench.store.changeTask(taskChange({ ...task, version: 9 }));
        await bench.store.putDocument(bench.ownerId, 'note', 'a', 1, { ifVersion: 0 });
        assert.deepEqual(await bench.events(), before);
      }),
    );

    it(
      'are kept to a bound; whoever is behind it sees a gap, whoever is not sees none',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const early = await bench.store.readEvents(bench.partition, null, 1);
        const change = taskChange(task, { byUser: false });
        // A tenth more than are kept: a store may trim in steps.
        for (let left = EVENTS_KEPT * 1.1; left > 0; left -= 500) {
          await Promise.all(Array.from({ length: 500 }, () => bench.store.changeTask(change)));
        }
        const kept: StoredEvent[] = [];
        let oldest = await bench.store.readEvents(bench.partition, null, 1_000);
        assert.equal(oldest.gap, false, 'from the oldest kept');
        let calls = 0;
        while (oldest.events.length > 0) {
          kept.push(...oldest.events);
          oldest = await bench.store.readEvents(bench.partition, oldest, 1_000);
          assert.ok(oldest.gap === false && calls++ < 100);
        }
        const seqs = kept.filter((event) => event.topic === `task:${task.id}`).map((event) => event.seq);
        assert.ok(
          seqs.every((seq, k) => k === 0 || seq === (seqs[k - 1] as number) + 1),
          'without holes',
        );
        assert.equal(seqs.at(-1), EVENTS_KEPT * 1.1 + 1, 'up to the newest');
        assert.ok(seqs.length >= EVENTS_KEPT, `${seqs.length} kept`);
        // Steps done in one go may share an entry; then all may be kept still, and nobody has a gap.
        const behind = await bench.store.readEvents(bench.partition, early, 5);
        assert.equal(
          behind.gap,
          seqs[0] !== 1,
          `gap of a reader at the beginning; the oldest kept is ${seqs[0]}`,
        );
      }),
    );
  });
}
