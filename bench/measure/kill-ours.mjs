/**
 * Child: kill -9 of a server with `runs` runs on it; another server takes them over, `{ redisUrl, runs }`. Both are the
 * built server with default settings, but for as many places as there are runs.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { startServer } from '../../dist/test/helpers/server-process.js';
import { given, report } from '../lib/child.mjs';
import { startHoldServer } from '../lib/hold-server.mjs';
import { startStore } from '../lib/store.mjs';
import { createTakeover } from '../lib/takeover.mjs';
import { createTasks, definition, ownerOf } from '../lib/tasks.mjs';
import { until } from '../lib/until.mjs';

const { redisUrl, runs } = given();
const takeover = createTakeover();
const hold = await startHoldServer(takeover.onStart);
const store = await startStore({ redisUrl });
// A real appid: no sandbox and so no sample tasks.
const env = {
  WORKER_CONCURRENCY: String(runs),
  ALLOW_HOSTS: hold.host,
  WECHAT_APPID: 'wx0',
  WECHAT_SECRET: 's',
  LOG_LEVEL: 'warn',
};
const first = await startServer({ redisUrl, env });
const at = (await store.time()) + 2_000;
const action = { kind: 'http', method: 'POST', url: hold.url };
const task = definition({ kind: 'at', at }, { action, policy: { timeoutMs: 60_000 } });
const all = Array.from({ length: runs }, (_, n) => ({ owner: ownerOf(n), definition: task }));
const ids = await createTasks(store, await store.time(), all);
await until('all runs on the first server', 30_000, () => takeover.running() === runs);
const second = await startServer({ redisUrl, env });
// It is known to be there, and idle: what it waits for is only the end of the leases.
await wait(2_000);
const killedAt = performance.now();
await first.kill9();
await until('all runs on the second server', 30_000, () => takeover.again() === runs);
const times = takeover.since(killedAt);
hold.release();
const states = async () => Promise.all(ids.map((id) => store.getRun(`${id}:${at}`)));
const ended = (run) => run !== null && ['succeeded', 'failed', 'timed_out', 'cancelled'].includes(run.state);
await until('the end of all runs', 30_000, async () => (await states()).every(ended));
const records = await states();
const days = await Promise.all(ids.map((id) => store.listDays(id, '')));
const succeeded = days.map((some) => some.reduce((sum, day) => sum + day.succeeded, 0));
await second.stop();
await store.stop();
await hold.stop();
report({
  ...times,
  lost: records.filter(({ state }) => state !== 'succeeded').length,
  twice: succeeded.filter((count) => count > 1).length,
});
