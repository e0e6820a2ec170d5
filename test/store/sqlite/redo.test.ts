/** Commits write the redo log, the tables follow later: nothing is lost or older in between, wherever the process ends. */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { partitionOfOwner } from '../../../server/store/ids.ts';
import { openDb } from '../../../server/store/sqlite/driver.ts';
import { closeFile } from '../../../server/store/sqlite/open-file.ts';
import { OPERATIONS } from '../../../server/store/sqlite/operations.ts';
import { createSqliteStore } from '../../../server/store/sqlite/sqlite-store.ts';
import type { WireClaim } from '../../../server/store/sqlite/steps/claim.ts';
import { seededRandom } from '../../helpers/engine-harness.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { claimRequest, finishRequest, fireRequest, fireSlot, newTask, ownerIn } from '../contract/build.ts';
import { inside, NOW, wireTask } from './inside.ts';

type Inside = ReturnType<typeof inside>;

/** The file as a killed process leaves it: what was committed, without a clean end. */
function crash(t: TestContext, from: string): string {
  const to = tempDir(t);
  for (const name of ['zhundian.db', 'zhundian.db-wal']) copyFileSync(join(from, name), join(to, name));
  return to;
}

const count = ({ db }: Inside, table: string) => db.prepare(`SELECT count(*) n FROM ${table}`).get()?.n;

/** A task with slots fired `runs` times. */
function fired(store: Inside, runs: number) {
  const ownerId = ownerIn();
  const partition = partitionOfOwner(ownerId);
  const [created] = store.run(['createTasks', ownerId, [wireTask(ownerId)], 10]);
  const task = created?.value[0].task;
  const slots = Array.from({ length: runs }, (_, k) => fireSlot(NOW - 9_000 + k));
  store.run(['fireSlots', partition, [fireRequest(task, slots)]]);
  return { partition, taskId: task.id as string };
}

const seen = (store: Inside, taskId: string) => {
  const [task, runs] = store.run(['getTask', taskId], ['listRuns', { taskId }, { limit: 100 }]);
  return { task: task?.value, runs: runs?.value.items };
};

it('commits without the tables, and a start after a kill puts everything into them', (t) => {
  const dir = tempDir(t);
  const store = inside(dir);
  const { partition, taskId } = fired(store, 3);
  const [claimed] = store.run(['claimRuns', partition, claimRequest(2)]);
  const [one] = claimed!.value;
  store.run(['finishRuns', partition, [finishRequest(one)]]);
  assert.equal(count(store, 'run'), 0, 'no run is in its table yet');
  assert.equal(store.state.behind, 4);

  const copy = crash(t, dir);
  const expected = seen(store, taskId);
  assert.deepEqual(
    expected.runs.map((run: { state: string }) => run.state),
    ['queued', 'running', 'succeeded'],
  );
  assert.equal(store.state.behind, 0, 'a query writes everything first');
  assert.equal(count(store, 'redo'), 0);
  closeFile(store);

  const after = inside(copy);
  assert.equal(count(after, 'run'), 3);
  assert.equal(count(after, 'redo'), 0);
  assert.deepEqual(seen(after, taskId), expected);
  const [repeated] = after.run(['finishRuns', partition, [finishRequest(one)]]);
  assert.equal(repeated?.value.finished[0].code, 'already_done');
  closeFile(after);
});

it('writes back the oldest changes first, and shortens the log by them', (t) => {
  const store = inside(tempDir(t));
  const { partition } = fired(store, 4);
  const [claimed] = store.run(['claimRuns', partition, claimRequest(2)]);
  assert.equal(count(store, 'redo'), 2);
  store.runner.writeBack(2);
  assert.equal(count(store, 'run'), 2, 'those that nothing has happened to since');
  assert.equal(count(store, 'redo'), 1);
  store.run(['finishRuns', partition, [finishRequest(claimed?.value[0])]]);
  store.runner.writeBack(0);
  assert.equal(count(store, 'run'), 4);
  assert.equal(count(store, 'redo'), 0);
  assert.equal(store.db.prepare('PRAGMA synchronous').get()?.synchronous, 2, 'commits sync again');
  closeFile(store);
});

it('leaves no log behind when it is stopped', async (t) => {
  const dir = tempDir(t);
  const store = createSqliteStore({ dir, clock: () => NOW });
  await store.start({ onWake() {}, onRollback() {}, onHealth() {} });
  const ownerId = ownerIn();
  const [created] = await store.createTasks(ownerId, [newTask(ownerId, NOW - 10_000)], 10);
  assert.equal(created?.code, 'created');
  if (created?.code !== 'created') return;
  await store.fireSlots(partitionOfOwner(ownerId), [fireRequest(created.task, [fireSlot(NOW - 5_000)])]);
  await store.stop();

  const db = openDb(join(dir, 'zhundian.db'));
  assert.equal(db.prepare('SELECT count(*) n FROM redo').get()?.n, 0);
  assert.equal(db.prepare('SELECT state FROM run').get()?.state, 'queued');
  db.close();
});

it('a rolled back batch leaves what was committed before as it was', (t) => {
  const store = inside(tempDir(t));
  const { partition, taskId } = fired(store, 3);
  const [claimed] = store.run(['claimRuns', partition, claimRequest(3)]);
  const broken = OPERATIONS as unknown as Record<string, () => unknown>;
  const { deleteTask } = broken;
  broken.deleteTask = () => {
    throw new Error('a mistake in a step');
  };
  try {
    const [finished, thrown] = store.run(
      ['finishRuns', partition, [finishRequest(claimed?.value[0])]],
      ['deleteTask', taskId],
    );
    assert.equal(thrown?.error, 'unexpected');
    assert.equal(finished?.value.finished[0].code, 'finished');
  } finally {
    broken.deleteTask = deleteTask!;
  }
  const { runs } = seen(store, taskId);
  assert.deepEqual(
    runs.map((run: { state: string }) => run.state),
    ['running', 'running', 'succeeded'],
  );
  closeFile(store);
});

for (const seed of [1, 2, 3]) {
  it(`has the same after a kill at any moment, seed ${seed}`, { timeout: 60_000 }, (t) => {
    const random = seededRandom(seed);
    const dir = tempDir(t);
    const store = inside(dir);
    const tasks = Array.from({ length: 5 }, () => fired(store, 6));
    const leased: { partition: number; claim: WireClaim }[] = [];
    const crashes: { copy: string; expected: unknown[] }[] = [];
    for (let step = 0; step < 60; step++) {
      const { partition, taskId } = tasks[Math.floor(random() * tasks.length)]!;
      const what = random();
      if (what < 0.4) {
        const [claimed] = store.run(['claimRuns', partition, claimRequest(1 + Math.floor(random() * 3))]);
        for (const claim of claimed?.value ?? []) leased.push({ partition, claim });
      } else if (what < 0.75) {
        const [of] = leased.splice(Math.floor(random() * leased.length), 1);
        const outcome = random() < 0.3 ? 'retry' : 'succeeded';
        const finish = of && finishRequest(of.claim, outcome, { retryInMs: 5_000 });
        if (of) store.run(['finishRuns', of.partition, [{ ...finish, result: '{"a":[1.5,"é\\u0000"]}' }]]);
      } else if (what < 0.95) store.runner.writeBack(Math.floor(random() * 30));
      else store.run(['listRuns', { taskId }, { limit: 1 }]);
      if (step % 20 === 19) {
        const copy = crash(t, dir);
        crashes.push({ copy, expected: tasks.map((task) => seen(store, task.taskId)) });
      }
    }
    closeFile(store);
    for (const { copy, expected } of crashes) {
      const after = inside(copy);
      assert.deepEqual(
        tasks.map((task) => seen(after, task.taskId)),
        expected,
      );
      closeFile(after);
    }
  });
}

it('a seq that a claim moved on is not forgotten when an older image is written back', {
  timeout: 60_000,
}, (t) => {
  const store = inside(tempDir(t));
  const { partition, taskId } = fired(store, 1);
  const [claimed] = store.run(['claimRuns', partition, claimRequest(1)]);
  const seqOf = () =>
    store.run([
      'replayPage',
      partition,
      [{ kind: 'task', id: taskId, topic: '', afterSeq: null }],
      null,
      0,
    ])[0]?.value.seqs[0];
  const seq = seqOf();
  store.runner.writeBack(0);
  // More tasks than are kept in memory.
  const ownerId = ownerIn(2);
  for (let made = 0; made <= 20_000; made += 100) {
    const hundred = Array.from({ length: 100 }, () => wireTask(ownerId));
    store.run(['createTasks', ownerId, hundred, 100_000]);
  }
  store.state.shed();
  assert.equal(seqOf(), seq);
  store.run(['finishRuns', partition, [finishRequest(claimed?.value[0])]]);
  assert.equal(seqOf(), seq + 1);
  closeFile(store);
});
