/** Child: one-shot tasks at a rate, `<timer|embedded|redis URL> <per second> <seconds>`; reports how late they started. */

import { newTaskId } from '../dist/server/store/ids.js';
import { newTask } from '../dist/server/tasks/task-changes.js';
import { percentiles, preciseNow, report, round } from './lib/child.mjs';
import { definition, openEngine } from './lib/engine.mjs';

const [kind, perSecond, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
/** The first two seconds run code that nothing has compiled yet; they are not counted, for timers neither. */
const warmUp = perSecond * 2;
const count = perSecond * seconds + warmUp;
const LEAD_MS = 3_000;
const lateness = [];
let done;
const finished = new Promise((resolve) => {
  done = resolve;
});

function started(plannedAt) {
  lateness.push(preciseNow() - plannedAt);
  if (lateness.length === count) done();
}

if (kind === 'timer') {
  const from = Math.ceil(Date.now()) + LEAD_MS;
  for (let n = 0; n < count; n += 1) {
    const at = from + Math.floor((n * 1_000) / perSecond);
    setTimeout(started, at - Date.now(), at);
  }
  await finished;
} else {
  const { store, clock, engine, close } = await openEngine({
    redisUrl: kind === 'embedded' ? null : kind,
    onRun: (context) => started(context.plannedAt),
  });
  await engine.start();
  const owners = Array.from({ length: 100 }, (_, n) => `owner-${n}`);
  const from = clock.now() + LEAD_MS + 2_000;
  const byOwner = new Map(owners.map((owner) => [owner, []]));
  for (let n = 0; n < count; n += 1) {
    const owner = owners[n % owners.length];
    const at = from + Math.floor((n * 1_000) / perSecond);
    byOwner
      .get(owner)
      .push(newTask(newTaskId(owner), definition({ kind: 'at', at }), clock.now(), String(n)));
  }
  for (const [owner, tasks] of byOwner) {
    for (let i = 0; i < tasks.length; i += 100) await store.createTasks(owner, tasks.slice(i, i + 100), 1e6);
  }
  await finished;
  await close();
}
// A fraction of a ms below zero is the rounding of clocks; anything more would be a broken promise.
const counted = lateness.slice(warmUp);
report({
  kind,
  perSecond,
  ...percentiles(counted),
  early: lateness.filter((ms) => ms < -1).length,
  warmUpMax: round(Math.max(...lateness.slice(0, warmUp))),
});
process.exit(0);
