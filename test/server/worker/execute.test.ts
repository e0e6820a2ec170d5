/** One attempt: its signal, its timeout, the grace after it was told to stop. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { ActionContext, ActionOutcome } from '../../../server/actions/action.ts';
import { ok } from '../../../server/actions/action.ts';
import type { Store } from '../../../server/store/store.ts';
import { execute } from '../../../server/worker/execute.ts';
import { claimedRun } from './support/claimed-run.ts';

/** `act` begins at once; time is the test's. */
function begin(t: TestContext, act: (context: ActionContext) => Promise<ActionOutcome>, timeoutMs = 500) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const execution = execute(claimedRun({ timeoutMs }), {
    actions: { run: (_action, context) => act(context) },
    http: { request: () => assert.fail('no calls in these tests') },
    store: { appendRunLog: async () => true } as unknown as Store,
    clock: { now: () => 0 },
  });
  const seen = { ended: false, returned: false };
  void execution.ended.then(() => {
    seen.ended = true;
  });
  void execution.returned.then(() => {
    seen.returned = true;
  });
  const pass = async (ms: number) => {
    t.mock.timers.tick(ms);
    for (let n = 0; n < 10; n += 1) await Promise.resolve();
  };
  return { execution, seen, pass };
}
const never = () => new Promise<never>(() => undefined);

test('an answer ends it; what comes later changes nothing', async (t) => {
  const { execution, seen, pass } = begin(t, async () => ok(1));
  await pass(0);
  assert.deepEqual(seen, { ended: true, returned: true });
  execution.stop('cancel');
  await pass(10_000);
  assert.deepEqual(await execution.ended, {
    end: { kind: 'answered', outcome: { kind: 'ok', result: 1 } },
    stopped: null,
  });
});

test('an action that throws before its first await ends like any other', async (t) => {
  const { execution, pass } = begin(t, () => {
    throw new Error('at once');
  });
  await pass(0);
  const { end } = await execution.ended;
  assert.equal(end.kind === 'threw' && (end.error as Error).message, 'at once');
});

test('the timeout comes at its millisecond, and tells why', async (t) => {
  let reason: unknown;
  const { execution, pass } = begin(t, async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    reason = signal.reason;
    throw signal.reason;
  });
  await pass(499);
  assert.equal(reason, undefined);
  await pass(1);
  assert.equal(String(reason), 'Error: stopped: timeout');
  assert.equal((await execution.ended).stopped, 'timeout');
});

test('the first reason to stop counts', async (t) => {
  const reasons: string[] = [];
  const { execution, pass } = begin(t, async ({ signal }) => {
    signal.addEventListener('abort', () => reasons.push(String(signal.reason)));
    return never();
  });
  execution.stop('cancel');
  execution.stop('release');
  await pass(500);
  execution.stop('lost');
  await pass(500);
  const { end, stopped } = await execution.ended;
  assert.deepEqual([end.kind, stopped, reasons], ['ignored', 'cancel', ['Error: stopped: cancel']]);
});

test('told to stop, an action has one second; then the attempt ends without it', async (t) => {
  let answer = (_outcome: ActionOutcome) => {};
  const { execution, seen, pass } = begin(
    t,
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  );
  execution.stop('release');
  await pass(999);
  assert.deepEqual(seen, { ended: false, returned: false });
  await pass(1);
  assert.deepEqual(seen, { ended: true, returned: false });
  answer(ok('too late'));
  await pass(0);
  assert.deepEqual(seen, { ended: true, returned: true });
  assert.deepEqual(await execution.ended, { end: { kind: 'ignored' }, stopped: 'release' });
});

test('an answer within that second counts as one', async (t) => {
  const { execution, pass } = begin(t, async ({ signal }) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    await new Promise((resolve) => setTimeout(resolve, 900));
    return ok('made it');
  });
  execution.stop('cancel');
  await pass(0);
  await pass(900);
  const { end, stopped } = await execution.ended;
  assert.deepEqual([end.kind, stopped], ['answered', 'cancel']);
});
