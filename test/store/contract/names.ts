import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { partitionOfOwner, slotRunId } from '../../../server/store/ids.ts';
import { claimRequest, fireRequest, fireSlot, newTask } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

const NAMES = [
  'a b',
  ' a ',
  'a:b',
  'a|b',
  'a,b',
  'a\tb',
  'a\nb',
  '{a}',
  'a"b\\c',
  "a'b",
  '%d %s',
  '-',
  '0',
  '用户一',
  '🙂',
  'x'.repeat(200),
];

export function namesContract(harness: StoreHarness): void {
  describe('names', () => {
    for (const name of NAMES) {
      it(
        `an owner and a worker may be called ${JSON.stringify(name).slice(0, 20)}`,
        onBench(harness, async ({ store, originAt }) => {
          const at = (k: number) => originAt + k * 1_000;
          const partition = partitionOfOwner(name);
          const asked = newTask(name, originAt);
          const [created] = await store.createTasks(name, [asked], 10);
          assert.ok(created?.code === 'created' && created.task.ownerId === name, 'created');
          assert.deepEqual(await store.getTask(asked.id), created.task, 'read');
          assert.deepEqual(await store.listTasks(name), [created.task], 'listed');
          const request = fireRequest(created.task, [fireSlot(at(0)), fireSlot(at(1))]);
          const { fires } = await store.fireSlots(partition, [request]);
          assert.equal(fires[0]?.code, 'fired');
          const runs = await store.claimRuns(partition, claimRequest(5, { worker: name }));
          assert.deepEqual(
            runs.map((run) => run.ownerId),
            [name, name],
            'claimed',
          );
          const [first] = runs;
          assert.ok(first !== undefined);
          const finish = {
            outcome: 'failed',
            attemptOutcome: 'failed',
            retryInMs: 0,
            result: name,
            endTask: true,
          } as const;
          const error = { code: 'HANDLER_FAILED', message: name };
          const { finished } = await store.finishRuns(partition, [{ ...first, ...finish, error }]);
          assert.equal(finished[0]?.code, 'finished');
          const run = await store.getRun(slotRunId(asked.id, at(0)));
          assert.deepEqual(
            [run?.ownerId, run?.result, run?.error, run?.attempts[0]?.worker],
            [name, name, error, name],
          );
          const { items } = await store.listRuns({ ownerId: name }, { limit: 5 });
          assert.deepEqual(
            items.map((one) => one.id),
            [slotRunId(asked.id, at(1)), run?.id],
            'the owner’s runs',
          );
          const { events } = await store.readEvents(partition, null, 100);
          assert.ok(
            events.some((event) => event.topic === `tasks:${name}`),
            'the owner’s topic',
          );
          assert.equal(await store.deleteTask(asked.id), true);
          assert.deepEqual(await store.listTasks(name), []);
        }),
      );
    }
  });
}
