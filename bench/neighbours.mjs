/** Do a million owed slots, or audits of 90,000 slots one after the other, make other tasks late? */
import { measure } from './lib/child.mjs';
import { round } from './lib/numbers.mjs';
import { startRedis } from './lib/redis.mjs';

const rows = [];
for (const kind of ['embedded', 'redis']) {
  for (const beside of ['nothing', 'backlog', 'audits']) {
    const redis = await startRedis();
    try {
      rows.push(await measure('beside.mjs', [beside, kind === 'redis' ? redis.url : kind]));
    } finally {
      await redis.stop();
    }
  }
}
console.table(
  rows.map(({ where, beside, p50, p99, max, n, audits, decided }) => ({
    where,
    beside,
    p50,
    p99,
    max,
    n,
    audits,
    decided,
  })),
);
const p99 = (where, beside) => rows.find((row) => row.where === where && row.beside === beside).p99;
const ratio = (where, beside) => round(p99(where, beside) / p99(where, 'nothing'));
console.log(
  JSON.stringify({
    scenario: 'neighbours',
    rows,
    ratio: Object.fromEntries(
      ['embedded', 'redis'].map((where) => [
        where,
        { backlog: ratio(where, 'backlog'), audits: ratio(where, 'audits') },
      ]),
    ),
  }),
);
