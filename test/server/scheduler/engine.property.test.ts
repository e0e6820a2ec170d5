/**
 * The promise over real stores: whatever crashes, is edited, paused or lost on the way, every slot ends with one verdict,
 * and every slot that was fired or caught up with one run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Embedded, manualClock, openEmbedded } from '../../helpers/engine-harness.ts';
import { redisUrl } from '../../helpers/redis.ts';
import { openRedisStore } from '../../store/redis/open-redis-store.ts';
import { arbitraryLife } from './support/arbitrary-life.ts';
import { starts } from './support/arbitrary-schedules.ts';
import { live } from './support/engine-world.ts';

const SEED = 20261201;
const DAY_MS = 86_400_000;

async function check(
  world: Embedded,
  from: readonly number[],
  closings: boolean,
  numRuns: number,
): Promise<void> {
  let slots = 0;
  let failed = 0;
  await fc.assert(
    fc.asyncProperty(arbitraryLife(from, closings), async (life) => {
      const lived = await live(world, life);
      slots += lived.slots;
      failed += lived.failed;
    }),
    // The time limit is for the shrinking of a failure.
    { numRuns, seed: SEED, includeErrorInReport: true, interruptAfterTimeLimit: 60_000 },
  );
  assert.ok(slots > 50 * numRuns && failed > numRuns, `${slots} slots, ${failed} failed calls`);
}

test('embedded store: every slot one verdict, every verdict that needs one a run', async (t) => {
  await check(await openEmbedded(t), starts, true, 45);
});

test('Redis: the same', { skip: redisUrl() === null && 'needs redis' }, async (t) => {
  const redis = await openRedisStore(redisUrl() as string);
  t.after(() => redis.close());
  // Nobody moves the clock of Redis: these lives are lived in its past.
  const now = await redis.store.time();
  const world: Embedded = {
    store: redis.store,
    clock: manualClock(now - 300 * DAY_MS),
    onWake: new Set(),
    async reopen() {
      world.store = await redis.reopen();
      return world.store;
    },
  };
  await check(world, [now - 300 * DAY_MS, now - 100 * DAY_MS], false, 30);
});
