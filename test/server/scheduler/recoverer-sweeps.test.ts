/** When the recoverer sweeps, and when it forgives: with answers that the test writes. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createRecoverer } from '../../../server/scheduler/recoverer.ts';
import type { RecoverAnswer } from '../../../server/store/requests.ts';
import type { Store } from '../../../server/store/store.ts';
import { logger, manualClock } from '../../helpers/engine-harness.ts';

const LEASE_MS = 5_000;
const calm = async (): Promise<RecoverAnswer> => ({ lost: [], promoted: 0, nextAt: null });
const away = () => Promise.reject(new Error('away'));

/** Owns two of the partitions. */
function scripted(t: TestContext, kind: Store['kind'] = 'redis') {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = manualClock(0);
  const asked: { partition: number; countLosses: boolean; limit: number }[] = [];
  const ready: number[] = [];
  let answer: (partition: number) => Promise<RecoverAnswer> = calm;
  const recoverer = createRecoverer({
    store: {
      kind,
      recoverRuns(partition: number, { countLosses, limit }: { countLosses: boolean; limit: number }) {
        asked.push({ partition, countLosses, limit });
        return answer(partition);
      },
    } as Store,
    clock,
    presence: { owns: (partition: number) => partition < 2 } as never,
    leaseMs: LEASE_MS,
    logger,
    onReady: (partition) => ready.push(partition),
  });
  return {
    recoverer,
    asked,
    ready,
    clock,
    answer: (next: typeof answer) => {
      answer = next;
    },
    async pass(ms: number) {
      clock.advance(ms);
      t.mock.timers.tick(ms);
      for (let n = 0; n < 20; n += 1) await Promise.resolve();
    },
  };
}

test('after an outage it waits one lease, forgives the next losses, and then counts again', async (t) => {
  const { recoverer, asked, clock } = scripted(t);
  await recoverer.runOnce();
  recoverer.onStoreBack();
  clock.advance(LEASE_MS - 1);
  assert.equal(await recoverer.runOnce(), 0);
  assert.equal(asked.length, 2, 'only before the outage, one call for each of its partitions');
  clock.advance(1);
  await recoverer.runOnce();
  await recoverer.runOnce();
  assert.deepEqual(
    asked.map(({ countLosses }) => countLosses),
    [true, true, false, false, true, true],
  );
});

test('a sweep that fails does not use up the forgiveness, nor does one that was under way', async (t) => {
  const { recoverer, asked, clock, answer } = scripted(t);
  recoverer.onStoreBack();
  clock.advance(LEASE_MS);
  answer(away);
  await assert.rejects(recoverer.runOnce());
  let back = () => {};
  const during = new Promise<void>((resolve) => {
    back = resolve;
  });
  answer(async () => {
    await during;
    return calm();
  });
  const sweep = recoverer.runOnce();
  recoverer.onStoreBack();
  back();
  await sweep;
  answer(calm);
  clock.advance(LEASE_MS);
  await recoverer.runOnce();
  await recoverer.runOnce();
  assert.deepEqual(
    asked.map(({ countLosses }) => countLosses),
    [...Array.from({ length: 6 }, () => false), true, true],
  );
});

test('one partition of a cluster that was away gets one lease of its own; the other is swept all the while', async (t) => {
  const { recoverer, asked, clock, answer } = scripted(t);
  const sweepsOf = async (partition: number) => {
    const seen = asked.length;
    await recoverer.runOnce().catch(() => undefined);
    return asked.slice(seen).filter((one) => one.partition === partition);
  };
  await recoverer.runOnce();
  answer((partition) => (partition === 0 ? away() : calm()));
  clock.advance(LEASE_MS / 2);
  assert.equal((await sweepsOf(1)).length, 1);
  answer(calm);
  assert.deepEqual(
    await sweepsOf(0),
    [{ partition: 0, countLosses: true, limit: 100 }],
    'too short to matter',
  );
  answer((partition) => (partition === 0 ? away() : calm()));
  clock.advance(LEASE_MS / 2 + 1);
  await recoverer.runOnce().catch(() => undefined);
  answer(calm);
  assert.deepEqual(
    (await sweepsOf(0)).map(({ limit }) => limit),
    [0],
    'it answers: nothing is taken back yet',
  );
  clock.advance(LEASE_MS - 1);
  assert.deepEqual(await sweepsOf(0), []);
  assert.equal((await sweepsOf(1)).length, 1);
  clock.advance(1);
  assert.deepEqual(await sweepsOf(0), [{ partition: 0, countLosses: false, limit: 100 }]);
  assert.deepEqual(await sweepsOf(0), [{ partition: 0, countLosses: true, limit: 100 }]);
  assert.ok(asked.every(({ partition, countLosses }) => partition === 0 || countLosses));
});

test('embedded leases do not end while the store is away: nothing to wait for', async (t) => {
  const { recoverer, asked } = scripted(t, 'embedded');
  recoverer.onStoreBack();
  await recoverer.runOnce();
  assert.deepEqual(
    asked.map(({ countLosses }) => countLosses),
    [true, true],
  );
});

test('the loop sweeps its own partitions, goes on after errors, and ends with stop', async (t) => {
  const { recoverer, asked, pass, answer } = scripted(t);
  await recoverer.start();
  await pass(899);
  assert.equal(asked.length, 0);
  await pass(1);
  assert.deepEqual(
    asked.map(({ partition }) => partition),
    [0, 1],
  );
  answer(away);
  await pass(900);
  await pass(900);
  assert.equal(asked.length, 6);
  await recoverer.stop();
  await pass(10_000);
  assert.equal(asked.length, 6);
});

test('a retry before the next sweep has a timer of its own, the earliest counts', async (t) => {
  const { recoverer, asked, ready, pass, answer, clock } = scripted(t);
  recoverer.onRetryAt(0, clock.now() + 10);
  await pass(100);
  assert.equal(asked.length, 0, 'not before the start');
  await recoverer.start();
  answer(async () => ({ lost: [], promoted: 1, nextAt: null }));
  recoverer.onRetryAt(1, clock.now() + 300);
  recoverer.onRetryAt(1, clock.now() + 200);
  recoverer.onRetryAt(1, clock.now() + 250);
  recoverer.onRetryAt(0, clock.now() + 5_000);
  await pass(199);
  assert.deepEqual(ready, []);
  await pass(1);
  assert.deepEqual([ready, asked.map(({ partition }) => partition)], [[1], [1]]);
  await pass(600);
  assert.equal(asked.length, 1);
  await recoverer.stop();
});

test('a full step is followed by another at once', async (t) => {
  const { recoverer, asked, answer } = scripted(t);
  const lost = Array.from({ length: 60 }, (_, n) => ({
    runId: `00a:${n}`,
    taskId: '00a',
    state: 'queued' as const,
  }));
  let answers = 0;
  answer(async () => {
    answers += 1;
    return answers <= 2 ? { lost, promoted: 40, nextAt: 5 } : calm();
  });
  assert.equal(await recoverer.runOnce(), 120);
  assert.deepEqual(
    asked.map(({ partition }) => partition),
    [0, 1, 0, 1],
  );
});
