/** What is kept of a long-lived task: verdicts outlive the runs that stood for them, until they are folded. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { partitionOfOwner } from '../../../server/store/ids.ts';
import { RUNS_KEPT_PER_TASK } from '../../../server/store/limits.ts';
import type { RunRecord, SlotDecision, VerdictRecord } from '../../../server/store/records.ts';
import { closeFile } from '../../../server/store/sqlite/open-file.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import {
  catchUp,
  claimRequest,
  EVERY_MS,
  finishRequest,
  fireRequest,
  fireSlot,
  ownerIn,
  skip,
} from '../contract/build.ts';
import { inside, NOW, wireTask } from './inside.ts';

const SLOTS = 1_400;

it('keeps each verdict once, in order, while runs are trimmed and folded away', (t) => {
  const { db, run } = inside(tempDir(t));
  const ownerId = ownerIn();
  const partition = partitionOfOwner(ownerId);
  const fromAt = NOW - 10_000_000;
  const [created] = run(['createTasks', ownerId, [{ ...wireTask(ownerId), cursorAt: fromAt - 1 }], 10]);
  let task = created?.value[0].task;
  const expected: Omit<VerdictRecord, 'toAt' | 'count'>[] = [];

  for (let k = 0; k < SLOTS; k++) {
    const at = fromAt + k * EVERY_MS;
    // Days change, so that skips beside each other are records of their own.
    const day = String(20260101 + k);
    const decision: SlotDecision =
      k % 7 === 3 ? skip(at, 'paused', 1, day) : k % 11 === 5 ? catchUp(at, day) : fireSlot(at, day);
    run(['fireSlots', partition, [fireRequest(task, [decision])]]);
    task = { ...task, cursorAt: at };
    const verdict = { fire: 'fired', catch_up: 'caught_up', skip: 'skipped' } as const;
    const reason = decision.kind === 'skip' ? decision.reason : null;
    expected.push({ plannedAt: at, verdict: verdict[decision.kind], reason });
    if (k % 20 !== 0) continue;
    for (;;) {
      const [claimed] = run(['claimRuns', partition, claimRequest(50)]);
      if (claimed?.value.length === 0) break;
      run(['finishRuns', partition, claimed!.value.map((one: never) => finishRequest(one))]);
    }
  }

  const list = (from: number, to: number, options: { limit: number; oldestFirst?: boolean }) =>
    run(['listVerdicts', task.id, from, to, options])[0]!.value.map(
      ({ plannedAt, verdict, reason }: VerdictRecord) => ({ plannedAt, verdict, reason }),
    );
  const runs: RunRecord[] = run(['listRuns', { taskId: task.id }, { limit: 10_000 }])[0]!.value.items;
  assert.ok(
    runs.length >= RUNS_KEPT_PER_TASK && runs.length < RUNS_KEPT_PER_TASK + 100,
    `${runs.length} runs`,
  );
  const toAt = fromAt + SLOTS * EVERY_MS;
  assert.deepEqual(list(0, toAt, { limit: 10_000, oldestFirst: true }), expected);
  assert.deepEqual(list(0, toAt, { limit: 10_000 }), expected.toReversed());
  assert.deepEqual(list(0, toAt, { limit: 7 }), expected.slice(-7).reverse());
  const middle = [fromAt + 640 * EVERY_MS, fromAt + 900 * EVERY_MS] as const;
  assert.deepEqual(list(...middle, { limit: 10_000, oldestFirst: true }), expected.slice(640, 900));
  assert.deepEqual(run(['countVerdicts', task.id])[0]?.value, { records: SLOTS, oldestAt: fromAt });

  const foldAt = fromAt + 1_200 * EVERY_MS;
  const [pruned] = run([
    'pruneTask',
    task.id,
    { foldAt, keepDay: '0', segmentsBeforeAt: 0, runsBeforeAt: 0 },
  ]);
  assert.deepEqual(pruned?.value, { verdicts: 1_200, runs: 0 });
  assert.deepEqual(list(0, toAt, { limit: 10_000, oldestFirst: true }), expected.slice(1_200));
  assert.deepEqual(run(['countVerdicts', task.id])[0]?.value, { records: 200, oldestAt: foldAt });
  const [old] = run([
    'pruneTask',
    task.id,
    { foldAt, keepDay: '0', segmentsBeforeAt: 0, runsBeforeAt: NOW + 1 },
  ]);
  assert.equal(old?.value.verdicts, 0);
  const ended = runs.filter((one) => one.endedAt !== null).length;
  assert.equal(old?.value.runs, Math.min(500, ended), 'at most 500 a call');
  assert.deepEqual(
    list(0, toAt, { limit: 10_000, oldestFirst: true }),
    expected.slice(1_200),
    'without their runs',
  );
  closeFile({ db });
});
