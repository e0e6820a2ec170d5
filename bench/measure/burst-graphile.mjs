/**
 * Child: graphile-worker drains no-op jobs with the batching of its performance page,
 * `{ postgresUrl, runs, concurrency }`. Its `job:complete` does not wait for the database, so the clock stops when the
 * database itself has no job left.
 */
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { given, report } from '../lib/child.mjs';
import { untilDatabaseSays } from '../lib/until-database-says.mjs';

const { postgresUrl, runs, concurrency } = given();
const preset = {
  worker: {
    connectionString: postgresUrl,
    concurrentJobs: concurrency,
    maxPoolSize: concurrency + 2,
    localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
    logger: new Logger(() => () => {}),
  },
};
const utils = await makeWorkerUtils({ preset });
await utils.migrate();
for (let n = 0; n < runs; n += 1_000) {
  const count = Math.min(1_000, runs - n);
  await utils.addJobs(
    Array.from({ length: count }, () => ({ identifier: 'noop', payload: { owner: 'owner' } })),
  );
}
await utils.release();
const database = new pg.Client(postgresUrl);
await database.connect();
let ran = 0;
let allRan;
const finished = new Promise((resolve) => {
  allRan = resolve;
});
const from = performance.now();
const runner = await run({
  preset,
  noHandleSignals: true,
  taskList: {
    async noop() {
      ran += 1;
      if (ran === runs) allRan();
    },
  },
});
await finished;
await untilDatabaseSays(database, 'select not exists (select from graphile_worker._private_jobs) as done');
const perSecond = Math.round((runs * 1_000) / (performance.now() - from));
await runner.stop();
await database.end();
report({ perSecond, ran });
