import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEar, subscriptionOf } from './support/ear.ts';
import { turns } from './support/fake-log.ts';
import { openHub, partition, run, runId, task } from './support/hub-bench.ts';

test('a deleted task: its event, then its topics and those of its runs end, and the list stays', async () => {
  const { hub, append } = openHub();
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
    const { hub, append, gone, gate } = openHub();
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
  const { hub, append, gone } = openHub();
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
  const { hub, log, append } = openHub();
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
  const { hub, append, gone } = openHub();
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
