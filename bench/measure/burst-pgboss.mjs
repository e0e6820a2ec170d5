/**
 * Child: pg-boss drains no-op jobs, `{ postgresUrl, runs, concurrency }`: batches of the concurrency, LISTEN/NOTIFY, its
 * shortest poll, at once again after a full batch. The clock stops when the database says that all are completed.
 */
import pg from 'pg';
import { PgBoss } from 'pg-boss';
import { given, report } from '../lib/child.mjs';
import { untilDatabaseSays } from '../lib/until-database-says.mjs';

const { postgresUrl, runs, concurrency } = given();
const boss = new PgBoss({ connectionString: postgresUrl, useListenNotify: true });
boss.on('error', (error) => console.error(String(error)));
await boss.start();
await boss.createQueue('bench', { notify: true });
for (let n = 0; n < runs; n += 1_000) {
  const count = Math.min(1_000, runs - n);
  await boss.insert(
    'bench',
    Array.from({ length: count }, () => ({ data: { owner: 'owner' } })),
  );
}
const database = new pg.Client(postgresUrl);
await database.connect();
let ran = 0;
let allRan;
const finished = new Promise((resolve) => {
  allRan = resolve;
});
const options = { batchSize: concurrency, pollingIntervalSeconds: 0.5, burstWhenBatchFull: true };
const from = performance.now();
await boss.work('bench', options, async (jobs) => {
  ran += jobs.length;
  if (ran === runs) allRan();
});
await finished;
await untilDatabaseSays(
  database,
  "select not exists (select from pgboss.job where name = 'bench' and state < 'completed') as done",
);
const perSecond = Math.round((runs * 1_000) / (performance.now() - from));
await boss.stop({ graceful: false });
await database.end();
report({ perSecond, ran });
