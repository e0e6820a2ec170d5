/** Runs a second when 20,000 are ready, at concurrency 50, beside BullMQ. Each measurement has a Redis of its own. */
import { measure, median, round } from './lib/child.mjs';
import { startRedis } from './lib/redis.mjs';

const [runs, concurrency, rounds] = [20_000, 50, Number(process.argv[2] ?? 3)];
const rows = [];
for (let n = 0; n < rounds; n += 1) {
  for (const kind of ['bullmq', 'redis', 'embedded']) {
    const redis = await startRedis();
    try {
      rows.push(await measure('drain.mjs', kind, redis.url, runs, concurrency));
    } finally {
      await redis.stop();
    }
  }
}
const rates = (kind) => rows.filter((row) => row.kind === kind).map((row) => row.perSecond);
const table = Object.fromEntries(
  ['bullmq', 'redis', 'embedded'].map((kind) => [
    kind,
    { 'runs/s': median(rates(kind)), range: `${Math.min(...rates(kind))}–${Math.max(...rates(kind))}` },
  ]),
);
console.table(table);
const ratio = (kind) => round(table[kind]['runs/s'] / table.bullmq['runs/s']);
console.log(
  JSON.stringify({
    scenario: 'burst',
    runs,
    concurrency,
    rounds,
    ...table,
    ratio: { redis: ratio('redis'), embedded: ratio('embedded') },
    goal: 'redis ≥ 1.7, embedded ≥ 1.2 × BullMQ',
    machineBusy: rows.map((r) => r.machineBusy),
  }),
);
