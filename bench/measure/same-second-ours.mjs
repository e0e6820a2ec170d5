/** Child: tasks that all fire on every whole second, `{ redisUrl (null: embedded), tasks, seconds }`. */
import { given, report } from '../lib/child.mjs';
import { eachSecond } from '../lib/each-second.mjs';
import { openEngine } from '../lib/engine.mjs';
import { createTally } from '../lib/tally.mjs';
import { createTasks, definition, ownerOf } from '../lib/tasks.mjs';

const { redisUrl, tasks, seconds } = given();
let tally = null;
const { store, clock, engine, close } = await openEngine({
  redisUrl,
  onRun: ({ runId, plannedAt }) => tally?.started(runId, plannedAt),
});
await engine.start();
const schedule = { kind: 'cron', cron: '* * * * * *', timezone: 'UTC' };
const all = Array.from({ length: tasks }, (_, n) => ({
  owner: ownerOf(n),
  definition: definition(schedule),
}));
await createTasks(store, clock.now(), all);
tally = createTally([eachSecond(clock.now(), tasks, seconds)]);
await tally.complete();
await close();
report({ rows: tally.rows() });
