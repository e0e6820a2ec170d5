/** A disk that fails, a thread that dies, an operation that throws: who is told what, and what is left. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { partitionOfOwner } from '../../../server/store/ids.ts';
import { openDb, type SqlDb } from '../../../server/store/sqlite/driver.ts';
import { closeFile } from '../../../server/store/sqlite/open-file.ts';
import { OPERATIONS } from '../../../server/store/sqlite/operations.ts';
import { createSqliteStore } from '../../../server/store/sqlite/sqlite-store.ts';
import type { State } from '../../../server/store/sqlite/state.ts';
import { StoreUnavailableError } from '../../../server/store/status.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { claimRequest, finishRequest, fireRequest, fireSlot, ownerIn } from '../contract/build.ts';
import { inside, NOW, wireTask } from './inside.ts';

/** A full disk: SQLite is told that the file may not grow. */
function fillDisk(db: SqlDb): void {
  const pages = Number(db.prepare('PRAGMA page_count').get()?.page_count);
  db.exec(`PRAGMA max_page_count = ${pages}`);
}

it('rejects the whole batch when the disk is full, writes nothing, and goes on when there is room', (t) => {
  const { db, run, runner } = inside(tempDir(t));
  const ownerId = ownerIn();
  const partition = partitionOfOwner(ownerId);
  const kept = wireTask(ownerId);
  const [created] = run(['createTasks', ownerId, [kept], 10_000]);
  const task = created?.value[0].task;
  const slots = [1, 2, 3].map((k) => fireSlot(NOW - 10_000 + k * 1_000));
  run(['fireSlots', partition, [fireRequest(task, slots)]]);
  const claim = claimRequest(1);
  const [first] = run(['claimRuns', partition, claim]);
  const leased = first?.value[0];

  fillDisk(db);
  const rejected = claimRequest(10);
  const big = Array.from({ length: 100 }, () => wireTask(ownerId));
  const answers = run(
    ['finishRuns', partition, [finishRequest(leased)]],
    ['createTasks', ownerId, big, 10_000],
    ['claimRuns', partition, rejected],
  );
  assert.deepEqual(
    answers.map((answer) => answer.error),
    ['unavailable', 'unavailable', 'unavailable'],
  );
  assert.equal(runner.broken, false, 'the file itself is readable');

  db.exec('PRAGMA max_page_count = 1000000');
  const [tasks] = run(['listTasks', ownerId]);
  assert.equal(tasks?.value.length, 1, 'nothing of the batch is there');
  const [renewed] = run(['renewRuns', [leased]]);
  assert.equal(renewed?.value[0].code, 'renewed', 'the lease of before is still this one');
  const [again] = run(['claimRuns', partition, claim]);
  assert.equal(again?.value.length, 1, 'and its claim may be repeated');
  const [rest] = run(['claimRuns', partition, rejected]);
  assert.equal(rest?.value.length, 2, 'the claim that was rejected may be repeated, and is no repeat');
  const [finished] = run(['finishRuns', partition, [finishRequest(leased)]]);
  assert.equal(finished?.value.finished[0].code, 'finished');
  closeFile({ db });
});

it('takes an operation that throws back alone, and does the others of its batch', (t) => {
  const { db, run, state } = inside(tempDir(t));
  const ownerId = ownerIn();
  const one = wireTask(ownerId);
  const two = wireTask(ownerId);
  const broken = OPERATIONS as unknown as Record<string, (s: State) => unknown>;
  const { deleteTask } = broken;
  broken.deleteTask = (s) => {
    s.wakes.push({ kind: 'due', partition: 0, at: 0 });
    s.db.exec('DELETE FROM task');
    throw new Error('a mistake in a step');
  };
  try {
    const answers = run(
      ['createTasks', ownerId, [one], 10],
      ['deleteTask', one.id],
      ['createTasks', ownerId, [two], 10],
      ['listTasks', ownerId],
    );
    assert.deepEqual(
      answers.map((answer) => answer.error),
      [undefined, 'unexpected', undefined, undefined],
    );
    assert.match(answers[1]?.message ?? '', /a mistake in a step/);
    assert.equal(answers[3]?.value.length, 2);
    assert.deepEqual(state.wakes, []);
  } finally {
    broken.deleteTask = deleteTask!;
  }
  closeFile({ db });
});

it('refuses what would break the data, and does the others of its batch', (t) => {
  const { db, run } = inside(tempDir(t));
  const ownerId = ownerIn();
  const partition = partitionOfOwner(ownerId);
  const task = wireTask(ownerId);
  const backwards = [fireSlot(NOW - 5_000), fireSlot(NOW - 6_000)];
  const cursor = { id: task.id, version: 1, cursorAt: task.cursorAt };
  const answers = run(
    ['createTasks', ownerId, [task], 10],
    ['fireSlots', partition, [fireRequest(cursor, backwards, { nextCursorAt: NOW - 1 })]],
    ['fireSlots', partition, [fireRequest(cursor, [fireSlot(Number.NaN)], { nextCursorAt: NOW - 1 })]],
    ['fireSlots', 16, []],
    ['getTask', task.id],
  );
  assert.deepEqual(
    answers.map((answer) => answer.error),
    [undefined, 'refused', 'refused', 'refused', undefined],
  );
  assert.equal(answers[4]?.value.cursorAt, task.cursorAt);
  closeFile({ db });
});

it('builds queues, leases and numbers anew from the file', (t) => {
  const dir = tempDir(t);
  const before = inside(dir);
  const ownerId = ownerIn();
  const partition = partitionOfOwner(ownerId);
  const [created] = before.run(['createTasks', ownerId, [wireTask(ownerId)], 10]);
  const task = created?.value[0].task;
  const slots = Array.from({ length: 8 }, (_, k) => fireSlot(NOW - 9_000 + k * 1_000));
  before.run(['fireSlots', partition, [fireRequest(task, slots)]]);
  const [claimed] = before.run(['claimRuns', partition, claimRequest(3)]);
  const [one, two] = claimed!.value;
  before.run(['finishRuns', partition, [finishRequest(one, 'retry', { retryInMs: 5_000 })]]);
  before.run(['cancelRun', two.runId]);
  const [told] = before.run(['readEvents', partition, null, 100]);
  closeFile(before);

  const after = inside(dir);
  const [recovered] = after.run(['recoverRuns', partition, { limit: 10, countLosses: true }]);
  assert.deepEqual(recovered?.value.lost.map((run: { state: string }) => run.state).sort(), [
    'cancelled',
    'queued',
  ]);
  assert.equal(recovered?.value.nextAt, NOW + 5_000, 'the retry still waits');
  const [rest] = after.run(['claimRuns', partition, claimRequest(10)]);
  const lost = claimed?.value[2].runId;
  const order = slots.slice(3).map((slot) => `${task.id}:${slot.plannedAt}`);
  assert.deepEqual(
    rest?.value.map((run: { runId: string }) => run.runId),
    [...order, lost],
    'ready in the order of before, the lost one last',
  );
  assert.equal(rest?.value.at(-1).attempt, 2);
  const [more] = after.run(['readEvents', partition, told?.value, 100]);
  assert.equal(more?.value.gap, false, 'a reader goes on where it was');
  const last = new Map<string, number>();
  for (const { topic, seq } of [...told!.value.events, ...more!.value.events]) {
    assert.equal(seq, (last.get(topic) ?? 0) + 1, `${topic} has no hole`);
    last.set(topic, seq);
  }
  closeFile(after);
});

it('deletes what a big task leaves behind in small pieces, and shows none of it', (t) => {
  const { db, run, runner, state } = inside(tempDir(t));
  const ownerId = ownerIn();
  const partition = partitionOfOwner(ownerId);
  const wire = wireTask(ownerId);
  const [created] = run(['createTasks', ownerId, [{ ...wire, cursorAt: 0 }], 10]);
  let task = created?.value[0].task;
  for (let batch = 0; batch < 3; batch++) {
    const slots = Array.from({ length: 1_000 }, (_, k) => fireSlot(task.cursorAt + 1 + k));
    run([
      'fireSlots',
      partition,
      [fireRequest(task, slots, { policy: { ...fireRequest(task, []).policy, overlap: 'skip' } })],
    ]);
    task = run(['getTask', task.id])[0]?.value;
  }
  assert.equal(run(['deleteTask', task.id])[0]?.value, true);
  assert.equal(run(['getRun', `${task.id}:1`])[0]?.value, null);
  assert.deepEqual(run(['listRuns', { ownerId }, { limit: 10 }])[0]?.value, { items: [], more: false });
  assert.deepEqual(run(['claimRuns', partition, claimRequest(10)])[0]?.value, []);
  assert.equal(
    run(['createTasks', ownerId, [wire], 10])[0]?.value[0].code,
    'created',
    'the id is free at once',
  );
  assert.deepEqual(run(['listRuns', { taskId: task.id }, { limit: 10 }])[0]?.value.items, []);
  while (runner.purge(NOW));
  assert.equal(state.purging, false);
  for (const table of ['run', 'verdict', 'day', 'purge']) {
    assert.equal(db.prepare(`SELECT count(*) n FROM ${table}`).get()?.n, 0, table);
  }
  assert.equal(run(['listTasks', ownerId])[0]?.value.length, 1, 'the new task is untouched');
  closeFile({ db });
});

it('rejects within a second when it is not started, stopped, or its thread is gone', async (t) => {
  const dir = tempDir(t);
  const store = createSqliteStore({ dir });
  await assert.rejects(store.getTask('00'), StoreUnavailableError);
  await assert.rejects(store.time(), StoreUnavailableError);
  await store.start({ onWake: () => undefined, onRollback: () => undefined, onHealth: () => undefined });
  const asked = store.listTasks('somebody');
  await store.stop();
  await store.stop();
  assert.deepEqual(await asked, [], 'what was asked before the stop is answered');
  await assert.rejects(store.listTasks('somebody'), StoreUnavailableError);
  await assert.rejects(store.time(), StoreUnavailableError);
  assert.equal(
    openDb(`${dir}/zhundian.db`).prepare("SELECT value FROM meta WHERE key = 'clean'").get()?.value,
    '1',
  );
});

it('does not call the store unavailable because this very event loop was blocked', async (t) => {
  const store = createSqliteStore({ dir: tempDir(t) });
  await store.start({ onWake: () => undefined, onRollback: () => undefined, onHealth: () => undefined });
  const asked = store.listTasks('somebody');
  // Lets the batch go, then holds the loop beyond the second that an answer may take.
  await new Promise((resolve) => setImmediate(resolve));
  const until = performance.now() + 1_300;
  while (performance.now() < until);
  assert.deepEqual(await asked, []);
  await store.stop();
});
