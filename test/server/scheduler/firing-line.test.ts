/** What is due goes out in waves, owners in turn, finishes after it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FireDeps } from '../../../server/scheduler/fire-due.ts';
import { createFiringLine } from '../../../server/scheduler/firing-line.ts';
import { createLookahead, type Entry } from '../../../server/scheduler/lookahead.ts';
import type { FireAnswer, FireRequest } from '../../../server/store/requests.ts';
import type { Store } from '../../../server/store/store.ts';
import { logger, noClaims } from '../../helpers/engine-harness.ts';
import { taskRecord } from './support/task-record.ts';

/** A store that keeps its answers back until it is told; a line before it, and what was held when. */
function bench() {
  const lookahead = createLookahead();
  const sent: string[][] = [];
  const holds: boolean[] = [];
  let answers: (() => void)[] = [];
  let answered = 0;
  const fireSlots = (_partition: number, fires: FireRequest[]) =>
    new Promise<{ fires: FireAnswer[]; claimed: [] }>((resolve) => {
      sent.push(fires.map(({ taskId }) => taskId));
      const fired = fires.map(
        ({ taskId }): FireAnswer => ({ code: 'fired', taskId, ready: [], runs: 1, skipped: 0 }),
      );
      answers.push(() => resolve({ fires: fired, claimed: [] }));
    });
  const deps: FireDeps & { onAnswered: () => void } = {
    store: { fireSlots } as Partial<Store> as Store,
    clock: { now: () => 10_000 },
    lookahead,
    claims: { ...noClaims, holdFinishes: (hold) => void holds.push(hold) },
    logger,
    sayRepeated: logger.warn.bind(logger),
    onAnswered: () => {
      answered += 1;
    },
  };
  return {
    sent,
    holds,
    line: createFiringLine(deps),
    waves: () => answered,
    due(ownerId: string, count: number): Entry[] {
      for (let n = 0; n < count; n += 1) lookahead.offer(taskRecord(`00${ownerId}${n}`, 10_000, { ownerId }));
      return lookahead.takeDue(10_000, count);
    },
    /** Answers what was sent so far, and lets the loop go on. */
    async answer() {
      const now = answers;
      answers = [];
      for (const answer of now) answer();
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    },
    total: () => sent.reduce((sum, step) => sum + step.length, 0),
  };
}

test('a few are sent in the same turn of the loop, and no finish is held for them', async () => {
  const { line, due, sent, holds, answer, waves } = bench();
  line.join(due('a', 3));
  assert.deepEqual(
    sent.map((step) => [...step].sort()),
    [['00a0', '00a1', '00a2']],
  );
  line.join(due('b', 1));
  assert.equal(sent.length, 2, 'and what comes next does not wait for their answers');
  await answer();
  await line.settled();
  assert.deepEqual([holds, waves()], [[], 2]);
});

test('thousands go in waves: few at a time, finishes held until the last is sent', async () => {
  const { line, due, holds, answer, total } = bench();
  line.join(due('a', 2_000));
  assert.equal(total(), 400);
  assert.deepEqual(holds, [true]);
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(total(), 800, 'two waves are under way, the others wait for an answer');
  for (const most of [1_600, 2_000]) {
    await answer();
    assert.ok(total() <= most && total() > most - 800, `${total()}`);
  }
  while (total() < 2_000) await answer();
  assert.deepEqual(holds, [true, false], 'the last is sent, though not answered');
  await answer();
  await line.settled();
});

test('one who comes while thousands of another wait is in the next wave', async () => {
  const { line, due, sent, answer, total } = bench();
  line.join(due('a', 2_000));
  line.join(due('b', 1));
  assert.equal(total(), 400);
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(sent.slice(4).flat().indexOf('00b0') <= 1, 'first or second of the second wave');
  while (total() < 2_001) await answer();
  await answer();
  await line.settled();
});

test('after a stop nothing more is sent, and what is under way is waited for', async () => {
  const { line, due, answer, total } = bench();
  line.join(due('a', 2_000));
  let stopped = false;
  const stop = line.stop().then(() => {
    stopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(stopped, false);
  await answer();
  await stop;
  line.join(due('b', 1));
  assert.equal(total(), 400);
});
