/**
 * Child: what tasks that lie still cost, `{ redisUrl (null: embedded), idle: [counts], perSecond, seconds }`: bytes a
 * task, and how late one-shots beside them start; the first window has nothing beside it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { given, report } from '../lib/child.mjs';
import { openEngine } from '../lib/engine.mjs';
import { idleTasks, ownBytes } from '../lib/idle-tasks.mjs';
import { createOneShots } from '../lib/one-shots.mjs';
import { diskBytesPerTask, redisBytes, redisQuiet } from '../lib/sizes.mjs';
import { createTally } from '../lib/tally.mjs';
import { createTasks } from '../lib/tasks.mjs';

const { redisUrl, idle, perSecond, seconds } = given();
let tally = null;
const { store, clock, engine, close } = await openEngine({
  redisUrl,
  onRun: ({ runId, plannedAt }) => tally.started(runId, plannedAt),
});
await engine.start();
const rows = [await beside(0, {})];
for (const [n, count] of idle.entries()) {
  const before = idle[n - 1] ?? 0;
  const bytes = redisUrl === null ? null : await redisBytes(redisUrl);
  const from = performance.now();
  for (let at = before; at < count; at += 10_000)
    await createTasks(store, clock.now(), idleTasks(at, Math.min(count, at + 10_000), clock.now()));
  const made = { createdPerSecond: Math.round(((count - before) * 1_000) / (performance.now() - from)) };
  // Whatever the making has left to do (an index, a checkpoint) is not what lying still costs.
  await wait(1_000);
  if (redisUrl !== null) await redisQuiet(redisUrl);
  if (bytes !== null)
    made.bytesPerTask = Math.round(((await redisBytes(redisUrl)) - bytes) / (count - before));
  rows.push(await beside(count, made));
}
await close();
if (redisUrl === null) rows.at(-1).bytesPerTask = await diskBytesPerTask(idle.at(-1));
report({ rows, ownBytes: ownBytes() });

async function beside(count, made) {
  const rates = [{ perSecond, seconds, case: `${count} idle` }];
  // What comes first must not be what runs coldest, or anything beside idle tasks would look good.
  const warmUp = { perSecond: 500, seconds: count === 0 ? 5 : 2 };
  const onPlanned = (windows) => {
    tally = createTally(windows);
  };
  await createOneShots({ store, clock }, rates, onPlanned, { warmUp });
  await tally.complete();
  const rssMiB = Math.round(process.memoryUsage().rss / 1_048_576);
  return { ...tally.rows()[0], ...made, rssMiB };
}
