import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoredEvent, TopicReplay } from '../../../server/store/requests.ts';
import type { Bench } from './bench.ts';
import { askedRun, fireSlot, newTask, ownerIn, policy, taskChange } from './build.ts';
import { liveALittle } from './events.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

/** One topic, looked for in all that is kept. */
export async function replayOne(bench: Bench, topic: string, afterSeq: number | null, limit = 10_000) {
  const { topics } = await bench.store.replayTopics(bench.partition, [{ topic, afterSeq }], limit);
  assert.equal(topics.length, 1);
  return topics[0] as TopicReplay;
}

const topicsOf = (events: StoredEvent[]) => [...new Set(events.map(({ topic }) => topic))];

export function replayContract(harness: StoreHarness): void {
  describe('replayTopics', () => {
    it(
      'answers what came after any seq of any topic, as the log has it, and all of them in one go',
      onBench(harness, async (bench) => {
        await liveALittle(bench);
        const events = await bench.events();
        const ofTopic = (topic: string) => events.filter((event) => event.topic === topic);
        // Runs of the deleted task are gone with it.
        const replays = await Promise.all(topicsOf(events).map((topic) => replayOne(bench, topic, null)));
        const kept = replays.filter(({ seq }) => seq > 0);
        assert.ok(kept.length > 30, `${kept.length} topics`);
        for (const kind of ['tasks', 'task', 'run'])
          assert.ok(kept.some(({ topic }) => topic.startsWith(`${kind}:`)));
        const asks = kept.flatMap(({ topic, seq }) =>
          [0, Math.floor(seq / 2), seq - 1, seq].map((afterSeq) => ({ topic, afterSeq })),
        );
        const answers: TopicReplay[] = [];
        for (let from = 0; from < asks.length; from += 200) {
          const some = asks.slice(from, from + 200);
          answers.push(...(await bench.store.replayTopics(bench.partition, some, 10_000)).topics);
        }
        assert.deepEqual(
          answers,
          asks.map(({ topic, afterSeq }) => ({
            topic,
            seq: ofTopic(topic).at(-1)?.seq,
            events: ofTopic(topic).slice(afterSeq),
          })),
        );
      }),
    );

    it(
      'without asks answers where the log stands',
      onBench(harness, async (bench) => {
        await bench.task();
        const end = (await bench.eventsAfter(null)).after;
        const { epoch, position, topics } = await bench.store.replayTopics(bench.partition, [], 10);
        assert.deepEqual({ epoch, position, topics }, { ...end, topics: [] });
      }),
    );

    it(
      'of a topic without events, and of a run that is not kept, begins at 0',
      onBench(harness, async (bench) => {
        const { id } = newTask(bench.ownerId, bench.originAt);
        for (const topic of [`tasks:${bench.ownerId}`, `task:${id}`, `run:${id}:5`]) {
          assert.deepEqual(await replayOne(bench, topic, null), { topic, seq: 0, events: [] });
          assert.deepEqual(await replayOne(bench, topic, 0), { topic, seq: 0, events: [] });
          assert.deepEqual(await replayOne(bench, topic, 3), { topic, seq: 0, events: null });
        }
      }),
    );

    it(
      'answers the same topic to readers who stand elsewhere; only who is beyond its seq gets nothing',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        for (let n = 0; n < 3; n++) await bench.store.changeTask(taskChange(task, { byUser: false }));
        const topic = `task:${task.id}`;
        const asks = [3, 1, 9, null, 4].map((afterSeq) => ({ topic, afterSeq }));
        const { topics } = await bench.store.replayTopics(bench.partition, asks, 100);
        assert.deepEqual(
          topics.map(({ seq, events }) => [seq, events?.map((event) => event.seq) ?? null]),
          [
            [4, [4]],
            [4, [2, 3, 4]],
            [4, null],
            [4, []],
            [4, []],
          ],
        );
      }),
    );

    it(
      'keeps a deleted task’s topic, and counts on when the task is made again',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(task.id, [fireSlot(bench.slot(0))], { policy: policy('skip') });
        const topic = `task:${task.id}`;
        const before = await replayOne(bench, topic, 0);
        await bench.store.deleteTask(task.id);
        const gone = await replayOne(bench, topic, before.seq);
        assert.deepEqual(
          gone.events?.map(({ type, seq }) => [type, seq]),
          [['task.deleted', before.seq + 1]],
        );
        assert.equal(
          (await replayOne(bench, `run:${task.id}:${bench.slot(0)}`, null)).seq,
          0,
          'its runs are gone',
        );
        await bench.task({ id: task.id });
        const made = await replayOne(bench, topic, 0);
        assert.equal(made.seq, gone.seq + 1);
        assert.deepEqual(made.events?.map(({ type }) => type).slice(-2), ['task.deleted', 'task.created']);
        assert.equal((await replayOne(bench, `tasks:${bench.ownerId}`, 0)).events?.length, 3);
      }),
    );

    it(
      'answers for owners whose id is no plain word',
      onBench(harness, async (bench) => {
        const odd = oddOwnerIn(bench.partition);
        await bench.task();
        const task = await bench.task({ id: newTask(odd, 0).id }, odd);
        const { events } = await replayOne(bench, `tasks:${odd}`, 0);
        assert.deepEqual(
          events?.map(({ topic, payload }) => [topic, payload.taskId]),
          [[`tasks:${odd}`, task.id]],
        );
      }),
    );

    it(
      'goes on with readEvents from its position, without a hole or a doubling, while others write',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const topic = `task:${task.id}`;
        const writing = Array.from({ length: 60 }, async (_, n) => {
          if (n % 3 === 0) return bench.ask(askedRun(task.id));
          return bench.store.changeTask(taskChange(task, { byUser: false }));
        });
        const reading = Array.from({ length: 20 }, async () => {
          const start = await bench.store.replayTopics(bench.partition, [{ topic, afterSeq: 0 }], 10_000);
          await Promise.all(writing);
          return { start, rest: (await bench.eventsAfter(start)).events };
        });
        await Promise.all(writing);
        const { seq } = await replayOne(bench, topic, null);
        assert.equal(seq, 61);
        for (const { start, rest } of await Promise.all(reading)) {
          const first = start.topics[0]?.events;
          assert.ok(first, 'all is kept');
          assert.equal(first.at(-1)?.seq, start.topics[0]?.seq);
          const later = rest.filter((event) => event.topic === topic);
          assert.deepEqual(
            [...first, ...later].map((event) => event.seq),
            Array.from({ length: seq }, (_, k) => k + 1),
          );
        }
      }),
    );
  });
}

/** Spaces, colons, bars and line ends, as nobody's login gives them. */
function oddOwnerIn(partition: number): string {
  return ownerIn(partition, (random) => `所有者 a:b|c\n${random}`);
}
