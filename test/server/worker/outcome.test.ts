/** Each way an attempt may end, with each reason it may have been stopped for: what the store is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttemptEnd, decideFinish, type StopReason } from '../../../server/worker/outcome.ts';
import type { JsonValue } from '../../../shared/task.ts';
import { claimedRun } from './support/claimed-run.ts';

const error = { code: 'E', message: 'no' };
const ends: Record<string, AttemptEnd> = {
  ok: { kind: 'answered', outcome: { kind: 'ok', result: { n: 1 } } },
  fail: { kind: 'answered', outcome: { kind: 'fail', error, result: 'f' } },
  retry: { kind: 'answered', outcome: { kind: 'retry', error, result: 'r' } },
  threw: { kind: 'threw', error: new Error('boom') },
  ignored: { kind: 'ignored' },
};
const stops: (StopReason | null)[] = [null, 'timeout', 'cancel', 'release', 'lost'];

/** `outcome/attemptOutcome/code`, with attempts left; behind `|` without. */
const table: Record<string, string[]> = {
  // stopped:  not                               timeout                                              cancel                          release              lost
  ok: [
    'succeeded/succeeded/-',
    'succeeded/succeeded/-',
    'succeeded/succeeded/-',
    'succeeded/succeeded/-',
    'null',
  ],
  fail: [
    'failed/failed/E',
    'retry/timed_out/TIMEOUT|timed_out/timed_out/TIMEOUT',
    'cancelled/cancelled/CANCELLED',
    'released/released/-',
    'null',
  ],
  retry: [
    'retry/failed/E|failed/failed/E',
    'retry/timed_out/TIMEOUT|timed_out/timed_out/TIMEOUT',
    'cancelled/cancelled/CANCELLED',
    'released/released/-',
    'null',
  ],
  threw: [
    'retry/failed/HANDLER_FAILED|failed/failed/HANDLER_FAILED',
    'retry/timed_out/TIMEOUT|timed_out/timed_out/TIMEOUT',
    'cancelled/cancelled/CANCELLED',
    'released/released/-',
    'null',
  ],
  ignored: [
    'retry/failed/HANDLER_FAILED|failed/failed/HANDLER_FAILED',
    'retry/timed_out/TIMEOUT|timed_out/timed_out/TIMEOUT',
    'cancelled/cancelled/CANCELLED',
    'released/released/-',
    'null',
  ],
};

for (const [kind, end] of Object.entries(ends)) {
  for (const [index, stopped] of stops.entries()) {
    test(`${kind}, stopped: ${stopped}`, () => {
      const cell = table[kind]?.[index] as string;
      const [left, none = left] = cell.split('|');
      for (const [failures, expected] of [
        [0, left],
        [2, none],
      ] as const) {
        const finish = decideFinish(claimedRun({ failures }), end, stopped, () => 0.5);
        const said = finish && `${finish.outcome}/${finish.attemptOutcome}/${finish.error?.code ?? '-'}`;
        assert.equal(said ?? 'null', expected, `after ${failures} failures`);
        if (finish === null) continue;
        const { runId, token, fence } = claimedRun();
        assert.deepEqual([finish.runId, finish.token, finish.fence], [runId, token, fence]);
        assert.equal(finish.retryInMs, finish.outcome === 'retry' ? 500 : 0);
      }
    });
  }
}

test('results are kept of what the action answered, and of nothing else', () => {
  const result = (end: AttemptEnd, stopped: StopReason | null = null) =>
    decideFinish(claimedRun(), end, stopped)?.result as JsonValue;
  assert.deepEqual(result(ends.ok!), { n: 1 });
  assert.deepEqual([result(ends.fail!), result(ends.retry!)], ['f', 'r']);
  assert.deepEqual([result(ends.threw!), result(ends.ignored!)], [null, null]);
  assert.equal(result(ends.retry!, 'timeout'), null);
  assert.equal(result({ kind: 'answered', outcome: { kind: 'ok' } }), null);
  assert.equal(result({ kind: 'answered', outcome: { kind: 'fail', error } }), null);
  const long = result({ kind: 'answered', outcome: { kind: 'ok', result: 'x'.repeat(10_000) } });
  assert.ok(Buffer.byteLength(JSON.stringify(long)) <= 4_096, 'cut to what is kept');
});

test('an action says when it wants to be repeated', () => {
  const later: AttemptEnd = { kind: 'answered', outcome: { kind: 'retry', error, afterMs: 7_777 } };
  assert.equal(decideFinish(claimedRun(), later, null)?.retryInMs, 7_777);
  assert.equal(decideFinish(claimedRun({ failures: 2 }), later, null)?.outcome, 'failed');
});

test('until is read from the whole result of a success, however the attempt was stopped', () => {
  const until = { path: '$.order.state', equals: 'paid' };
  const ended = (state: string, kind: 'ok' | 'fail' = 'ok', stopped: StopReason | null = null) => {
    const result = { pad: 'x'.repeat(10_000), order: { state } };
    const outcome = kind === 'ok' ? { kind, result } : { kind, error, result };
    return decideFinish(claimedRun({}, { until }), { kind: 'answered', outcome }, stopped)?.endTask;
  };
  assert.equal(ended('paid'), true);
  assert.equal(ended('paid', 'ok', 'cancel'), true);
  assert.equal(ended('open'), false);
  assert.equal(ended('paid', 'fail'), false, 'a failure ends nothing');
  assert.equal(decideFinish(claimedRun(), ends.ok!, null)?.endTask, false);
});

test('whatever is thrown becomes an error that can be kept', () => {
  const message = (thrown: unknown) =>
    decideFinish(claimedRun(), { kind: 'threw', error: thrown }, null)?.error?.message;
  assert.equal(message(new Error('x'.repeat(600)))?.length, 500);
  assert.equal(message('text'), 'text');
  assert.equal(message(undefined), 'undefined');
  assert.equal(message(Symbol('s')), 'Symbol(s)');
  for (const odd of [
    Object.create(null),
    Object.assign(new Error(), { message: undefined }),
    Object.assign(new Error(), { message: { deep: 1 } }),
    {
      toString: () => {
        throw new Error('no text');
      },
    },
    Object.defineProperty(new Error(), 'message', {
      get: () => {
        throw new Error('no message');
      },
    }),
  ]) {
    assert.equal(typeof message(odd), 'string');
  }
  const bad = { code: undefined, message: 5 } as never;
  const finish = decideFinish(
    claimedRun(),
    { kind: 'answered', outcome: { kind: 'fail', error: bad } },
    null,
  );
  assert.deepEqual(finish?.error, { code: 'HANDLER_FAILED', message: '5' });
  const none = decideFinish(claimedRun(), { kind: 'answered', outcome: { kind: 'fail' } as never }, null);
  assert.equal(none?.error?.code, 'HANDLER_FAILED');
});

test('a result that cannot be read is a success all the same, and meets no until', () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const getter = {
    get x(): never {
      throw new Error('mine');
    },
  };
  for (const result of [cycle, getter] as never[]) {
    const answered: AttemptEnd = { kind: 'answered', outcome: { kind: 'ok', result } };
    const finish = decideFinish(claimedRun({}, { until: { path: '$.x', equals: 1 } }), answered, null);
    assert.deepEqual(
      [finish?.outcome, finish?.endTask, finish?.result],
      ['succeeded', false, { truncated: true, bytes: 0, head: '' }],
    );
  }
});

test('a retry policy of one attempt ends with the first failure', () => {
  const once = decideFinish(claimedRun({}, { retry: { maxAttempts: 1 } }), ends.threw!, null);
  assert.equal(once?.outcome, 'failed');
  const timeout = decideFinish(
    claimedRun({ timeoutMs: 77 }, { retry: { maxAttempts: 1 } }),
    ends.threw!,
    'timeout',
  );
  assert.deepEqual([timeout?.outcome, timeout?.error?.message], ['timed_out', 'took longer than 77 ms']);
});
