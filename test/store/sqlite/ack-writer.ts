/**
 * A process for durability.test.ts: claims and finishes runs, fires slots and puts documents without end, and prints one
 * JSON line for each acknowledged write, until somebody kills it.
 */

import { partitionOfOwner } from '../../../server/store/ids.ts';
import { createSqliteStore } from '../../../server/store/sqlite/sqlite-store.ts';
import { claimRequest, EVERY_MS, finishRequest, fireRequest, fireSlot, newTask } from '../contract/build.ts';

const dir = process.argv[2] as string;
const round = process.argv[3] as string;
const ownerId = 'owner-of-the-acks';
const partition = partitionOfOwner(ownerId);
const store = createSqliteStore({ dir });
await store.start({ onWake: () => undefined, onRollback: () => undefined, onHealth: () => undefined });

const tell = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);

const fromAt = Date.now() - 86_400_000;
const [created] = await store.createTasks(ownerId, [newTask(ownerId, fromAt)], 1_000);
if (created?.code !== 'created') throw new Error('not created');
tell({ task: created.task.id });
let task = created.task;

async function fireOn(): Promise<never> {
  for (;;) {
    const slots = [1, 2, 3].map((k) => task.cursorAt + k * EVERY_MS);
    const request = fireRequest(
      task,
      slots.map((at) => fireSlot(at)),
    );
    const { fires } = await store.fireSlots(partition, [request]);
    if (fires[0]?.code !== 'fired') throw new Error(`fire: ${fires[0]?.code}`);
    tell({ fired: fires[0].ready });
    task = { ...task, cursorAt: request.nextCursorAt };
  }
}

async function workOn(): Promise<never> {
  for (;;) {
    const runs = await store.claimRuns(partition, claimRequest(5));
    tell({ claimed: runs.map((run) => [run.runId, run.attempt, run.fence]) });
    if (runs.length === 0) continue;
    await store.finishRuns(
      partition,
      runs.map((run) => finishRequest(run)),
    );
    tell({ finished: runs.map((run) => run.runId) });
  }
}

async function putOn(): Promise<never> {
  for (let version = 0; ; version++) {
    const put = await store.putDocument(ownerId, 'ack', round, { version }, { ifVersion: version });
    if (put === null) throw new Error('put');
    tell({ document: put.version });
  }
}

await Promise.all([fireOn(), workOn(), putOn()]);
