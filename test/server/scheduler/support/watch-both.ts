/** What the watchman must find in any store, whoever broke it. Each store's own test file calls it. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TaskRecord } from '../../../../server/store/records.ts';
import type { TaskChange } from '../../../../server/store/requests.ts';
import type { Store } from '../../../../server/store/store.ts';
import { finishRequest, workOff } from '../../../helpers/engine-harness.ts';
import { assertAudited, fireNow, ownTask, type WatchScene, watchScene } from './watch-scene.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

export type Opened = { store: Store; close(): Promise<void> };

/** A body with a store and a watchman of its own. */
export const onScene =
  <T extends Opened>(open: () => Promise<T>, body: (scene: WatchScene, opened: T) => Promise<void>) =>
  async (): Promise<void> => {
    const opened = await open();
    try {
      await body(await watchScene(opened.store), opened);
    } finally {
      await opened.close();
    }
  };

export const read = async (store: Store, taskId: string): Promise<TaskRecord> => {
  const task = await store.getTask(taskId);
  assert.ok(task !== null);
  return task;
};

/** An ordinary step with a wrong nextAt: what a mistake in a planner would leave. */
async function misplan(store: Store, taskId: string, nextAt: number | null): Promise<void> {
  const task = await read(store, taskId);
  const change: TaskChange = {
    ...{ taskId, version: task.version, cursorAt: task.cursorAt, nextCursorAt: task.cursorAt },
    ...{ byUser: false, closes: false, skips: [], closeAt: null, open: null, cancelHeld: false },
    nextAt,
  };
  assert.equal((await store.changeTask(change)).code, 'changed');
}

export function watchBoth(name: string, open: () => Promise<Opened>): void {
  it(
    `${name}: a task without a next slot, or with a wrong one, gets the planned one`,
    onScene(open, async (scene) => {
      const { store } = scene;
      const [lost, late, early] = [
        await ownTask(store, { kind: 'every', everyMs: HOUR_MS }),
        await ownTask(store, { kind: 'cron', cron: '0 0 * * *' }),
        await ownTask(store, { kind: 'every', everyMs: HOUR_MS }),
      ];
      await misplan(store, lost.id, null);
      await misplan(store, late.id, (late.nextAt as number) + 1);
      await misplan(store, early.id, (early.nextAt as number) - 1);
      await scene.lookTwice();
      scene.assertRepaired({ next_slot: 3 });
      for (const { id, nextAt } of [lost, late, early]) assert.equal((await read(store, id)).nextAt, nextAt);
      const due = await store.loadDue(Number.parseInt(lost.id.slice(0, 2), 16), lost.nextAt as number, 10);
      assert.ok(
        due.some(({ id }) => id === lost.id),
        'and is loaded when it is due',
      );
      await scene.lookTwice();
      scene.assertRepaired({ next_slot: 3 });
    }),
  );

  it(
    `${name}: one look is not enough, and what moves between two is left alone`,
    onScene(open, async (scene) => {
      const { store } = scene;
      const moving = await ownTask(store, { kind: 'every', everyMs: HOUR_MS });
      await misplan(store, moving.id, null);
      await scene.watchman.runOnce();
      await scene.watchman.runOnce();
      assert.equal((await read(store, moving.id)).nextAt, null, 'not believed yet');
      await misplan(store, moving.id, (moving.nextAt as number) + 5);
      await scene.lookTwice();
      assert.notEqual((await read(store, moving.id)).nextAt, null);
      scene.assertRepaired({ next_slot: 1 });
    }),
  );

  it(
    `${name}: slots that nobody fires are fired`,
    onScene(open, async (scene) => {
      const { store } = scene;
      const task = await ownTask(store, { kind: 'every', everyMs: HOUR_MS }, 5 * HOUR_MS + 60_000);
      await scene.lookTwice();
      scene.assertRepaired({ overdue: 1 });
      assert.ok(((await read(store, task.id)).nextAt as number) > (await store.time()));
      assert.ok((await store.listRuns({ taskId: task.id }, { limit: 10 })).items.length === 5);
      await assertAudited(store, task);
    }),
  );

  it(
    `${name}: an end that nobody carries out is carried out`,
    onScene(open, async (scene) => {
      const { store, lines } = scene;
      const task = await ownTask(store, { kind: 'every', everyMs: HOUR_MS }, HOUR_MS + 60_000);
      await fireNow(store, task.id);
      await workOff(store, () => ({ endTask: true }));
      const { closing } = await read(store, task.id);
      assert.ok(closing !== null);
      await scene.lookTwice();
      assert.equal((await read(store, task.id)).state, 'active', `ten seconds are allowed: ${lines.length}`);
      scene.wait(10_000);
      await scene.lookTwice();
      scene.assertRepaired({ closing: 1 });
      const ended = await read(store, task.id);
      assert.deepEqual([ended.state, ended.closing], ['ended', null]);
      await assertAudited(store, task);
    }),
  );

  it(
    `${name}: counters of a day are what its verdicts add up to`,
    onScene(open, async (scene) => {
      const { store } = scene;
      const task = await ownTask(store, { kind: 'every', everyMs: HOUR_MS }, 3 * DAY_MS);
      for (let pass = 0; pass < 4; pass += 1) await fireNow(store, task.id).catch(() => {});
      const days = await store.listDays(task.id, '');
      const yesterday = days.at(-2);
      assert.ok(yesterday !== undefined);
      const wrong = { fired: 7, caughtUp: 1, skipped: {} };
      assert.ok(await store.repairDay(task.id, yesterday.day, yesterday, wrong));
      await scene.lookTwice();
      scene.assertRepaired({ day_counters: 1 });
      assert.deepEqual(await store.listDays(task.id, ''), days);
    }),
  );

  it(
    `${name}: what a claim that was lost holds is not the watchman's`,
    onScene(open, async (scene) => {
      const { store } = scene;
      const task = await ownTask(store, { kind: 'every', everyMs: HOUR_MS }, HOUR_MS + 60_000);
      await fireNow(store, task.id);
      const partition = Number.parseInt(task.id.slice(0, 2), 16);
      const claim = { requestId: 'd'.repeat(32), worker: 'w', limit: 1, leaseMs: 60_000 };
      const [run] = await store.claimRuns(partition, claim);
      await scene.lookTwice();
      scene.assertRepaired({});
      assert.ok(run !== undefined);
      await store.finishRuns(partition, [finishRequest(run)]);
      await scene.lookTwice();
      scene.assertRepaired({});
    }),
  );
}
