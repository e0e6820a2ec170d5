/** Child: `processes` engines, each in a process of its own, drain one Redis, `{ redisUrl, processes, runs, concurrency }`. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { given, report } from '../lib/child.mjs';
import { atEnd } from '../lib/ends.mjs';
import { preciseNow } from '../lib/numbers.mjs';
import { startStore } from '../lib/store.mjs';
import { makeReady } from '../lib/tasks.mjs';

const { redisUrl, processes, runs, concurrency } = given();
const store = await startStore({ redisUrl });
await makeReady(store, runs);
await store.stop();

const counts = new Map();
let allRan;
const finished = new Promise((resolve) => {
  allRan = resolve;
});
const children = await Promise.all(Array.from({ length: processes }, start));
const from = preciseNow();
for (const child of children) child.send('go');
await finished;
const ends = await Promise.all(children.map(settle));
const perSecond = Math.round((runs * 1_000) / (Math.max(...ends) - from));
const shares = [...counts.values()].sort((a, b) => a - b);
const leastShare = processes === 1 ? undefined : Math.round((100 * shares[0]) / runs);
report({ perSecond, ran: shares.reduce((a, b) => a + b), leastShare });

async function start() {
  const args = [JSON.stringify({ redisUrl, concurrency: concurrency / processes })];
  const child = fork(new URL('processes-worker.mjs', import.meta.url).pathname, args);
  atEnd(() => child.kill('SIGKILL'));
  await once(child, 'message');
  child.on('message', ({ ran }) => {
    if (ran === undefined) return;
    counts.set(child, ran);
    if ([...counts.values()].reduce((a, b) => a + b) === runs) allRan();
  });
  return child;
}

/** When its last finish was acknowledged. */
function settle(child) {
  return new Promise((resolve) => {
    child.on('message', ({ settledAt }) => {
      if (settledAt !== undefined) resolve(settledAt);
    });
    child.send('settle');
  });
}
