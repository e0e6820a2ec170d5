/** The watchman on the embedded store: its file edited by hand between two starts. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { openDb, type SqlDb } from '../../../server/store/sqlite/driver.ts';
import { createSqliteStore } from '../../../server/store/sqlite/sqlite-store.ts';
import { newTask } from '../../../server/tasks/task-changes.ts';
import { definition, workOff } from '../../helpers/engine-harness.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { type Opened, onScene, read, watchBoth } from './support/watch-both.ts';
import { assertAudited, fireNow, ownTask, watchScene } from './support/watch-scene.ts';

const HOUR_MS = 3_600_000;
const listener = { onWake() {}, onRollback() {}, onHealth() {} };

interface OpenedFile extends Opened {
  /** Stops the store, has its file edited, starts it again. */
  edit(change: (db: SqlDb) => void): Promise<void>;
}

async function open(): Promise<OpenedFile> {
  const dir = tempDir();
  const start = async () => {
    const store = createSqliteStore({ dir });
    await store.start(listener);
    return store;
  };
  const opened: OpenedFile = {
    store: await start(),
    close: () => opened.store.stop(),
    async edit(change) {
      await opened.store.stop();
      const db = openDb(join(dir, 'zhundian.db'));
      change(db);
      db.close();
      opened.store = await start();
    },
  };
  return opened;
}

watchBoth('embedded', open);

/** A task with a fired slot whose run is ready, and one that is held behind it. */
async function busyTask(opened: Opened) {
  const task = await ownTask(opened.store, { kind: 'every', everyMs: HOUR_MS }, 2 * HOUR_MS + 60_000);
  await fireNow(opened.store, task.id);
  return task;
}

/** What an edit must come to: found, put right, and the task's runs end. */
function corrupted(
  name: string,
  sql: string,
  kinds: Parameters<Awaited<ReturnType<typeof watchScene>>['assertRepaired']>[0],
): void {
  it(
    `embedded, edited by hand: ${name}`,
    onScene(open, async (_scene, opened) => {
      const task = await busyTask(opened);
      await opened.edit((db) => db.exec(sql));
      const { store } = opened;
      const scene = await watchScene(store);
      await scene.lookTwice();
      scene.assertRepaired(kinds);
      await store.recoverRuns(Number.parseInt(task.id.slice(0, 2), 16), { limit: 10, countLosses: false });
      await workOff(store);
      const { items } = await store.listRuns({ taskId: task.id }, { limit: 10 });
      assert.deepEqual([...new Set(items.map(({ state }) => state))], ['succeeded']);
      const { live, held, waiting, nextAt } = await read(store, task.id);
      assert.deepEqual({ live, held, waiting }, { live: 0, held: 0, waiting: 0 });
      const due = await store.loadDue(Number.parseInt(task.id.slice(0, 2), 16), nextAt as number, 10);
      assert.deepEqual(
        due.map(({ id }) => id),
        [task.id],
        'it fires again',
      );
      await assertAudited(store, task);
      await scene.lookTwice();
      scene.assertRepaired(kinds);
    }),
  );
}

corrupted('the due entry is gone', 'UPDATE task_now SET due_at = NULL', { due_entry: 1 });
corrupted('the due entry is another', 'UPDATE task_now SET due_at = due_at + 9999999999', { due_entry: 1 });
corrupted(
  'unended runs are not counted, so that the start does not find them',
  'UPDATE task_now SET open = 0',
  {
    run_list: 1,
    queue_entry: 1,
  },
);
// Places in task_now.body: see task-row.ts.
corrupted('counts of runs are wrong', "UPDATE task_now SET body = json_set(body, '$[8]', 3, '$[10]', 0)", {
  run_list: 3,
});
corrupted(
  'a running run that the start does not find',
  "UPDATE run SET state = 'running', body = json_set(body, '$[13]', 1) WHERE state = 'queued'; UPDATE task_now SET open = 0",
  {
    lease_entry: 1,
    run_list: 1,
  },
);
corrupted(
  'a run waits for nothing',
  "UPDATE run SET state = 'succeeded', ended_at = 1 WHERE state = 'queued'",
  {
    run_list: 1,
    line_stuck: 1,
  },
);

it(
  'embedded, edited by hand: rows of nobody go',
  onScene(open, async (_scene, opened) => {
    const task = await busyTask(opened);
    await opened.edit((db) => db.exec('DELETE FROM task'));
    const scene = await watchScene(opened.store);
    await scene.lookTwice();
    const { repaired } = scene.watchman.state();
    assert.equal(repaired.stray_entry, 2, 'its place in the due index, and its runs');
    const partition = Number.parseInt(task.id.slice(0, 2), 16);
    assert.deepEqual((await opened.store.inspectIndexes(partition, null, 100)).strays, []);
    await opened.store.createTasks(
      'owner',
      [
        {
          ...newTask(
            task.id,
            definition({ kind: 'every', everyMs: HOUR_MS }),
            await opened.store.time(),
            'f',
          ),
        },
      ],
      10,
    );
    assert.equal((await read(opened.store, task.id)).live, 0, 'the id can be used again');
  }),
);

it(
  'embedded, edited by hand: what is missing for good is said and left alone',
  onScene(open, async (_scene, opened) => {
    const task = await busyTask(opened);
    await ownTask(opened.store, { kind: 'every', everyMs: HOUR_MS });
    await opened.edit((db) => db.exec('DELETE FROM task_now WHERE n = 1'));
    const scene = await watchScene(opened.store);
    await scene.lookTwice();
    await scene.lookTwice();
    const { found, repaired } = scene.watchman.state();
    assert.deepEqual({ found, repaired }, { found: { broken_record: 1 }, repaired: {} });
    const lines = scene.lines.filter(({ msg }) => msg === 'watchman: found and NOT put right');
    assert.deepEqual(
      lines.map(({ kind, id }) => ({ kind, id })),
      [{ kind: 'broken_record', id: task.id }],
      'said once',
    );
  }),
);
