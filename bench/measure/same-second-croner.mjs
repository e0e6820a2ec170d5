/** Child: croner jobs that all fire on every whole second, in process and kept nowhere, `{ tasks, seconds }`. */
import { Cron } from 'croner';
import { given, report } from '../lib/child.mjs';
import { eachSecond } from '../lib/each-second.mjs';
import { preciseNow } from '../lib/numbers.mjs';
import { createTally } from '../lib/tally.mjs';

const TIMER_EARLY_MS = 5;

const { tasks, seconds } = given();
let tally = null;
for (let n = 0; n < tasks; n += 1) {
  new Cron('* * * * * *', { timezone: 'UTC' }, () => {
    const now = preciseNow();
    // croner does not say which second it means: the one that has begun, or begins within what a timer may be early.
    const plannedAt = Math.floor((now + TIMER_EARLY_MS) / 1_000) * 1_000;
    tally?.started(`${n}:${plannedAt}`, plannedAt, now);
  });
}
tally = createTally([eachSecond(Date.now(), tasks, seconds)]);
await tally.complete();
report({ rows: tally.rows() });
