/**
 * Redis rolls no script back. Here every step is made to fail at each of its calls, is repeated, and the task is then
 * worked to its end: no run lost, none twice, one verdict per slot, no lease left.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { partitionOfId, slotRunId } from '../../../server/store/ids.ts';
import type { ClaimedRun, TaskRecord } from '../../../server/store/records.ts';
import type { ScriptName } from '../../../server/store/redis/scripts.ts';
import { redisUrl } from '../../helpers/redis.ts';
import {
  askedRun,
  catchUp,
  claimRequest,
  EVERY_MS,
  finishRequest,
  fireRequest,
  fireSlot,
  newTask,
  ownerIn,
  policy,
  segment,
  skip,
  taskChange,
} from '../contract/build.ts';
import { type Lab, openLab } from './half-way-lab.ts';

interface Scene {
  lab: Lab;
  owner: string;
  partition: number;
  task: TaskRecord;
  /** The k-th slot. */
  slot(k: number): number;
}

/** What is prepared, the step that breaks, and what must hold after its repetition. */
interface Case {
  name: string;
  script: ScriptName;
  prepare(scene: Scene): Promise<{
    step(): Promise<unknown>;
    /** Slots that must have exactly one verdict, as text. */
    verdicts?: string[];
    /** Runs that must have ended once all is worked off. */
    runs?: string[];
    /** Further claims; before the task is worked to its end. */
    check?(): Promise<void>;
    gone?: boolean;
  }>;
}

const LEASE_MS = 40;

async function makeScene(lab: Lab): Promise<Scene> {
  const owner = ownerIn();
  const originAt =
    Math.floor((Number((await lab.link.command((c) => c.time()))[0]) * 1_000) / EVERY_MS) * EVERY_MS -
    3_600_000;
  const [answer] = await lab.store.createTasks(owner, [newTask(owner, originAt)], 10);
  assert.ok(answer?.code === 'created');
  return {
    lab,
    owner,
    partition: partitionOfId(answer.task.id) as number,
    task: answer.task,
    slot: (k) => originAt + k * EVERY_MS,
  };
}

async function read(scene: Scene): Promise<TaskRecord> {
  const task = await scene.lab.store.getTask(scene.task.id);
  assert.ok(task !== null);
  return task;
}

async function fire(
  scene: Scene,
  decisions: Parameters<typeof fireRequest>[1],
  overlap: Parameters<typeof policy>[0] = 'buffer_all',
) {
  const request = fireRequest(await read(scene), decisions, { policy: policy(overlap) });
  const { fires } = await scene.lab.store.fireSlots(scene.partition, [request]);
  assert.equal(fires[0]?.code, 'fired');
}

const claimAll = (scene: Scene): Promise<ClaimedRun[]> =>
  scene.lab.store.claimRuns(scene.partition, claimRequest(100, { leaseMs: LEASE_MS }));

/** Works everything off, dead leases included. */
async function workOff({ lab, partition }: Scene): Promise<void> {
  for (let quiet = 0; quiet < 2; ) {
    const runs = await lab.store.claimRuns(partition, claimRequest(100, { leaseMs: LEASE_MS }));
    await lab.store.finishRuns(
      partition,
      runs.map((run) => finishRequest(run, 'succeeded')),
    );
    const { nextAt } = await lab.store.recoverRuns(partition, { limit: 100, countLosses: false });
    if (nextAt !== null) await delay(LEASE_MS / 2);
    quiet = runs.length === 0 && nextAt === null ? quiet + 1 : 0;
  }
}

const verdictsOf = async ({ lab, task }: Scene) =>
  (
    await lab.store.listVerdicts(task.id, 0, Number.MAX_SAFE_INTEGER, { limit: 1_000, oldestFirst: true })
  ).map(
    ({ plannedAt, count, verdict, reason }) =>
      `${plannedAt} ${verdict}${reason === null ? '' : ` ${reason} ${count}`}`,
  );

const fired = (scene: Scene, ...slots: number[]) => slots.map((k) => `${scene.slot(k)} fired`);
const ids = (scene: Scene, ...slots: number[]) => slots.map((k) => slotRunId(scene.task.id, scene.slot(k)));

const CASES: Case[] = [
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
  {
    name: 'cancels a run behind which another is held',
    script: 'cancel-run',
    async prepare(scene) {
      await fire(scene, [fireSlot(scene.slot(0)), fireSlot(scene.slot(1))]);
      return {
        step: () => scene.lab.store.cancelRun(slotRunId(scene.task.id, scene.slot(0))),
        runs: ids(scene, 0, 1),
        check: async () => assert.deepEqual([(await read(scene)).live, (await read(scene)).held], [1, 0]),
      };
    },
  },
  {
    name: 'asks for runs of both kinds',
    script: 'ask-runs',
    async prepare(scene) {
      const asked = [
        askedRun(scene.task.id),
        askedRun(scene.task.id, 'backfill', scene.slot(0)),
        askedRun(scene.task.id, 'backfill', scene.slot(1)),
      ];
      return {
        step: () => scene.lab.store.askRuns(scene.task.id, asked, 10),
        runs: asked.map(({ id }) => id),
      };
    },
  },
  {
    name: 'changes a task: skips, a new segment, held runs cancelled',
    script: 'change-task',
    async prepare(scene) {
      await fire(scene, [
        catchUp(scene.slot(0)),
        catchUp(scene.slot(1)),
        fireSlot(scene.slot(2)),
        fireSlot(scene.slot(3)),
      ]);
      const before = await read(scene);
      const change = taskChange(before, {
        cursorAt: before.cursorAt,
        skips: [skip(scene.slot(4), 'schedule_changed', 2)],
        nextCursorAt: scene.slot(5),
        closeAt: scene.slot(5) + 1,
        open: segment(scene.slot(5) + 1),
        nextAt: scene.slot(6),
        cancelHeld: true,
      });
      return {
        async step() {
          const answer = await scene.lab.store.changeTask(change);
          assert.ok(answer.code === 'changed' || answer.code === 'version_conflict');
        },
        runs: ids(scene, 0, 1, 2, 3),
        verdicts: [
          `${scene.slot(0)} caught_up`,
          `${scene.slot(1)} caught_up`,
          ...fired(scene, 2, 3),
          `${scene.slot(4)} skipped schedule_changed 2`,
        ],
        check: async () => {
          const segments = await scene.lab.store.listSegments(scene.task.id);
          assert.deepEqual(
            [...new Set(segments.map(({ fromAt }) => fromAt))],
            [scene.slot(0), scene.slot(5) + 1],
          );
          assert.equal(segments.length, 2, 'no segment twice');
        },
      };
    },
  },
  {
    name: 'creates a task',
    script: 'create-tasks',
    async prepare(scene) {
      const task = newTask(scene.owner, scene.slot(0));
      return {
        step: () => scene.lab.store.createTasks(scene.owner, [task], 10),
        async check() {
          assert.equal((await scene.lab.store.listTasks(scene.owner)).length, 2);
          const due = await scene.lab.store.loadDue(scene.partition, Number.MAX_SAFE_INTEGER, 10);
          assert.ok(due.some(({ id }) => id === task.id));
        },
      };
    },
  },
  {
    name: 'deletes a task with a running run',
    script: 'delete-task',
    async prepare(scene) {
      await fire(scene, [
        catchUp(scene.slot(0)),
        catchUp(scene.slot(1)),
        fireSlot(scene.slot(2)),
        fireSlot(scene.slot(3)),
      ]);
      await claimAll(scene);
      return {
        gone: true,
        step: () => scene.lab.store.deleteTask(scene.task.id),
        async check() {
          assert.equal(await scene.lab.store.getTask(scene.task.id), null);
          assert.deepEqual(await scene.lab.store.listTasks(scene.owner), []);
          assert.deepEqual(await scene.lab.store.scanTasks(scene.partition, null, 10), []);
          const kept = await Promise.all(ids(scene, 0, 1, 2, 3).map((id) => scene.lab.store.getRun(id)));
          assert.ok(kept.every((run) => run === null));
        },
      };
    },
  },
  {
    name: 'prunes a task',
    script: 'prune-task',
    async prepare(scene) {
      for (const k of [0, 1, 2]) await fire(scene, [fireSlot(scene.slot(k))], 'allow_all');
      const [first] = await claimAll(scene);
      assert.ok(first !== undefined);
      await scene.lab.store.finishRuns(scene.partition, [finishRequest(first)]);
      const prune = {
        foldAt: scene.slot(1),
        keepDay: '20990101',
        segmentsBeforeAt: scene.slot(1),
        runsBeforeAt: Number.MAX_SAFE_INTEGER,
      };
      return {
        step: () => scene.lab.store.pruneTask(scene.task.id, prune),
        verdicts: fired(scene, 1, 2),
        runs: ids(scene, 1, 2),
        check: async () => assert.equal(await scene.lab.store.getRun(first.runId), null),
      };
    },
  },
  {
    name: 'writes, then deletes a document',
    script: 'put-document',
    async prepare({ lab, owner }) {
      return {
        step: () =>
          lab.store.putDocument(
            owner,
            'kind',
            'id',
            { n: 1 },
            { ifVersion: 0, expiresAt: 4_102_444_800_000 },
          ),
        async check() {
          assert.deepEqual((await lab.store.getDocument(owner, 'kind', 'id'))?.value, { n: 1 });
          assert.equal((await lab.store.listDocuments(owner, 'kind', { limit: 10 })).length, 1);
        },
      };
    },
  },
  {
    name: 'deletes a document',
    script: 'delete-document',
    async prepare({ lab, owner }) {
      await lab.store.putDocument(owner, 'kind', 'id', 1, { ifVersion: 0 });
      return {
        step: () => lab.store.deleteDocument(owner, 'kind', 'id'),
        async check() {
          assert.equal(await lab.store.getDocument(owner, 'kind', 'id'), null);
          assert.equal((await lab.store.listDocuments(owner, 'kind', { limit: 10 })).length, 0);
        },
      };
    },
  },
];

/** Fails the step at its n-th call, repeats it, checks. False when it made fewer calls. */
async function tryCase(url: string, { script, prepare }: Case, n: number): Promise<boolean> {
  const lab = await openLab(url);
  try {
    const scene = await makeScene(lab);
    const { step, verdicts, runs = [], check, gone = false } = await prepare(scene);
    if (!(await lab.breakAt(script, n, step))) return false;
    await step();
    await check?.();
    await workOff(scene);
    if (verdicts !== undefined) assert.deepEqual(await verdictsOf(scene), verdicts, 'one verdict per slot');
    for (const id of runs) {
      const run = await lab.store.getRun(id);
      assert.ok(run !== null && run.endedAt !== null, `${id} has ended: ${run?.state}`);
    }
    if (!gone) {
      const { live, held, waiting } = await read(scene);
      assert.deepEqual({ live, held, waiting }, { live: 0, held: 0, waiting: 0 });
      const listed = (await lab.store.listRuns({ taskId: scene.task.id }, { limit: 100 })).items.map(
        ({ id }) => id,
      );
      assert.equal(new Set(listed).size, listed.length, 'no run listed twice');
    }
    for (const name of ['LEASES', 'RETRIES', 'TURNS'] as const) {
      assert.equal(await lab.link.client.zcard(lab.keys.of(scene.partition, name)), 0, `${name} is empty`);
    }
    return true;
  } finally {
    await lab.close();
  }
}

const url = redisUrl();
for (const one of CASES) {
  it(`half-way: ${one.script} ${one.name}`, { skip: url === null ? 'needs redis' : false }, async () => {
    let calls = 0;
    while (calls < 200) {
      const n = calls + 1;
      const broke = await tryCase(url as string, one, n).catch((error: unknown) => {
        throw new Error(`failed at call ${n}: ${error instanceof Error ? error.message : error}`, {
          cause: error,
        });
      });
      if (!broke) break;
      calls = n;
    }
    assert.ok(calls >= 3, `${calls} calls tried`);
  });
}
