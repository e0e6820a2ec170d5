import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FinishRequest } from '../../../server/store/requests.ts';
import type { Bench } from './bench.ts';
import { askedRun, finishRequest, fireSlot, randomId } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

/** The finish is answered with one of the codes and leaves no trace. */
async function leavesNoTrace(
  bench: Bench,
  request: FinishRequest,
  codes: string[],
  why: string,
): Promise<void> {
  const before = [await bench.store.getRun(request.runId), await bench.events()];
  const answer = await bench.tryFinish(request);
  assert.ok(codes.includes(answer.code), `${why}: ${answer.code} instead of ${codes.join(' or ')}`);
  assert.equal(answer.runId, request.runId, why);
  assert.deepEqual(
    [await bench.store.getRun(request.runId), await bench.events()],
    before,
    `${why}: nothing changed`,
  );
}

export function finishRefusedContract(harness: StoreHarness): void {
  describe('finishRuns: repeats and strangers', () => {
    for (const [outcome, state] of [
      ['succeeded', 'succeeded'],
      ['failed', 'failed'],
      ['retry', 'retry_wait'],
      ['released', 'queued'],
    ] as const) {
      it(
        `${outcome} repeated by the one who said it: already_done`,
        onBench(harness, async (bench) => {
          const request = finishRequest(await bench.running(), outcome, { retryInMs: 60_000 });
          assert.equal((await bench.tryFinish(request)).code, 'finished');
          const task = await bench.read(request.runId.split(':')[0] as string);
          for (const time of ['first', 'second']) {
            await leavesNoTrace(bench, request, ['already_done'], `${time} repeat`);
          }
          const answer = await bench.tryFinish(request);
          assert.ok(answer.code === 'already_done' && answer.state === state, 'with the state it led to');
          assert.deepEqual(await bench.read(task.id), task, 'nothing is counted twice');
        }),
      );
    }

    it(
      'a cancelled end repeated: already_done',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        await bench.store.cancelRun(run.runId);
        const request = finishRequest(run, 'retry', { retryInMs: 60_000 });
        assert.deepEqual(await bench.tryFinish(request), {
          code: 'finished',
          runId: run.runId,
          state: 'cancelled',
        });
        assert.deepEqual(await bench.tryFinish(request), {
          code: 'already_done',
          runId: run.runId,
          state: 'cancelled',
        });
      }),
    );

    it(
      'an ended run keeps its first end, whatever the same worker says later',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        await bench.finish(run, 'succeeded');
        const codes = ['already_done', 'refused'];
        for (const outcome of ['failed', 'retry', 'released', 'timed_out'] as const) {
          await leavesNoTrace(bench, finishRequest(run, outcome), codes, outcome);
        }
      }),
    );

    for (const [outcome, state] of [
      ['succeeded', 'succeeded'],
      ['retry', 'retry_wait'],
    ] as const) {
      it(
        `a run twice in one batch, ${outcome} first: it ends once`,
        onBench(harness, async (bench) => {
          const run = await bench.running();
          const first = finishRequest(run, outcome, { retryInMs: 60_000 });
          const { finished } = await bench.store.finishRuns(bench.partition, [
            first,
            finishRequest(run, 'succeeded'),
            first,
          ]);
          assert.deepEqual(finished, [
            { code: 'finished', runId: run.runId, state },
            { code: 'already_done', runId: run.runId, state },
            { code: 'already_done', runId: run.runId, state },
          ]);
          const record = await bench.store.getRun(run.runId);
          assert.equal(record?.state, state);
          assert.equal(record?.attempts.length, 1);
        }),
      );
    }

    it(
      'another token or fence: refused, running or ended',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        const strangers = (when: string) =>
          Promise.all([
            leavesNoTrace(bench, finishRequest({ ...run, token: randomId() }), ['refused'], `${when}: token`),
            leavesNoTrace(
              bench,
              finishRequest({ ...run, fence: run.fence - 1 }),
              ['refused'],
              `${when}: fence`,
            ),
            leavesNoTrace(
              bench,
              finishRequest({ ...run, fence: run.fence + 1 }),
              ['refused'],
              `${when}: next fence`,
            ),
          ]);
        await strangers('running');
        await bench.finish(run);
        await strangers('ended');
      }),
    );

    it(
      'a run that was never handed out: refused',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const asked = await bench.ask(askedRun(task.id));
        const request = finishRequest({ runId: asked.id, token: randomId(), fence: 1 });
        await leavesNoTrace(bench, request, ['refused'], 'no lease');
      }),
    );

    it(
      'a run taken over: the former worker writes nothing, before or after the next claim',
      onBench(harness, async (bench) => {
        const former = await bench.running();
        await bench.loseLeases([former.runId]);
        await leavesNoTrace(bench, finishRequest(former), ['refused'], 'ready again');
        const present = await bench.claimOne();
        assert.equal(present.runId, former.runId);
        assert.ok(present.fence > former.fence, 'a higher fence');
        await leavesNoTrace(bench, finishRequest(former), ['refused'], 'with its next worker');
        await bench.finish(present);
        await leavesNoTrace(bench, finishRequest(former), ['refused'], 'ended by the next worker');
      }),
    );

    it(
      'a repeat after the retry went on: nothing changes',
      onBench(harness, async (bench) => {
        const request = finishRequest(await bench.running(), 'retry');
        await bench.tryFinish(request);
        await bench.promoteRetries(1);
        // Both answers are true of it: it was applied before, and another lease may have it.
        const codes = ['already_done', 'refused'];
        await leavesNoTrace(bench, request, codes, 'ready again');
        const second = await bench.claimOne();
        await leavesNoTrace(bench, request, codes, 'running again');
        await bench.finish(second);
      }),
    );

    it(
      'an unknown run: gone',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        const request = finishRequest({ runId: `${task.id}:1`, token: randomId(), fence: 1 });
        assert.deepEqual(await bench.tryFinish(request), { code: 'gone', runId: request.runId });
      }),
    );

    it(
      'judges the items of a batch one by one, in the order asked',
      onBench(harness, async (bench) => {
        const task = await bench.task();
        await bench.fire(
          task.id,
          [0, 1, 2].map((k) => fireSlot(bench.slot(k))),
        );
        const [a, b, c] = await bench.claim();
        assert.ok(a !== undefined && b !== undefined && c !== undefined);
        const unknown = { ...a, runId: `${task.id}:1` };
        const items = [
          finishRequest(b, 'failed'),
          finishRequest(unknown),
          finishRequest({ ...a, fence: a.fence - 1 }),
          finishRequest(b, 'failed'),
          finishRequest(c),
        ];
        const { finished } = await bench.store.finishRuns(bench.partition, items);
        assert.deepEqual(finished, [
          { code: 'finished', runId: b.runId, state: 'failed' },
          { code: 'gone', runId: unknown.runId },
          { code: 'refused', runId: a.runId },
          { code: 'already_done', runId: b.runId, state: 'failed' },
          { code: 'finished', runId: c.runId, state: 'succeeded' },
        ]);
        assert.deepEqual(await bench.states([a.runId]), ['running'], 'the refused one still runs');
      }),
    );
  });
}
