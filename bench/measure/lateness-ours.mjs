/** Child: one-shot tasks, `{ redisUrl (null: embedded), rates }`. */
import { given, report } from '../lib/child.mjs';
import { openEngine } from '../lib/engine.mjs';
import { createOneShots } from '../lib/one-shots.mjs';
import { createTally } from '../lib/tally.mjs';

const { redisUrl, rates } = given();
let tally = null;
/** Places for what 5,000 a second have under way; with 50 the wait for a place would be the figure. */
const CONCURRENCY = 400;
const { store, clock, engine, close } = await openEngine({
  redisUrl,
  concurrency: CONCURRENCY,
  onRun: ({ runId, plannedAt }) => tally.started(runId, plannedAt),
});
await engine.start();
await createOneShots({ store, clock }, rates, (planned) => {
  tally = createTally(planned);
});
await tally.complete();
await close();
report({ rows: tally.rows() });
