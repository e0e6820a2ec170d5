/**
 * Child: `heavy` tasks of one owner and one task each of `light` owners, all due at the same instant, 5 ms each,
 * `{ redisUrl (null: embedded), heavy, light, shared }`. `shared`: the light ones belong to the heavy owner too, so that
 * nobody's turn is to be minded: the throughput that fairness is measured against.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { given, report } from '../lib/child.mjs';
import { openEngine } from '../lib/engine.mjs';
import { percentiles, preciseNow, round } from '../lib/numbers.mjs';
import { createOneShots } from '../lib/one-shots.mjs';
import { createTally } from '../lib/tally.mjs';
import { createTasks, definition } from '../lib/tasks.mjs';

const HANDLER_MS = 5;
const { redisUrl, heavy, light, shared } = given();
const ofLight = new Set();
const lateness = [];
let due = Number.POSITIVE_INFINITY;
let started = 0;
let warm = null;
let allStarted;
const finished = new Promise((resolve) => {
  allStarted = resolve;
});
const { store, clock, engine, close } = await openEngine({
  redisUrl,
  concurrency: 200,
  async onRun({ taskId, runId, plannedAt }) {
    if (plannedAt !== due) return warm.started(runId, plannedAt);
    if (ofLight.has(taskId)) lateness.push(preciseNow() - due);
    await wait(HANDLER_MS);
    started += 1;
    if (started === heavy + light) allStarted();
  },
});
await engine.start();
await createOneShots({ store, clock }, [{ perSecond: 500, seconds: 1 }], (windows) => {
  warm = createTally(windows);
});
await warm.complete();
due = Math.ceil(clock.now()) + 2_000 + (heavy + light) / 4;
const task = definition({ kind: 'at', at: due });
const owned = (count, owner) =>
  Array.from({ length: count }, (_, n) => ({ owner: owner(n), definition: task }));
await createTasks(
  store,
  clock.now(),
  owned(heavy, () => 'heavy'),
);
const lightIds = await createTasks(
  store,
  clock.now(),
  owned(light, (n) => (shared ? 'heavy' : `light-${n}`)),
);
for (const id of lightIds) ofLight.add(id);
if (clock.now() > due - 500) throw new Error('making the tasks took too long for this measurement');
await finished;
await engine.settled();
const ms = preciseNow() - due;
await close();
const { p50, p99, max, n } = percentiles(lateness);
report({ p50, p99, max, n, perSecond: Math.round(((heavy + light) * 1_000) / ms), lastMs: round(ms, 0) });
