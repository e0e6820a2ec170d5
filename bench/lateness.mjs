/** How late do 500 one-shot tasks a second start, beside plain timers in the same conditions? */
import { measure, median, round } from './lib/child.mjs';
import { startRedis } from './lib/redis.mjs';

const [rate, seconds, rounds] = [500, 8, Number(process.argv[2] ?? 3)];
const redis = await startRedis();
const rows = [];
try {
  for (let n = 0; n < rounds; n += 1) {
    for (const kind of ['timer', 'embedded', redis.url])
      rows.push(await measure('one-shots.mjs', kind, rate, seconds));
  }
} finally {
  await redis.stop();
}
const of = (kind) => rows.filter((row) => row.kind === kind);
const kinds = { timer: 'timer', embedded: 'embedded', redis: redis.url };
const table = Object.fromEntries(
  Object.entries(kinds).map(([name, kind]) => [
    name,
    {
      p50: median(of(kind).map((r) => r.p50)),
      p99: median(of(kind).map((r) => r.p99)),
      'p99 range': `${Math.min(...of(kind).map((r) => r.p99))}–${Math.max(...of(kind).map((r) => r.p99))}`,
      max: Math.max(...of(kind).map((r) => r.max)),
      early: of(kind).reduce((sum, r) => sum + r.early, 0),
      runs: of(kind).reduce((sum, r) => sum + r.n, 0),
    },
  ]),
);
console.table(table);
console.log(
  JSON.stringify({
    scenario: 'lateness',
    rate,
    seconds,
    rounds,
    ...table,
    ratio: {
      embedded: round(table.embedded.p99 / table.timer.p99),
      redis: round(table.redis.p99 / table.timer.p99),
    },
    goal: 'p99 ≤ 3 × timer',
    machineBusy: rows.map((r) => r.machineBusy),
  }),
);
