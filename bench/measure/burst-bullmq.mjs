/** Child: BullMQ drains waiting no-op jobs, `{ redisUrl, runs, concurrency }`. `completed` comes after Redis has answered. */
import { Queue, Worker } from 'bullmq';
import { given, report } from '../lib/child.mjs';

const { redisUrl, runs, concurrency } = given();
const connection = { url: redisUrl, maxRetriesPerRequest: null };
const queue = new Queue('bench', { connection });
for (let n = 0; n < runs; n += 1_000) {
  const count = Math.min(1_000, runs - n);
  await queue.addBulk(Array.from({ length: count }, () => ({ name: 'noop', data: { owner: 'owner' } })));
}
let ran = 0;
const from = performance.now();
const worker = new Worker('bench', async () => {}, { connection, concurrency });
await new Promise((resolve) => {
  worker.on('completed', () => {
    ran += 1;
    if (ran === runs) resolve();
  });
});
const perSecond = Math.round((runs * 1_000) / (performance.now() - from));
await worker.close();
await queue.close();
report({ perSecond, ran });
