import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClaimedRun } from '../../../server/store/records.ts';
import type { Bench } from './bench.ts';
import { finishRequest, fireSlot, policy, randomId } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

async function renew(bench: Bench, run: Pick<ClaimedRun, 'runId' | 'token' | 'fence'>, leaseMs = 30_000) {
  const { runId, token, fence } = run;
  const [answer, ...others] = await bench.store.renewRuns(
    bench.partition,
    [{ runId, token, fence }],
    leaseMs,
  );
  assert.ok(answer?.runId === runId && others.length === 0, 'one answer for one item');
  return answer.code;
}

export function leasesContract(harness: StoreHarness): void {
  describe('renewRuns', () => {
    it(
      'renews for the holder and says cancelling or lost where it is so, item by item',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          [0, 1, 2, 3].map((k) => fireSlot(bench.slot(k))),
        );
        const [a, b, c, d] = await bench.claim();
        assert.ok(a !== undefined && b !== undefined && c !== undefined && d !== undefined);
        await bench.store.cancelRun(b.runId);
        await bench.finish(c);
        const items = [
          { ...b, leaseMs: undefined },
          a,
          c,
          { ...d, token: randomId() },
          { ...d, fence: d.fence - 1 },
          { ...a, runId: `${task.id}:1` },
          d,
        ].map(({ runId, token, fence }) => ({ runId, token, fence }));
        const answers = await bench.store.renewRuns(bench.partition, items, 30_000);
        assert.deepEqual(
          answers.map((answer) => answer.code),
          ['cancelling', 'renewed', 'lost', 'lost', 'lost', 'lost', 'renewed'],
          'cancelling, held, ended, other token, other fence, unknown, held',
        );
        assert.deepEqual(
          answers.map((answer) => answer.runId),
          items.map((item) => item.runId),
        );
        assert.deepEqual(await bench.states([a.runId, d.runId]), ['running', 'running']);
      }),
    );

    it(
      'answers lost to a worker whose run was taken over, ready again or with its next worker',
      onBench(harness, async (bench) => {
        const former = await bench.running();
        await bench.loseLeases([former.runId]);
        assert.equal(await renew(bench, former), 'lost', 'ready again');
        const present = await bench.claimOne();
        assert.equal(await renew(bench, former), 'lost', 'with its next worker');
        assert.equal(await renew(bench, present), 'renewed');
      }),
    );

    it(
      'leaves no event and no trace in the run',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        const before = [await bench.run(run.runId), await bench.read(run.taskId), await bench.events()];
        assert.equal(await renew(bench, run), 'renewed');
        assert.deepEqual(
          [await bench.run(run.runId), await bench.read(run.taskId), await bench.events()],
          before,
        );
      }),
    );

    // Leases of this boot never expire by time in an embedded store: nothing to see there.
    if (harness.leasesExpire === 'time') {
      it(
        'prolongs a lease, so that nobody takes it at its former end',
        onBench(harness, async (bench) => {
          const run = await bench.running();
          assert.equal(await renew(bench, run, 60_000), 'renewed');
          await bench.until(run.startedAt + 200);
          const { lost } = await bench.store.recoverRuns(bench.partition, { limit: 100, countLosses: true });
          assert.deepEqual(lost, []);
          assert.deepEqual(await bench.states([run.runId]), ['running']);
        }),
      );

      it(
        'renews and finishes an expired lease that nobody took yet',
        onBench(harness, async (bench) => {
          const [a, b] = [await bench.running(), await bench.running()];
          await bench.until(b.startedAt + 100);
          assert.equal(await renew(bench, a), 'renewed');
          assert.equal((await bench.tryFinish(finishRequest(b))).code, 'finished');
          const { lost } = await bench.store.recoverRuns(bench.partition, { limit: 100, countLosses: true });
          assert.deepEqual(lost, [], 'nothing is left to take back');
        }),
      );

      it(
        'never prolongs beyond the deadline of the run',
        onBench(harness, async (bench) => {
          const task = await bench.task();
          await bench.fire(task.id, [fireSlot(bench.slot(0))], { policy: policy('skip', { timeoutMs: 1 }) });
          const run = await bench.claimOne({ leaseMs: 1_000 });
          await renew(bench, run, 3_600_000);
          const { nextAt } = await bench.store.recoverRuns(bench.partition, {
            limit: 100,
            countLosses: true,
          });
          assert.ok(
            nextAt !== null && nextAt <= run.deadlineAt,
            `looked at again by ${run.deadlineAt}: ${nextAt}`,
          );
        }),
      );
    }
  });
}
