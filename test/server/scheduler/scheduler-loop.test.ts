/** The loop itself, in real time: it sleeps until the instant, hears wakes, and stops when told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostClock } from '../../../server/lib/clock.ts';
import type { Wake } from '../../../server/store/requests.ts';
import type { Store } from '../../../server/store/store.ts';
import {
  faultyStore,
  makeTask,
  openEmbedded,
  readTask,
  runsOf,
  schedulingServer,
  verdictsOf,
} from '../../helpers/engine-harness.ts';

const realTime = { now: hostClock.now, advance: () => assert.fail('nobody moves this clock') };

/** Resolves once runs of a task are ready. */
function ready(onWake: Set<(wake: Wake) => void>): Promise<void> {
  return new Promise((resolve) => {
    onWake.add((wake) => {
      if (wake.kind === 'ready') resolve();
    });
  });
}

test('a slot in the look-ahead and one announced later fire at their instants', async (t) => {
  const bench = await openEmbedded(t, realTime);
  const { store, onWake } = bench;
  const now = hostClock.now();
  const known = await makeTask(store, now, { kind: 'at', at: now + 400 });
  const { scheduler } = await schedulingServer(bench);
  await scheduler.start();
  t.after(() => scheduler.stop());
  const announced = await makeTask(store, now, { kind: 'at', at: now + 200 }, {}, 'another owner');
  for (const [task, at] of [
    [announced, now + 200],
    [known, now + 400],
  ] as const) {
    if ((await verdictsOf(store, task.id)).length === 0) await ready(onWake);
    const [run] = await runsOf(store, task.id);
    assert.equal(run?.verdict, 'fired');
    const lateByMs = (run?.createdAt as number) - at;
    assert.ok(lateByMs >= 0 && lateByMs < 1_000, `${lateByMs} ms late`);
  }
  assert.ok(scheduler.state().lastPassAt >= now + 400);
});

test('a stop waits for the step under way, and nothing fires after it', async (t) => {
  const bench = await openEmbedded(t, realTime);
  const now = hostClock.now();
  const task = await makeTask(bench.store, now, { kind: 'every', everyMs: 1_000, anchorAt: now + 50 });
  let under = () => {};
  const underWay = new Promise<void>((resolve) => {
    under = resolve;
  });
  let answered = false;
  const watched: Store = new Proxy(bench.store, {
    get(target, name: keyof Store) {
      const member = target[name] as (...args: unknown[]) => Promise<unknown>;
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        if (name === 'fireSlots') under();
        const answer = await member.apply(target, args);
        if (name === 'fireSlots') answered = true;
        return answer;
      };
    },
  });
  const { scheduler } = await schedulingServer({ ...bench, store: watched });
  await scheduler.start();
  await underWay;
  await scheduler.stop();
  assert.ok(answered, 'the step was answered before the stop resolved');
  const { cursorAt } = await readTask(bench.store, task.id);
  await scheduler.stop();
  scheduler.onWake({
    kind: 'due',
    partition: Number.parseInt(task.id.slice(0, 2), 16),
    at: cursorAt + 1_000,
  });
  scheduler.reload(null);
  assert.equal((await readTask(bench.store, task.id)).cursorAt, cursorAt);
});

test('a store that is away for a while does not end the loop', async (t) => {
  const bench = await openEmbedded(t, realTime);
  const now = hostClock.now();
  const task = await makeTask(bench.store, now, { kind: 'at', at: now + 100 });
  let faults = 0;
  const faulty = faultyStore(bench.store, (operation) => {
    if (operation === 'beat' || faults >= 2) return null;
    faults += 1;
    return 'before';
  });
  const { scheduler } = await schedulingServer({ ...bench, store: faulty });
  const fired = ready(bench.onWake);
  await scheduler.start();
  t.after(() => scheduler.stop());
  // The first looks fail; later ones find the slot.
  scheduler.reload(null);
  await fired;
  assert.equal((await verdictsOf(bench.store, task.id)).length, 1);
  assert.ok(faults > 0);
});
