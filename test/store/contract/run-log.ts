import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LOG_BYTES_KEPT, LOG_LINES_KEPT } from '../../../server/store/limits.ts';
import type { StoredLogLine } from '../../../server/store/requests.ts';
import { randomId } from './build.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

const lines = (from: number, count: number, text = (k: number) => `line ${k}`): StoredLogLine[] =>
  Array.from({ length: count }, (_, k) => ({
    at: 1_000 + from + k,
    attempt: 1,
    level: 'info',
    text: text(from + k),
  }));

export function runLogContract(harness: StoreHarness): void {
  describe('appendRunLog', () => {
    it(
      'keeps lines in order, and the progress last said',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        const first: StoredLogLine[] = [
          { at: 5, attempt: 1, level: 'warn', text: '第一行 "\\\n🙂\u0000' },
          { at: 5, attempt: 1, level: 'error', text: '' },
        ];
        assert.equal(await bench.store.appendRunLog(run.runId, run, first, 10), true);
        assert.equal(await bench.store.appendRunLog(run.runId, run, [], 33.5), true, 'progress alone');
        assert.equal((await bench.run(run.runId)).progress, 33.5);
        assert.equal(await bench.store.appendRunLog(run.runId, run, lines(0, 3), null), true, 'lines alone');
        assert.equal((await bench.run(run.runId)).progress, 33.5, 'unchanged');
        assert.equal(await bench.store.appendRunLog(run.runId, run, [], 0), true);
        assert.equal((await bench.run(run.runId)).progress, 0);
        assert.deepEqual(await bench.store.listRunLog(run.runId), [...first, ...lines(0, 3)]);
      }),
    );

    it(
      'keeps the last 1,000 lines',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        for (const [from, count] of [
          [0, 700],
          [700, 700],
          [1_400, 1],
        ] as const) {
          await bench.store.appendRunLog(run.runId, run, lines(from, count), null);
        }
        assert.deepEqual(
          await bench.store.listRunLog(run.runId),
          lines(1_401 - LOG_LINES_KEPT, LOG_LINES_KEPT),
        );
      }),
    );

    for (const [what, filler] of [
      ['Latin text', 'x'],
      ['汉字', '长'],
    ] as const) {
      it(
        `keeps 64 KiB of ${what} at most, the newest`,
        onBench(harness, async (bench) => {
          const run = await bench.running();
          const all = lines(0, 200, (k) => `${k} ${filler.repeat(900 / Buffer.byteLength(filler))}`);
          for (let k = 0; k < 200; k += 50) {
            await bench.store.appendRunLog(run.runId, run, all.slice(k, k + 50), null);
          }
          const kept = await bench.store.listRunLog(run.runId);
          assert.deepEqual(kept, all.slice(200 - kept.length), 'the newest without a hole');
          const bytes = kept.reduce((sum, line) => sum + Buffer.byteLength(line.text), 0);
          assert.ok(bytes <= LOG_BYTES_KEPT, `${bytes} bytes`);
          // Whatever a line costs beside its text, most of the room must be left to text.
          assert.ok(bytes > LOG_BYTES_KEPT / 2, `only ${bytes} bytes`);
        }),
      );
    }

    it(
      'refuses whoever does not hold the lease, and a run that has ended',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        const append = (lease: { token: string; fence: number }, runId = run.runId) =>
          bench.store.appendRunLog(runId, lease, lines(0, 1), 50);
        const { token, fence } = run;
        assert.equal(await append({ token: randomId(), fence }), false, 'another token');
        assert.equal(await append({ token, fence: fence + 1 }), false, 'another fence');
        assert.equal(await append(run, `${run.taskId}:1`), false, 'an unknown run');
        assert.deepEqual(await bench.store.listRunLog(run.runId), [], 'nothing written');
        assert.equal((await bench.run(run.runId)).progress, null);
        await bench.store.cancelRun(run.runId);
        assert.equal(await append(run), true, 'one in cancelling may still say why');
        await bench.finish(run);
        assert.equal(await append(run), false, 'ended');
        assert.equal((await bench.store.listRunLog(run.runId)).length, 1, 'the log stays with the run');
        assert.equal((await bench.run(run.runId)).progress, 50, 'so does its progress');
      }),
    );

    it(
      'goes on with the next attempt; the former worker has no say any more',
      onBench(harness, async (bench) => {
        const former = await bench.running();
        await bench.store.appendRunLog(former.runId, former, lines(0, 2), 80);
        await bench.loseLeases([former.runId]);
        assert.equal(
          await bench.store.appendRunLog(former.runId, former, lines(2, 1), 90),
          false,
          'ready again',
        );
        const present = await bench.claimOne();
        assert.equal(
          await bench.store.appendRunLog(former.runId, former, lines(2, 1), 90),
          false,
          'taken over',
        );
        await bench.store.appendRunLog(present.runId, present, lines(2, 1), null);
        assert.deepEqual(await bench.store.listRunLog(present.runId), lines(0, 3));
      }),
    );

    it(
      'is empty for runs unknown or silent',
      onBench(harness, async (bench) => {
        const run = await bench.running();
        assert.deepEqual(await bench.store.listRunLog(run.runId), []);
        assert.deepEqual(await bench.store.listRunLog(`${run.taskId}:1`), []);
      }),
    );
  });
}
