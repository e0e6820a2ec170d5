/** Half-way: the repairs of the watchman. */
import assert from 'node:assert/strict';
import { catchUp, DAY, fireSlot } from '../contract/build.ts';
import { type Case, claimAll, fire, fired, ids, type Scene } from './half-way-scene.ts';

async function noFaults({ lab, partition, task }: Scene): Promise<void> {
  const { tasks } = await lab.store.inspectTasks(partition, { taskIds: [task.id] });
  assert.deepEqual(tasks[0]?.faults, []);
}

export const REPAIR_CASES: Case[] = [
  {
    name: 'puts everything right that can be wrong with a task',
    script: 'repair-task',
    async prepare(scene) {
      const { lab, partition, task, owner } = scene;
      const key = (name: Parameters<typeof lab.keys.of>[1], id?: string) => lab.keys.of(partition, name, id);
      await fire(scene, [catchUp(scene.slot(0)), catchUp(scene.slot(1)), fireSlot(scene.slot(2))]);
      assert.equal((await claimAll(scene)).length, 2);
      await fire(scene, [fireSlot(scene.slot(3)), fireSlot(scene.slot(4))]);
      const { client } = lab.link;
      const hot = (await client.get(key('TASK', task.id))) as string;
      // seq state owner closing live held late waiting
      await client.set(key('TASK', task.id), hot.replace(/^(\S+ \S+ \S+ \S+) \S+ \S+ \S+ \S+/, '$1 - - - 0'));
      for (const name of ['DUE', 'LEASES', 'TURNS'] as const) await client.unlink(key(name));
      await client.zrem(key('OWNER_TASKS', owner), task.id);
      await client.zrem(key('TASKS', task.id.slice(2, 4)), task.id);
      return {
        step: () => lab.store.repairTask(task.id, 40),
        check: () => noFaults(scene),
        runs: ids(scene, 0, 1, 2, 3, 4),
        verdicts: [`${scene.slot(0)} caught_up`, `${scene.slot(1)} caught_up`, ...fired(scene, 2, 3, 4)],
      };
    },
  },
  {
    name: 'removes stray entries',
    script: 'repair-indexes',
    async prepare(scene) {
      const { lab, partition, task } = scene;
      const nobody = `${task.id.slice(0, 2)}aaaaaaaaaaaaaaaa`;
      const { client } = lab.link;
      await client.zadd(lab.keys.of(partition, 'DUE'), 1, nobody);
      await client.zadd(lab.keys.of(partition, 'LEASES'), 1, `${nobody}:1`);
      const strays = [
        { index: 'due', id: nobody, owner: '' },
        { index: 'lease', id: `${nobody}:1`, owner: '' },
      ] as const;
      return {
        step: () => lab.store.repairIndexes(partition, [...strays]),
        check: async () => assert.equal(await client.zcard(lab.keys.of(partition, 'DUE')), 1),
      };
    },
  },
  {
    name: 'sets the counters of a day',
    script: 'repair-day',
    async prepare(scene) {
      const { lab, task } = scene;
      await fire(scene, [fireSlot(scene.slot(0)), fireSlot(scene.slot(1))]);
      const right = { fired: 2, caughtUp: 0, skipped: {} };
      const wrong = { fired: 1, caughtUp: 3, skipped: { overlap: 2 } };
      assert.ok(await lab.store.repairDay(task.id, DAY, right, wrong));
      return {
        step: () => lab.store.repairDay(task.id, DAY, wrong, right),
        runs: ids(scene, 0, 1),
        async check() {
          // What a step that stopped half-way has set is no longer what was seen: the next look sees the rest.
          const [day] = await lab.store.listDays(task.id, DAY);
          assert.ok(day !== undefined);
          await lab.store.repairDay(task.id, DAY, day, right);
          const [after] = await lab.store.listDays(task.id, DAY);
          assert.deepEqual([after?.fired, after?.caughtUp, after?.skipped], [2, 0, {}]);
        },
      };
    },
  },
];
