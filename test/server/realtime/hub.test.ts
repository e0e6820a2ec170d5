import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../../server/lib/errors.ts';
import { createHub } from '../../../server/realtime/hub.ts';
import type { TopicName } from '../../../server/realtime/topics.ts';
import { newTaskId, partitionOfOwner, slotRunId } from '../../../server/store/ids.ts';
import { StoreUnavailableError } from '../../../server/store/status.ts';
import type { EventType, Snapshot } from '../../../shared/realtime.ts';
import { logger, manualClock } from '../../helpers/engine-harness.ts';
import { createEar, subscriptionOf } from './support/ear.ts';
import { fakeLog, turns } from './support/fake-log.ts';

const partition = partitionOfOwner('anna');
const taskId = newTaskId('anna');
const runId = slotRunId(taskId, 1_790_000_000_000);
const task = `task:${taskId}`;
const run = `run:${runId}`;

function setUp() {
  const log = fakeLog();
  /** What a snapshot or a check meets; null: all is there. */
  const meets: { failure: Error | null; wait: () => Promise<unknown>; reads: number } = {
    failure: null,
    wait: () => Promise.resolve(),
    reads: 0,
  };
  const look = async () => {
    meets.reads += 1;
    const { failure } = meets;
    await meets.wait();
    if (failure !== null) throw failure;
  };
  const hub = createHub({
    store: log.store,
    clock: manualClock(),
    logger,
    snapshots: {
      check: look,
      async read(_userId: string, { wire }: TopicName) {
        await look();
        return { seen: wire } as unknown as Snapshot;
      },
    },
  });
  const append = (topic: string, type?: EventType) => {
    log.append(partition, topic, taskId, type);
    hub.onEvents(partition);
  };
  const gone = () => {
    meets.failure = new AppError('TASK_NOT_FOUND', { zh: '没有', en: 'gone' });
  };
  /** Nothing that is waited for ends before `open`. */
  const gate = () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    meets.wait = () => opened;
    return open;
  };
  return { log, hub, meets, append, gone, gate };
}

test('a subscribe is answered with a snapshot, then every event follows once, in order', async () => {
  const { hub, append } = setUp();
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
  const { hub, log } = setUp();
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
  const { hub, append, gate } = setUp();
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
  const { hub, log, append } = setUp();
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
  const { hub, append } = setUp();
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
  const { hub, log, append } = setUp();
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
  const { hub, log, append, gate } = setUp();
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

test('a deleted task: its event, then its topics and those of its runs end, and the list stays', async () => {
  const { hub, append } = setUp();
  const ear = createEar('anna');
  for (const topic of ['tasks', task, run]) hub.subscribe(subscriptionOf(ear, topic), null);
  await turns();
  append('tasks:anna', 'task.deleted');
  append(task, 'task.deleted');
  await turns();
  assert.deepEqual(ear.heard().slice(3), [
    'task.deleted 1',
    'task.deleted 1',
    'unsubscribed TASK_NOT_FOUND',
    'unsubscribed RUN_NOT_FOUND',
  ]);
  assert.deepEqual([...ear.subscriptions.keys()], ['tasks']);
});

for (const topic of [task, run]) {
  test(`deleted while a resume of ${topic === task ? 'it' : 'its run'} is being read: ended all the same`, async () => {
    const { hub, append, gone, gate } = setUp();
    append(topic);
    const ear = createEar('anna');
    const open = gate();
    hub.subscribe(subscriptionOf(ear, topic), { epoch: 'e1', seq: 0 });
    await turns();
    // The look at the task is over and found it; its answer is on the way.
    gone();
    append(task, 'task.deleted');
    await turns();
    open();
    await turns();
    assert.equal(ear.frames.at(-1)?.type, 'unsubscribed');
    assert.equal(ear.subscriptions.size, 0);
  });
}

test('a task that is not the asker’s is an error, and nothing of it follows', async () => {
  const { hub, append, gone } = setUp();
  gone();
  const ear = createEar('ben');
  for (const after of [null, { epoch: 'e1', seq: 0 }]) {
    hub.subscribe(subscriptionOf(ear, task), after);
    await turns();
  }
  append(task);
  await turns();
  assert.deepEqual(ear.heard(), ['error TASK_NOT_FOUND', 'error TASK_NOT_FOUND']);
  assert.equal(ear.subscriptions.size, 0);
});

test('while it is not sure that a user may see anything, nothing is told; then all of it', async () => {
  const { hub, log, append } = setUp();
  const ear = createEar('anna');
  hub.subscribe(subscriptionOf(ear, task), null);
  await turns();
  ear.sure = false;
  append(task);
  await turns();
  hub.onRunLog({ partition, runId, progress: 50, lines: [] });
  hub.subscribe(subscriptionOf(ear, run), null);
  await turns();
  log.setBack(partition, 0);
  hub.onEvents(partition);
  await turns();
  hub.onStoreBack();
  await turns();
  assert.deepEqual(ear.heard(), ['subscribed 0', 'error STORE_UNAVAILABLE']);
  ear.sure = true;
  hub.catchUp(ear);
  hub.onStoreBack();
  await turns();
  append(task);
  await turns();
  assert.deepEqual(ear.heard().slice(2), ['reset 0', 'task.changed 1']);
});

test('a task that is deleted while its follower may not be told ends for it later', async () => {
  const { hub, append, gone } = setUp();
  const ear = createEar('anna');
  hub.subscribe(subscriptionOf(ear, task), null);
  await turns();
  ear.sure = false;
  gone();
  append(task, 'task.deleted');
  await turns();
  assert.deepEqual(ear.heard(), ['subscribed 0']);
  ear.sure = true;
  hub.catchUp(ear);
  await turns();
  assert.deepEqual(ear.heard().slice(1), ['unsubscribed TASK_NOT_FOUND']);
});

test('a store that is away: a subscribe says so at once; those who listen catch up when it is back', async () => {
  const { hub, log, meets } = setUp();
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
  const { hub, log, append } = setUp();
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

test('a topic that changes under every read is answered all the same', async () => {
  const { hub, log, meets, append } = setUp();
  meets.wait = async () => {
    if (meets.reads < 20) log.append(partition, task, taskId);
  };
  const ear = createEar('anna');
  hub.subscribe(subscriptionOf(ear, task), null);
  await turns(60);
  append(task);
  await turns();
  const [first, ...events] = ear.frames;
  assert.equal(first?.type, 'subscribed');
  const last = log.append(partition, task, taskId).seq - 1;
  assert.deepEqual(
    events.map(({ seq }) => seq),
    Array.from({ length: last - first?.payload.seq }, (_, index) => first?.payload.seq + index + 1),
  );
});
