/** Child: drains ready no-op runs, `{ redisUrl (null: embedded), runs, concurrency }`. */
import { given, report } from '../lib/child.mjs';
import { openEngine } from '../lib/engine.mjs';
import { makeReady } from '../lib/tasks.mjs';

const { redisUrl, runs, concurrency } = given();
let ran = 0;
let allRan;
const finished = new Promise((resolve) => {
  allRan = resolve;
});
const { store, engine, close } = await openEngine({
  redisUrl,
  concurrency,
  onRun() {
    ran += 1;
    if (ran === runs) allRan();
  },
});
await makeReady(store, runs);
const from = performance.now();
await engine.start();
await finished;
// The clock stops when the last finish is acknowledged.
await engine.settled();
const perSecond = Math.round((runs * 1_000) / (performance.now() - from));
await close();
report({ perSecond, ran });
