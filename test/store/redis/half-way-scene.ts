/** One task of a half-way test, and what is done with it. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { partitionOfId, slotRunId } from '../../../server/store/ids.ts';
import type { ClaimedRun, TaskRecord } from '../../../server/store/records.ts';
import type { ScriptName } from '../../../server/store/redis/scripts.ts';
import {
  claimRequest,
  EVERY_MS,
  finishRequest,
  fireRequest,
  newTask,
  ownerIn,
  policy,
} from '../contract/build.ts';
import type { Lab } from './half-way-lab.ts';

/** A lab with one task in it. */
export interface Scene {
  lab: Lab;
  owner: string;
  partition: number;
  task: TaskRecord;
  /** The k-th slot. */
  slot(k: number): number;
}

/** What is prepared, the step that breaks, and what must hold after its repetition. */
export interface Case {
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

export const LEASE_MS = 40;

export async function makeScene(lab: Lab): Promise<Scene> {
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

export async function read(scene: Scene): Promise<TaskRecord> {
  const task = await scene.lab.store.getTask(scene.task.id);
  assert.ok(task !== null);
  return task;
}

export async function fire(
  scene: Scene,
  decisions: Parameters<typeof fireRequest>[1],
  overlap: Parameters<typeof policy>[0] = 'buffer_all',
) {
  const request = fireRequest(await read(scene), decisions, { policy: policy(overlap) });
  const { fires } = await scene.lab.store.fireSlots(scene.partition, [request]);
  assert.equal(fires[0]?.code, 'fired');
}

export const claimAll = (scene: Scene): Promise<ClaimedRun[]> =>
  scene.lab.store.claimRuns(scene.partition, claimRequest(100, { leaseMs: LEASE_MS }));

/** Works everything off, dead leases included. */
export async function workOff({ lab, partition }: Scene): Promise<void> {
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

export const verdictsOf = async ({ lab, task }: Scene) =>
  (
    await lab.store.listVerdicts(task.id, 0, Number.MAX_SAFE_INTEGER, { limit: 1_000, oldestFirst: true })
  ).map(
    ({ plannedAt, count, verdict, reason }) =>
      `${plannedAt} ${verdict}${reason === null ? '' : ` ${reason} ${count}`}`,
  );

export const fired = (scene: Scene, ...slots: number[]) => slots.map((k) => `${scene.slot(k)} fired`);
export const ids = (scene: Scene, ...slots: number[]) =>
  slots.map((k) => slotRunId(scene.task.id, scene.slot(k)));
