/** Child: one-shot tasks, `{ redisUrl (null: embedded), rates }`. */
import { given, report } from '../lib/child.mjs';
import { openEngine } from '../lib/engine.mjs';
import { createOneShots } from '../lib/one-shots.mjs';
import { createTally } from '../lib/tally.mjs';

const { redisUrl, rates } = given();
let tally = null;
const { store, clock, engine, close } = await openEngine({
  redisUrl,
  onRun: ({ runId, plannedAt }) => tally.started(runId, plannedAt),
});
await engine.start();
await createOneShots({ store, clock }, rates, (planned) => {
  tally = createTally(planned);
});
await tally.complete();
await close();
report({ rows: tally.rows() });
