/** Half-way: the hot path. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  askedRun,
  catchUp,
  claimRequest,
  finishRequest,
  fireRequest,
  fireSlot,
  newTask,
  ownerIn,
  policy,
  skip,
} from '../contract/build.ts';
import { type Case, claimAll, fire, fired, ids, LEASE_MS, read } from './half-way-scene.ts';

export const HOT_CASES: Case[] = [
  {
    name: 'fires slots of every kind, over verdicts that an earlier step left',
    script: 'fire-slots',
    async prepare(scene) {
      await fire(scene, [fireSlot(scene.slot(0)), skip(scene.slot(1), 'coalesced', 2)]);
      const request = fireRequest(
        await read(scene),
        [
          skip(scene.slot(3), 'coalesced'),
          catchUp(scene.slot(4)),
          catchUp(scene.slot(5)),
          fireSlot(scene.slot(6)),
        ],
        { policy: policy('buffer_all') },
      );
      return {
        step: () => scene.lab.store.fireSlots(scene.partition, [request]),
        verdicts: [
          ...fired(scene, 0),
          `${scene.slot(1)} skipped coalesced 3`,
          `${scene.slot(4)} caught_up`,
          `${scene.slot(5)} caught_up`,
          ...fired(scene, 6),
        ],
        runs: ids(scene, 0, 4, 5, 6),
      };
    },
  },
  {
    name: 'fires and claims, and the task ends with it',
    script: 'fire-slots',
    async prepare(scene) {
      await fire(scene, [fireSlot(scene.slot(0))]);
      const request = fireRequest(await read(scene), [fireSlot(scene.slot(1))], {
        policy: policy('allow_all'),
        ends: true,
      });
      const claim = claimRequest(10, { leaseMs: LEASE_MS });
      return {
        step: () => scene.lab.store.fireSlots(scene.partition, [request], claim),
        verdicts: fired(scene, 0, 1),
        runs: ids(scene, 0, 1),
        check: async () => assert.equal((await read(scene)).state, 'ended'),
      };
    },
  },
  {
    name: 'fires and starts at once',
    script: 'fire-slots',
    async prepare(scene) {
      const request = fireRequest(await read(scene), [fireSlot(scene.slot(0)), catchUp(scene.slot(1))]);
      const claim = claimRequest(10, { leaseMs: LEASE_MS });
      return {
        step: () => scene.lab.store.fireSlots(scene.partition, [request], claim),
        verdicts: [...fired(scene, 0), `${scene.slot(1)} caught_up`],
        runs: ids(scene, 0, 1),
      };
    },
  },
  {
    name: 'fires a slot that replaces held and live runs',
    script: 'fire-slots',
    async prepare(scene) {
      await fire(scene, [fireSlot(scene.slot(0)), fireSlot(scene.slot(1)), fireSlot(scene.slot(2))]);
      const request = fireRequest(await read(scene), [fireSlot(scene.slot(3))], {
        policy: policy('cancel_other'),
      });
      return {
        step: () => scene.lab.store.fireSlots(scene.partition, [request]),
        verdicts: fired(scene, 0, 1, 2, 3),
        runs: ids(scene, 0, 1, 2, 3),
      };
    },
  },
  {
    name: 'claims runs of several owners',
    script: 'claim-runs',
    async prepare(scene) {
      await fire(scene, [fireSlot(scene.slot(0)), fireSlot(scene.slot(1))], 'allow_all');
      const other = ownerIn(scene.partition);
      const task = newTask(other, scene.slot(0));
      await scene.lab.store.createTasks(other, [task], 10);
      await scene.lab.store.askRuns(task.id, [askedRun(task.id)], 10);
      const claim = claimRequest(2, { leaseMs: LEASE_MS });
      return {
        step: () => scene.lab.store.claimRuns(scene.partition, claim),
        verdicts: fired(scene, 0, 1),
        runs: ids(scene, 0, 1),
      };
    },
  },
  {
    name: 'finishes runs: the next of both lines go on, one retries, one is given back, then claims',
    script: 'finish-runs',
    async prepare(scene) {
      await fire(scene, [
        catchUp(scene.slot(0)),
        catchUp(scene.slot(1)),
        fireSlot(scene.slot(2)),
        fireSlot(scene.slot(3)),
      ]);
      const asked = [askedRun(scene.task.id), askedRun(scene.task.id)];
      await scene.lab.store.askRuns(scene.task.id, asked, 10);
      const runs = await claimAll(scene);
      assert.equal(runs.length, 4);
      const items = runs.map((run) =>
        run.trigger === 'slot'
          ? finishRequest(run, 'succeeded')
          : finishRequest(run, run.runId === asked[0]?.id ? 'retry' : 'released', { retryInMs: 1 }),
      );
      const claim = claimRequest(1, { leaseMs: LEASE_MS });
      return {
        step: () => scene.lab.store.finishRuns(scene.partition, items, claim),
        runs: [...ids(scene, 0, 1, 2, 3), ...asked.map(({ id }) => id)],
        verdicts: [`${scene.slot(0)} caught_up`, `${scene.slot(1)} caught_up`, ...fired(scene, 2, 3)],
      };
    },
  },
  {
    name: 'finishes a run with which the task is to end',
    script: 'finish-runs',
    async prepare(scene) {
      await fire(scene, [fireSlot(scene.slot(0))]);
      const items = (await claimAll(scene)).map((run) => finishRequest(run, 'failed', { endTask: true }));
      return {
        step: () => scene.lab.store.finishRuns(scene.partition, items),
        runs: ids(scene, 0),
        async check() {
          assert.equal((await read(scene)).closing?.reason, 'ended');
          const due = await scene.lab.store.loadDue(scene.partition, Number.MAX_SAFE_INTEGER, 10);
          assert.deepEqual(
            due.map(({ id }) => id),
            [scene.task.id],
          );
        },
      };
    },
  },
  {
    name: 'renews leases',
    script: 'renew-runs',
    async prepare(scene) {
      await fire(scene, [fireSlot(scene.slot(0))]);
      const items = await claimAll(scene);
      return { step: () => scene.lab.store.renewRuns(scene.partition, items, LEASE_MS), runs: ids(scene, 0) };
    },
  },
  {
    name: 'recovers lost runs and due retries',
    script: 'recover-runs',
    async prepare(scene) {
      await fire(
        scene,
        [fireSlot(scene.slot(0)), fireSlot(scene.slot(1)), fireSlot(scene.slot(2))],
        'allow_all',
      );
      const [first, second] = await scene.lab.store.claimRuns(
        scene.partition,
        claimRequest(3, { leaseMs: 1 }),
      );
      assert.ok(first !== undefined && second !== undefined);
      await scene.lab.store.finishRuns(scene.partition, [finishRequest(first, 'retry', { retryInMs: 0 })]);
      await scene.lab.store.cancelRun(second.runId);
      await delay(3);
      return {
        step: () => scene.lab.store.recoverRuns(scene.partition, { limit: 100, countLosses: true }),
        runs: ids(scene, 0, 1, 2),
      };
    },
  },
];
