import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreUnavailableError } from '../../../server/store/status.ts';
import { createEar, subscriptionOf } from './support/ear.ts';
import { turns } from './support/fake-log.ts';
import { openHub, partition, run, runId, task, taskId } from './support/hub-bench.ts';

test('a subscribe is answered with a snapshot, then every event follows once, in order', async () => {
  const { hub, append } = openHub();
  append(task);
  const ear = createEar('anna');
  hub.subscribe(subscriptionOf(ear, task, 'q7'), null);
  await turns();
  append(task);
  append(run);
  append(task);
  await turns();
  assert.deepEqual(ear.heard(), ['subscribed 1', 'task.changed 2', 'task.changed 3']);
  assert.deepEqual(ear.frames[0]?.payload, {
    id: 'q7',
    topic: task,
    epoch: 'e1',
    seq: 1,
    snapshot: { seen: task },
  });
  assert.equal(ear.frames[1]?.topic, task);
});

test('the list is called `tasks` on every socket, and reaches its owner alone', async () => {
  const { hub, log } = openHub();
  const [anna, ben] = [createEar('anna'), createEar('ben')];
  hub.subscribe(subscriptionOf(anna, 'tasks'), null);
  hub.subscribe(subscriptionOf(ben, 'tasks'), null);
  await turns();
  log.append(partition, 'tasks:anna', taskId, 'task.created');
  for (let every = 0; every < 16; every += 1) hub.onEvents(every);
  await turns();
  assert.deepEqual(anna.heard(), ['subscribed 0', 'task.created 1']);
  assert.equal(anna.frames[1]?.topic, 'tasks');
  assert.deepEqual(ben.heard(), ['subscribed 0']);
});

test('events during the reading of a snapshot are neither lost nor told twice', async () => {
  const { hub, append, gate } = openHub();
  const ears = [createEar('anna'), createEar('anna')];
  hub.subscribe(subscriptionOf(ears[0] as never, run), null);
  await turns();
  const open = gate();
  hub.subscribe(subscriptionOf(ears[1] as never, run), null);
  await turns();
  append(run);
  await turns();
  append(run);
  open();
  await turns();
  append(run);
  await turns();
  for (const ear of ears) {
    const [first, ...events] = ear.frames;
    assert.deepEqual(
      events.map(({ seq }) => seq),
      [1, 2, 3].filter((seq) => seq > first?.payload.seq),
    );
  }
});

test('`after` gets exactly what was missed; of another epoch, beyond the seq or too far back: `reset`', async () => {
  const { hub, log, append } = openHub();
  for (let n = 0; n < 4; n += 1) append(task);
  const hear = async (epoch: string, seq: number) => {
    const ear = createEar('anna');
    hub.subscribe(subscriptionOf(ear, task), { epoch, seq });
    await turns();
    return ear.heard();
  };
  assert.deepEqual(await hear('e1', 2), ['subscribed 2', 'task.changed 3', 'task.changed 4']);
  assert.deepEqual(await hear('e1', 4), ['subscribed 4']);
  assert.deepEqual(await hear('e0', 2), ['reset 4']);
  assert.deepEqual(await hear('e1', 5), ['reset 4']);
  log.trim(partition, 1);
  assert.deepEqual(await hear('e1', 2), ['reset 4']);
});

test('more than a thousand missed events are one snapshot', async () => {
  const { hub, append } = openHub();
  for (let n = 0; n < 1_001; n += 1) append(task);
  const ear = createEar('anna');
  hub.subscribe(subscriptionOf(ear, task), { epoch: 'e1', seq: 0 });
  await turns();
  assert.deepEqual(ear.heard(), ['reset 1001']);
  hub.subscribe(subscriptionOf(ear, task), { epoch: 'e1', seq: 1 });
  await turns();
  assert.equal(ear.frames.length, 1 + 1 + 1_000);
});

test('a store set back: every listener is reset, and goes on from there', async () => {
  const { hub, log, append } = openHub();
  const ears = [createEar('anna'), createEar('anna')];
  for (const ear of ears) hub.subscribe(subscriptionOf(ear, task), null);
  append(task);
  append(task);
  await turns();
  log.setBack(partition, 1);
  hub.onEvents(partition);
  await turns();
  append(task);
  await turns();
  for (const ear of ears) assert.deepEqual(ear.heard().slice(-2), ['reset 1', 'task.changed 2']);
});

test('set back while a resume is being read: that one is reset too, and the tail goes on', async () => {
  const { hub, log, append, gate } = openHub();
  append(task);
  append(task);
  const ear = createEar('anna');
  const open = gate();
  hub.subscribe(subscriptionOf(ear, task), { epoch: 'e1', seq: 1 });
  await turns();
  log.setBack(partition, 0);
  append(task);
  await turns();
  open();
  await turns();
  append(task);
  await turns();
  assert.deepEqual(ear.heard().slice(0, 2), ['subscribed 1', 'task.changed 2']);
  assert.deepEqual(ear.heard().slice(2), ['reset 1', 'task.changed 2']);
  assert.equal(ear.frames[2]?.payload.epoch, 'e2');
});

test('a store that is away: a subscribe says so at once; those who listen catch up when it is back', async () => {
  const { hub, log, meets } = openHub();
  const ear = createEar('anna');
  hub.subscribe(subscriptionOf(ear, task), null);
  await turns();
  log.away = true;
  meets.failure = new StoreUnavailableError('away');
  hub.subscribe(subscriptionOf(ear, run), null);
  ear.sure = false;
  await turns();
  ear.sure = true;
  hub.catchUp(ear);
  await turns();
  assert.deepEqual(ear.heard(), ['subscribed 0', 'error STORE_UNAVAILABLE']);
  log.away = false;
  meets.failure = null;
  log.append(partition, task, taskId);
  hub.onStoreBack();
  await turns();
  assert.deepEqual(ear.heard().slice(2), ['task.changed 1']);
});

test('the same topic again takes the place of the first; progress has no seq; who left hears nothing', async () => {
  const { hub, log, append } = openHub();
  const ear = createEar('anna');
  hub.subscribe(subscriptionOf(ear, run, 'first'), null);
  hub.subscribe(subscriptionOf(ear, run, 'second'), null);
  await turns();
  append(run);
  hub.onRunLog({ partition, runId, progress: 40, lines: [{ at: 1, attempt: 1, level: 'info', text: 'x' }] });
  await turns();
  assert.deepEqual(ear.heard().sort(), ['run.log ', 'run.progress ', 'subscribed 0', 'task.changed 1']);
  assert.equal(ear.frames[0]?.payload.id, 'second');
  hub.leave(ear);
  append(run);
  hub.onRunLog({ partition, runId, progress: 50, lines: [] });
  await turns();
  assert.equal(ear.frames.length, 4);
  assert.deepEqual(log.listened.at(-1), [], 'and the partition is not followed any more');
});

test('a snapshot is sent with the seq at which it was read: a change meanwhile has it read again', async () => {
  const { hub, log, meets } = openHub();
  meets.wait = async () => {
    if (meets.reads === 1) log.append(partition, task, taskId);
  };
  const ear = createEar('anna');
  hub.subscribe(subscriptionOf(ear, task), null);
  await turns();
  assert.deepEqual(ear.heard(), ['subscribed 1']);
  assert.equal(meets.reads, 2);
});

test('a topic that changes under every read is answered all the same', async () => {
  const { hub, log, meets, append } = openHub();
  meets.wait = async () => {
    log.append(partition, task, taskId);
  };
  const ear = createEar('anna');
  hub.subscribe(subscriptionOf(ear, task), null);
  await turns(100);
  const [first] = ear.frames;
  assert.equal(first?.type, 'subscribed');
  append(task);
  await turns();
  const { seq } = await log.store
    .replayTopics(partition, [{ topic: task, afterSeq: null }], 1)
    .then(({ topics }) => topics[0] as { seq: number });
  assert.deepEqual(
    ear.frames.slice(1).map((frame) => frame.seq),
    Array.from({ length: seq - first?.payload.seq }, (_, index) => first?.payload.seq + index + 1),
  );
});

test('who asks anew, or leaves, before its turn costs no further read', async () => {
  const { hub, log, meets } = openHub();
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  log.gate = () => opened;
  const [ear, gone] = [createEar('anna'), createEar('anna')];
  for (let n = 0; n < 10; n += 1) hub.subscribe(subscriptionOf(ear, task, `q${n}`), null);
  hub.subscribe(subscriptionOf(gone, run), null);
  hub.subscribe(subscriptionOf(gone, task), { epoch: 'e1', seq: 0 });
  await turns();
  hub.leave(gone);
  open();
  await turns();
  assert.deepEqual(
    ear.frames.map(({ payload }) => payload.id),
    ['q9'],
  );
  assert.deepEqual(gone.frames, []);
  assert.equal(meets.reads, 1);
});
