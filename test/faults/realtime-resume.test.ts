/** A phone that comes back gets exactly what it has missed, over kill -9 of the server too, or is told `reset`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Task } from '../../shared/task.ts';
import { createApiClient } from '../helpers/api-client.ts';
import { startServer } from '../helpers/server-process.ts';
import { connectAs, type SocketClient, type SocketFrame } from '../helpers/socket-client.ts';
import { allEnded } from './support/oracle.ts';
import { STORES } from './support/stores.ts';
import { noop, ticking } from './support/tasks.ts';

const SLOTS = 6;
const finished = (socket: SocketClient, topic: string) =>
  socket.events(topic).filter(({ type }) => type === 'run.finished').length;
const told = (frames: readonly SocketFrame[]) =>
  frames.map(({ seq, type, payload }) => ({ seq, type, payload }));

for (const { name, skip, open } of STORES) {
  test(`coming back after a cut and after kill -9, on ${name}`, { skip }, async (t) => {
    const options = await open(t);
    let server = await startServer(options);
    t.after(() => server.kill9());
    const api = createApiClient(() => server.origin, 'anna');
    // Later than the first subscribe, which must see all runs.
    const bounds = { maxSlots: SLOTS, startAt: Date.now() + 2_000 };
    const [task] = (await api.createTasks([ticking('tick', noop(), bounds)])) as [Task];
    const topic = `task:${task.id}`;

    const stays = await connectAs(server.origin, 'anna');
    const first = await stays.subscribe(topic);
    const { epoch } = first.payload;
    const leaves = await connectAs(server.origin, 'anna');
    const began = await leaves.subscribe(topic);
    await leaves.next('a run', () => finished(leaves, topic) >= 1);
    leaves.cut();
    const had = leaves.events(topic).at(-1)?.seq as number;
    await stays.next('more', () => finished(stays, topic) >= 3);

    const back = await connectAs(server.origin, 'anna');
    const answer = await back.subscribe(topic, { epoch, seq: had });
    assert.deepEqual(
      [answer.type, answer.payload.epoch, answer.payload.seq, answer.payload.snapshot],
      ['subscribed', epoch, had, undefined],
    );
    await back.next('the same', () => back.events(topic).at(-1)?.seq === stays.events(topic).at(-1)?.seq);
    const all = stays.events(topic);
    assert.deepEqual(
      told([...leaves.events(topic), ...back.events(topic)]),
      told(all.filter(({ seq = 0 }) => seq > began.payload.seq)),
    );

    const lies = await connectAs(server.origin, 'anna');
    for (const after of [
      { epoch: 'another', seq: had },
      { epoch, seq: had + 1_000_000 },
    ]) {
      const reset = await lies.subscribe(topic, after);
      assert.equal(reset.type, 'reset');
      assert.equal(reset.payload.epoch, epoch);
      assert.equal(reset.payload.snapshot.id, task.id);
    }

    await server.kill9();
    assert.equal((await stays.closed).code, 1006);
    const seen = stays.events(topic);
    const last = seen.at(-1)?.seq as number;
    server = await startServer(options);
    const again = await connectAs(server.origin, 'anna');
    const resumed = await again.subscribe(topic, { epoch, seq: last });
    assert.equal(resumed.type, 'subscribed', 'a restart loses nothing, so there is nothing to reset');
    await allEnded(api, [task.id]);
    const runs = (await api.runs(task.id)).filter(({ trigger }) => trigger === 'slot');
    assert.equal(runs.length, SLOTS);
    const sure = () => finished(stays, topic) + finished(again, topic) === SLOTS;
    await again.next('all runs have ended', sure);

    const whole = [...seen, ...again.events(topic)];
    assert.deepEqual(
      whole.map(({ seq }) => seq),
      whole.map((_, index) => first.payload.seq + 1 + index),
      'none is missing, none came twice',
    );
    assert.deepEqual(
      whole.flatMap(({ type, payload }) => (type === 'run.finished' ? [payload.runId] : [])).sort(),
      runs.map(({ id }) => id).sort(),
    );
    // What was missed is also told to one who has been away all the time.
    const late = await connectAs(server.origin, 'anna');
    await late.subscribe(topic, { epoch, seq: first.payload.seq });
    await late.next('the last', () => late.events(topic).at(-1)?.seq === whole.at(-1)?.seq);
    assert.deepEqual(told(late.events(topic)), told(whole));
    for (const socket of [back, lies, again, late]) socket.cut();
  });
}
