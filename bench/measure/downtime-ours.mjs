/**
 * Child: tasks of every second while no server is there for a while: kill -9, wait, start again,
 * `{ redisUrl (null: embedded), tasks, awayMs, besideMs }`. What the store then says about the slots of the gap.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { createHistoryService } from '../../dist/server/tasks/history-service.js';
import { startServer } from '../../dist/test/helpers/server-process.js';
import { given, report } from '../lib/child.mjs';
import { untilHalfPast } from '../lib/each-second.mjs';
import { tempFolder } from '../lib/ends.mjs';
import { startStore } from '../lib/store.mjs';
import { createTasks, definition, ownerOf } from '../lib/tasks.mjs';

const { redisUrl, tasks, awayMs, besideMs } = given();
const folder = tempFolder();
const open = () => startStore({ redisUrl, dataDir: folder.path });
const env = { WECHAT_APPID: 'wx0', WECHAT_SECRET: 's', LOG_LEVEL: 'warn' };
const start = () => startServer({ dataDir: folder.path, redisUrl: redisUrl ?? undefined, env });

// The embedded store serves one process: the bench is there before the first server and after the last.
const before = await open();
const schedule = { kind: 'every', everyMs: 1_000 };
const all = Array.from({ length: tasks }, (_, n) => ({
  owner: ownerOf(n),
  definition: definition(schedule),
}));
const ids = await createTasks(before, Date.now(), all);
await before.stop();
const first = await start();
await wait(untilHalfPast(besideMs));
const killedAt = Date.now();
await first.kill9();
await wait(awayMs);
const second = await start();
const backAt = Date.now();
await wait(besideMs);
const endAt = Date.now() - 1_000;
await second.stop();

const store = await open();
const history = createHistoryService({ store, clock: { now: Date.now } });
const sum = { planned: 0, fired: 0, caughtUp: 0, skipped: 0, missed: 0, ran: 0 };
for (const [n, id] of ids.entries()) {
  const audit = await history.audit(ownerOf(n), id, { fromAt: killedAt, toAt: backAt });
  sum.planned += audit.planned;
  sum.fired += audit.fired;
  sum.caughtUp += audit.caughtUp;
  sum.skipped += Object.values(audit.skipped).reduce((total, count) => total + count, 0);
  const whole = await history.audit(ownerOf(n), id, { fromAt: killedAt - besideMs / 2, toAt: endAt });
  sum.missed += whole.unaccounted;
  const { items } = await store.listRuns({ taskId: id }, { states: ['succeeded'], limit: 500 });
  sum.ran += items.filter(({ plannedAt }) => plannedAt >= killedAt && plannedAt < backAt).length;
}
await store.stop();
folder.remove();
report({ ...sum, neverRan: sum.planned - sum.ran });
