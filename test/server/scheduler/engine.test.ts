/** The whole engine on an embedded store, in real time: from a slot to its verdict and the end of its run. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import type { ActionContext, ActionOutcome } from '../../../server/actions/action.ts';
import { ok } from '../../../server/actions/action.ts';
import { createEngine } from '../../../server/engine.ts';
import { hostClock } from '../../../server/lib/clock.ts';
import { createStoreClock } from '../../../server/scheduler/store-clock.ts';
import { createHistoryService } from '../../../server/tasks/history-service.ts';
import {
  type Embedded,
  logger,
  makeTask,
  openEmbedded,
  presentStore,
  readTask,
  runsOf,
} from '../../helpers/engine-harness.ts';

const realTime = { now: hostClock.now, advance: () => assert.fail('nobody moves this clock') };

function engineOn(bench: Embedded, act: (context: ActionContext) => Promise<ActionOutcome>, id = 'server1') {
  const store = presentStore(bench);
  const events = new EventEmitter();
  const fatal: number[] = [];
  const engine = createEngine({
    config: { redisUrl: null, leaseMs: 5_000, workerConcurrency: 2, shutdownGraceMs: 200 },
    store,
    clock: createStoreClock({ store, host: hostClock, monotonicMs: () => performance.now(), logger }),
    actions: { run: (_action, context) => act(context) },
    http: { request: () => assert.fail('no calls in this test') },
    logger,
    id,
    onFatal(code) {
      fatal.push(code);
      events.emit('fatal');
    },
  });
  bench.onWake.add((wake) => engine.onWake(wake));
  return { engine, fatal, events };
}

test('slots are fired and run on time, and every one has its verdict when the engine has stopped', async (t) => {
  const bench = await openEmbedded(t, realTime);
  const done = new EventEmitter();
  const starts: number[] = [];
  const { engine } = engineOn(bench, async ({ plannedAt }) => {
    starts.push(hostClock.now() - plannedAt);
    if (starts.length === 3) done.emit('three');
    return ok();
  });
  await engine.start();
  const three = once(done, 'three');
  const now = hostClock.now();
  const schedule = { kind: 'every', everyMs: 1_000, anchorAt: now + 300, maxSlots: 3 } as const;
  const task = await makeTask(bench.store, now, schedule);
  await three;
  await engine.settled();
  await engine.stop();
  assert.ok(
    starts.every((ms) => ms >= 0 && ms < 1_000),
    `late by ${starts}`,
  );
  assert.equal((await readTask(bench.store, task.id)).state, 'ended');
  const history = createHistoryService({ store: bench.store, clock: hostClock });
  const audit = await history.audit('owner', task.id, {});
  assert.deepEqual([audit.ok, audit.planned, audit.fired], [true, 3, 3]);
  const states = (await runsOf(bench.store, task.id)).map(({ state }) => state);
  assert.deepEqual(states, ['succeeded', 'succeeded', 'succeeded']);
  const other = { id: 'other', roles: [], startedAt: 0 };
  assert.deepEqual(await bench.store.beat(other, 1), [other], 'it said good-bye');
});

test('a server that is lost in the middle of a run: the next boot runs it again, what the first says later is refused', async (t) => {
  const bench = await openEmbedded(t, realTime);
  const begun = new EventEmitter();
  const first = engineOn(bench, () => {
    begun.emit('run');
    return new Promise(() => undefined);
  });
  await first.engine.start();
  const now = hostClock.now();
  const running = once(begun, 'run');
  const task = await makeTask(bench.store, now, { kind: 'at', at: now + 100 });
  await running;
  // The store is started anew: the first server's lease was of another boot.
  await bench.reopen();
  const second = engineOn(
    bench,
    async ({ attempt }) => {
      begun.emit('again', attempt);
      return ok(attempt);
    },
    'server2',
  );
  const again = once(begun, 'again');
  await second.engine.start();
  assert.deepEqual(await again, [2]);
  await second.engine.settled();
  await first.engine.stop();
  await second.engine.stop();
  const [run] = await runsOf(bench.store, task.id);
  const outcomes = run?.attempts.map(({ outcome }) => outcome);
  assert.deepEqual([run?.state, run?.result, outcomes], ['succeeded', 2, ['lost', 'succeeded']]);
});

test('half of the worker held by an action that ignores its signal: not ready, and a restart is asked for', async (t) => {
  const bench = await openEmbedded(t, realTime);
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { engine, fatal, events } = engineOn(bench, async () => {
    await opened;
    return ok();
  });
  await engine.start();
  assert.equal(engine.notReady(), null);
  const asked = once(events, 'fatal');
  const now = hostClock.now();
  const policy = { timeoutMs: 20, retry: { maxAttempts: 1 } };
  const task = await makeTask(bench.store, now, { kind: 'at', at: now + 20 }, policy);
  await asked;
  await engine.settled();
  assert.equal((await runsOf(bench.store, task.id))[0]?.state, 'timed_out');
  assert.deepEqual(fatal, [75]);
  assert.match(engine.notReady() as string, /ignore their signal/);
  open();
  await engine.stop();
});
