/**
 * Child: 200 tasks that fire every second must be on time while something heavy goes on beside them,
 * `<nothing|backlog|audits> <embedded|redis URL>`; reports their lateness.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { newTaskId } from '../dist/server/store/ids.js';
import { createHistoryService } from '../dist/server/tasks/history-service.js';
import { newTask } from '../dist/server/tasks/task-changes.js';
import { report } from './lib/child.mjs';
import { openEngine } from './lib/engine.mjs';
import { percentiles, preciseNow } from './lib/numbers.mjs';
import { definition } from './lib/tasks.mjs';

const [beside, where] = process.argv.slice(2);
const [watched, warmUpMs, windowMs] = [200, 4_000, 10_000];
const owed = 1_000_000;
const lateness = [];
let counting = false;
const owners = new Map();

const { store, clock, engine, close } = await openEngine({
  redisUrl: where === 'embedded' ? null : where,
  onRun(context) {
    if (counting && owners.get(context.taskId) === 'watched') lateness.push(preciseNow() - context.plannedAt);
  },
});

async function create(owner, kind, task) {
  owners.set(task.id, kind);
  await store.createTasks(owner, [task], 1e6);
}

for (let n = 0; n < watched; n += 1) {
  const owner = `watched-${n % 20}`;
  // Spread over the second, so that what is measured is the neighbour and not the instant's own burst.
  const schedule = { kind: 'every', everyMs: 1_000, anchorAt: n * 5 };
  await create(owner, 'watched', newTask(newTaskId(owner), definition(schedule), clock.now(), String(n)));
}
const heavy = 'heavy';
const behind = clock.now() - owed * 1_000;
const history = definition(
  { kind: 'cron', cron: '* * * * * *', timezone: 'Europe/Berlin' },
  { policy: { catchUp: { maxRuns: 10_000, windowMs: owed * 500 } } },
);
const old = newTask(newTaskId(heavy), history, behind, 'old');
if (beside !== 'nothing') await create(heavy, 'heavy', old);
await engine.start();
const service = createHistoryService({ store, clock });
let audits = 0;
let stop = false;
async function audit() {
  while (!stop) {
    const task = await store.getTask(old.id);
    const fromAt = Math.max(behind, task.cursorAt - 90_000_000);
    await service.audit(heavy, old.id, { fromAt, toAt: fromAt + 90_000_000 });
    audits += 1;
  }
}
await wait(warmUpMs);
counting = true;
const auditing = beside === 'audits' ? audit() : Promise.resolve();
await wait(windowMs);
counting = false;
stop = true;
await auditing;
const decided =
  beside === 'nothing' ? 0 : Math.round(((await store.getTask(old.id)).cursorAt - behind) / 1_000);
await close();
report({ beside, where: where === 'embedded' ? where : 'redis', ...percentiles(lateness), audits, decided });
