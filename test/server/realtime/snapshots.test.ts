import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSnapshots } from '../../../server/realtime/snapshots.ts';
import { parseTopic, type TopicName } from '../../../server/realtime/topics.ts';
import { newTaskId } from '../../../server/store/ids.ts';
import { turns } from './support/fake-log.ts';

test('few are read at a time, and nothing for one that has left before its turn', async () => {
  const topic = parseTopic(`task:${newTaskId('anna')}`, 'anna') as TopicName;
  let reads = 0;
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const tasks = {
    async get() {
      reads += 1;
      await opened;
    },
  };
  const snapshots = createSnapshots({ store: {}, services: { tasks, runs: {} } } as unknown as Parameters<
    typeof createSnapshots
  >[0]);
  const all = Array.from({ length: 20 }, (_, n) =>
    snapshots.read('anna', topic, () => {
      if (n >= 10) throw new Error('left');
    }),
  );
  const outcomes = Promise.allSettled(all);
  await turns();
  assert.equal(reads, 8);
  open();
  const fates = (await outcomes).map(({ status }) => status);
  assert.deepEqual(fates, [...Array(10).fill('fulfilled'), ...Array(10).fill('rejected')]);
  assert.equal(reads, 10);
});
