/** Child: delayed jobs of BullMQ, `{ redisUrl, rates }`. Lateness counts from the instant that the job was delayed to. */
import { Queue, Worker } from 'bullmq';
import { given, report } from '../lib/child.mjs';
import { createTally, planWindows } from '../lib/tally.mjs';

/** Slower than it adds them in bulk on any machine measured. */
const JOBS_A_MS = 5;

const { redisUrl, rates } = given();
const connection = { url: redisUrl, maxRetriesPerRequest: null };
const queue = new Queue('bench', { connection });
const count = rates.reduce((sum, { perSecond, seconds }) => sum + perSecond * seconds, 0);
const fromAt = Date.now() + 2_000 + count / JOBS_A_MS;
const windows = planWindows(fromAt, rates);
const tally = createTally(windows);
const worker = new Worker('bench', async ({ id, data }) => tally.started(id, data.at), {
  connection,
  concurrency: 50,
});
await worker.waitUntilReady();
const instants = windows.flatMap((window) => window.instants);
for (let n = 0; n < instants.length; n += 1_000) {
  const jobs = instants.slice(n, n + 1_000).map((at) => {
    const timestamp = Date.now();
    return { name: 'noop', data: { at }, opts: { timestamp, delay: at - timestamp } };
  });
  await queue.addBulk(jobs);
}
if (Date.now() > fromAt - 500) throw new Error('adding the jobs took too long for this measurement');
await tally.complete();
await worker.close();
await queue.close();
report({ rows: tally.rows() });
