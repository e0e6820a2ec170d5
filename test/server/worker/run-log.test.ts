/** Log lines and progress of an attempt: bundled, bounded, and never a reason for a run to fail. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { StoredLogLine } from '../../../server/store/requests.ts';
import type { Store } from '../../../server/store/store.ts';
import { createRunLog } from '../../../server/worker/run-log.ts';
import { claimedRun } from './support/claimed-run.ts';

interface Sent {
  runId: string;
  lease: { token: string; fence: number };
  lines: StoredLogLine[];
  progress: number | null;
}

function open(t: TestContext, answer: () => Promise<boolean> = async () => true) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sent: Sent[] = [];
  const store = {
    appendRunLog(runId: string, lease: Sent['lease'], lines: StoredLogLine[], progress: number | null) {
      sent.push({ runId, lease, lines, progress });
      return answer();
    },
  } as Store;
  let now = 50;
  const log = createRunLog(claimedRun({ attempt: 3 }), store, { now: () => now++ });
  return { ...log, sent, tick: (ms: number) => t.mock.timers.tick(ms) };
}

test('lines and progress of 200 ms go out together, with the lease', (t) => {
  const { log, progress, sent, tick } = open(t);
  log('one');
  log('two', 'warn');
  progress(10);
  progress(33.4);
  tick(199);
  assert.equal(sent.length, 0);
  tick(1);
  const { runId, token, fence } = claimedRun();
  assert.deepEqual(sent, [
    {
      runId,
      lease: { token, fence },
      lines: [
        { at: 50, attempt: 3, level: 'info', text: 'one' },
        { at: 51, attempt: 3, level: 'warn', text: 'two' },
      ],
      progress: 33,
    },
  ]);
  tick(10_000);
  assert.equal(sent.length, 1, 'nothing to say, nothing sent');
  log('three');
  tick(200);
  assert.deepEqual([sent[1]?.lines.length, sent[1]?.progress], [1, null]);
});

test('at most five times a second, however much is logged', (t) => {
  const { log, sent, tick } = open(t);
  for (let ms = 0; ms < 1_000; ms += 5) {
    log('x');
    tick(5);
  }
  assert.equal(sent.length, 5);
  assert.equal(
    sent.reduce((sum, { lines }) => sum + lines.length, 0),
    200,
  );
});

test('what is left goes out before the finish, once', (t) => {
  const { log, flush, sent, tick } = open(t);
  flush();
  assert.equal(sent.length, 0);
  log('last words');
  flush();
  assert.equal(sent.length, 1);
  tick(1_000);
  assert.equal(sent.length, 1);
});

test('long lines are cut, and of too many the newest are kept', (t) => {
  const { log, flush, sent } = open(t);
  for (let n = 0; n < 1_005; n += 1) log(n === 1_004 ? 'x'.repeat(5_000) : `${n}`);
  flush();
  const texts = sent[0]?.lines.map(({ text }) => text) as string[];
  assert.deepEqual([texts.length, texts[0], texts.at(-1)?.length], [1_000, '5', 1_000]);
});

test('progress is a whole number from 0 to 100; what is no number is left out', (t) => {
  const { progress, flush, sent } = open(t);
  for (const value of [-5, 250, 66.6, Number.NaN, Number.POSITIVE_INFINITY, undefined as never]) {
    progress(value);
    flush();
  }
  assert.deepEqual(
    sent.map((one) => one.progress),
    [0, 100, 67],
  );
});

test('what is logged is made text, and a store that is away harms nobody', async (t) => {
  const { log, flush, sent } = open(t, () => Promise.reject(new Error('away')));
  for (const odd of [undefined, null, 7, { a: 1 }]) log(odd as never);
  flush();
  await Promise.resolve();
  assert.deepEqual(
    sent[0]?.lines.map(({ text }) => text),
    ['undefined', 'null', '7', '[object Object]'],
  );
});
