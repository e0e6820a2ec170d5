/** Promise 7 on whole servers: the phone sees every change of what it may see, in order, once, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from '../../shared/run.ts';
import type { Task } from '../../shared/task.ts';
import { type ApiClient, createApiClient } from '../helpers/api-client.ts';
import { startServer } from '../helpers/server-process.ts';
import { connectAs, connectSocket, type SocketClient, signIn } from '../helpers/socket-client.ts';
import { STORES } from './support/stores.ts';
import { noop, ticking } from './support/tasks.ts';

/** Sequenced events, each with the seq that follows the one before. */
function assertGapless(socket: SocketClient, topic: string, fromSeq: number): void {
  const seqs = socket.events(topic).map(({ seq }) => seq);
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => fromSeq + 1 + index),
    topic,
  );
}

async function create(api: ApiClient, input: Parameters<ApiClient['createTasks']>[0][number]): Promise<Task> {
  return (await api.createTasks([input]))[0] as Task;
}

for (const { name, skip, open } of STORES) {
  test(`what a socket is told, on ${name}`, { skip }, async (t) => {
    const server = await startServer(await open(t));
    t.after(() => server.kill9());
    const anna = createApiClient(() => server.origin, 'anna');
    const ben = createApiClient(() => server.origin, 'ben');

    await t.test('the life of a run, and what two users may see of each other', async () => {
      const [phone, stranger] = [
        await connectAs(server.origin, 'anna'),
        await connectAs(server.origin, 'ben'),
      ];
      const list = await phone.subscribe('tasks');
      assert.deepEqual(list.payload.snapshot, { items: [], nextCursor: null });
      await stranger.subscribe('tasks');

      const action = {
        kind: 'handler' as const,
        name: 'noop',
        input: { waitMs: 400, failTimes: 1, log: 'hello' },
      };
      const policy = { retry: { maxAttempts: 2, baseDelayMs: 100 } };
      const task = await create(anna, ticking('a run', action, { maxSlots: 2 }, policy));
      const bens = await create(ben, ticking('of ben', noop(), { maxSlots: 2 }));
      const topic = `task:${task.id}`;
      const whole = await phone.subscribe(topic);
      assert.equal(whole.payload.snapshot.name, 'a run');
      assert.deepEqual(whole.payload.snapshot.recent, []);
      assert.equal((await stranger.subscribe(topic)).payload.code, 'TASK_NOT_FOUND');
      const created = await phone.next(
        'task.created',
        ({ type, topic: of }) => type === 'task.created' && of === 'tasks',
      );
      assert.equal(created.payload.taskId, task.id);
      assert.equal(created.seq, list.payload.seq + 1);

      const fired = await phone.next('slot.fired', ({ type }) => type === 'slot.fired');
      const runId = fired.payload.runId as string;
      const run = await phone.subscribe(`run:${runId}`);
      assert.equal(run.payload.snapshot.id, runId);
      assert.equal((await stranger.subscribe(`run:${runId}`)).payload.code, 'RUN_NOT_FOUND');
      await phone.next('the task ends', ({ type, topic: of }) => type === 'task.changed' && of === 'tasks');
      const ends = () => phone.events(topic).filter(({ type }) => type === 'run.finished').length;
      await phone.next('both runs end', () => ends() === 2);

      assertGapless(phone, topic, whole.payload.seq);
      assertGapless(phone, 'tasks', list.payload.seq);
      assertGapless(phone, `run:${runId}`, run.payload.seq);
      for (const summary of await anna.runs(task.id)) {
        const told = phone.events(topic).filter(({ payload }) => payload.runId === summary.id);
        const types = told.map(({ type }) => type);
        // A slot that is ready at once may say so by `slot.fired` alone.
        if (types[1] === 'run.queued') types.splice(1, 1);
        assert.deepEqual(types, [
          ...['slot.fired', 'run.started', 'run.retry_scheduled'],
          ...['run.queued', 'run.started', 'run.finished'],
        ]);
        const kept = await anna.get<Run>(`/api/runs/${summary.id}`);
        assert.equal(told.at(-1)?.payload.state, kept.state);
        assert.equal(kept.state, 'succeeded');
        assert.equal(told[0]?.payload.plannedAt, kept.plannedAt);
      }
      const live = (type: string, of: string) =>
        phone.frames.filter((frame) => frame.type === type && frame.topic === of);
      for (const of of [topic, `run:${runId}`]) {
        const [progress] = live('run.progress', of);
        assert.ok(progress !== undefined && progress.seq === undefined, `progress on ${of}`);
      }
      const lines = live('run.log', `run:${runId}`).flatMap(({ payload }) => payload.lines);
      const { log } = run.payload.snapshot;
      assert.ok([...log, ...lines].some(({ text }) => text === 'hello'));
      assert.deepEqual(live('run.log', topic), [], 'the task’s topic carries no lines');

      const foreign = stranger.frames.filter(
        ({ payload }) => payload.taskId !== undefined && payload.taskId !== bens.id,
      );
      assert.deepEqual(foreign, []);
      assert.ok(stranger.events('tasks').length > 0);
      phone.cut();
      stranger.cut();
    });

    await t.test('a change, then the end of a task and of all its topics', async () => {
      const phone = await connectAs(server.origin, 'anna');
      const task = await create(anna, ticking('to go', noop(60_000), { maxSlots: 1 }, { timeoutMs: 60_000 }));
      const topic = `task:${task.id}`;
      await phone.subscribe('tasks');
      const whole = await phone.subscribe(topic);
      const isRun = ({ type }: { type: string }) => type === 'run.started';
      const runId: string =
        whole.payload.snapshot.lastRun?.id ?? (await phone.next('a run', isRun)).payload.runId;
      await phone.subscribe(`run:${runId}`);
      const { version } = await anna.task(task.id);
      await anna.call('PATCH', `/api/tasks/${task.id}`, { body: { version, name: 'renamed' } });
      for (const of of [topic, 'tasks']) {
        await phone.next('the change', ({ type, payload, topic: on }) => {
          return type === 'task.changed' && on === of && payload.version === version + 1;
        });
      }
      assert.equal((await anna.call('DELETE', `/api/tasks/${task.id}`)).status, 204);
      const ended = (of: string) =>
        phone.next(
          `the end of ${of}`,
          ({ type, payload }) => type === 'unsubscribed' && payload.topic === of,
        );
      assert.equal((await ended(topic)).payload.code, 'TASK_NOT_FOUND');
      assert.equal((await ended(`run:${runId}`)).payload.code, 'RUN_NOT_FOUND');
      for (const of of [topic, 'tasks']) {
        await phone.next('task.deleted', ({ type, topic: on }) => type === 'task.deleted' && on === of);
      }
      assertGapless(phone, topic, whole.payload.seq);
      assert.equal((await phone.subscribe(topic)).payload.code, 'TASK_NOT_FOUND');
      phone.cut();
    });

    await t.test(
      'who removes the account loses the socket within 5 s; others keep theirs until SIGTERM',
      async () => {
        const { accessToken } = await signIn(server.origin, 'carl');
        const [carls, annas] = [await connectSocket(server.origin), await connectAs(server.origin, 'anna')];
        await carls.auth(accessToken);
        await carls.subscribe('tasks');
        await annas.subscribe('tasks');
        const removedAt = performance.now();
        const carl = createApiClient(() => server.origin, 'carl');
        assert.equal((await carl.call('DELETE', '/api/me')).status, 204);
        assert.equal((await carls.closed).code, 4401);
        assert.ok(performance.now() - removedAt < 5_500);
        const stopped = server.stop();
        assert.equal((await annas.closed).code, 1012);
        assert.equal((await stopped).code, 0);
      },
    );
  });
}
