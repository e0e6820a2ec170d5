/** Child: what BullMQ's job schedulers that lie still cost in Redis, `{ redisUrl, idle: [counts] }`. */
import { setTimeout as wait } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { given, report } from '../lib/child.mjs';
import { idlePattern, idleUrl } from '../lib/idle-tasks.mjs';
import { redisBytes } from '../lib/sizes.mjs';

const { redisUrl, idle } = given();
const queue = new Queue('bench', { connection: { url: redisUrl, maxRetriesPerRequest: null } });
await queue.waitUntilReady();
const rows = [];
for (const [k, count] of idle.entries()) {
  const before = idle[k - 1] ?? 0;
  const bytes = await redisBytes(redisUrl);
  const from = performance.now();
  for (let n = before; n < count; n += 500) {
    const some = Array.from({ length: Math.min(500, count - n) }, (_, j) => n + j);
    await Promise.all(some.map(make));
  }
  const createdPerSecond = Math.round(((count - before) * 1_000) / (performance.now() - from));
  await wait(1_000);
  const bytesPerTask = Math.round(((await redisBytes(redisUrl)) - bytes) / (count - before));
  rows.push({ case: `${count} idle`, bytesPerTask, createdPerSecond });
}
await queue.close();
report({ rows });

/** The same contents as our reference task. */
function make(n) {
  const repeat = { pattern: idlePattern(n, Date.now()), tz: 'Asia/Shanghai' };
  const data = {
    name: `每日晨报 ${n}`,
    owner: `idle-${Math.floor(n / 100)}`,
    method: 'POST',
    url: idleUrl(n),
  };
  return queue.upsertJobScheduler(`task-${n}`, repeat, { name: 'http', data });
}
