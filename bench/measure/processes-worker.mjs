/** Child of a child: one engine of several on one Redis, `{ redisUrl, concurrency }`; begins when its parent says `go`. */
import { given } from '../lib/child.mjs';
import { openEngine } from '../lib/engine.mjs';
import { preciseNow } from '../lib/numbers.mjs';

/** How often it tells how many it ran: half a percent of the shortest drain measured. */
const TELL_MS = 5;

const { redisUrl, concurrency } = given();
let ran = 0;
let told = 0;
const { engine } = await openEngine({
  redisUrl,
  concurrency,
  onRun() {
    ran += 1;
  },
});
process.once('disconnect', () => process.exit(0));
process.on('message', async (message) => {
  if (message === 'go') await engine.start();
  if (message !== 'settle') return;
  await engine.settled();
  process.send({ settledAt: preciseNow() });
});
setInterval(() => {
  if (ran === told) return;
  told = ran;
  process.send({ ran });
}, TELL_MS);
process.send({ armed: true });
