/** Child: BullMQ job schedulers that all fire on every whole second, `{ redisUrl, tasks, seconds }`. */
import { Queue, Worker } from 'bullmq';
import { slotOfJob } from '../lib/bullmq.mjs';
import { given, report } from '../lib/child.mjs';
import { eachSecond } from '../lib/each-second.mjs';
import { createTally } from '../lib/tally.mjs';

const { redisUrl, tasks, seconds } = given();
const connection = { url: redisUrl, maxRetriesPerRequest: null };
const queue = new Queue('bench', { connection });
let tally = null;
const worker = new Worker('bench', async ({ id }) => tally?.started(id, slotOfJob(id)), {
  connection,
  concurrency: 50,
});
await worker.waitUntilReady();
for (let n = 0; n < tasks; n += 200) {
  const some = Array.from({ length: Math.min(200, tasks - n) }, (_, k) => `task-${n + k}`);
  const repeat = { pattern: '* * * * * *', tz: 'UTC' };
  await Promise.all(some.map((id) => queue.upsertJobScheduler(id, repeat, { name: 'noop' })));
}
tally = createTally([eachSecond(Date.now(), tasks, seconds)]);
await tally.complete();
await worker.close();
await queue.close();
report({ rows: tally.rows() });
