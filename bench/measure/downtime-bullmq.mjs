/** Child: job schedulers of every second while no worker is there for a while, `{ redisUrl, tasks, awayMs, besideMs }`. */
import { setTimeout as wait } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import { slotOfJob } from '../lib/bullmq.mjs';
import { given, report } from '../lib/child.mjs';
import { untilHalfPast } from '../lib/each-second.mjs';

const { redisUrl, tasks, awayMs, besideMs } = given();
const connection = { url: redisUrl, maxRetriesPerRequest: null };
const queue = new Queue('bench', { connection });
const ran = new Set();
const start = async () => {
  const worker = new Worker('bench', async ({ id }) => ran.add(id), { connection, concurrency: 50 });
  await worker.waitUntilReady();
  return worker;
};
const first = await start();
const repeat = { pattern: '* * * * * *', tz: 'UTC' };
await Promise.all(
  Array.from({ length: tasks }, (_, n) => queue.upsertJobScheduler(`task-${n}`, repeat, { name: 'noop' })),
);
await wait(untilHalfPast(besideMs));
const killedAt = Date.now();
await first.close(true);
await wait(awayMs);
const second = await start();
const backAt = Date.now();
await wait(besideMs);
await second.close();
await queue.close();
const slots = Math.floor((backAt - 1) / 1_000) - Math.floor((killedAt - 1) / 1_000);
const planned = tasks * slots;
const inGap = [...ran].map(slotOfJob).filter((at) => at >= killedAt && at < backAt).length;
report({ planned, ran: inGap, neverRan: planned - inGap });
