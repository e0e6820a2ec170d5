import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../../server/lib/logger.ts';
import { createPresence } from '../../../server/scheduler/presence.ts';
import { createWorkerWatch } from '../../../server/scheduler/worker-watch.ts';
import { PARTITIONS } from '../../../server/store/ids.ts';
import { logger, openEmbedded } from '../../helpers/engine-harness.ts';

test('an api server is counted by nobody who shares the partitions', async (t) => {
  const { store, clock } = await openEmbedded(t);
  const watch = createWorkerWatch({ store, clock, id: 'api1', logger });
  assert.equal(await watch.runOnce(), 0);
  const presence = createPresence({
    ...{ store, clock, id: 'w1', leaseMs: 5_000, logger },
    roles: ['scheduler', 'worker'],
  });
  await presence.start();
  t.after(() => presence.stop());
  assert.equal(presence.servers().length, 2);
  const owned = Array.from({ length: PARTITIONS }, (_, n) => n).filter((n) => presence.owns(n));
  assert.equal(owned.length, PARTITIONS, 'all of them');
  assert.equal(await watch.runOnce(), 1);
  await watch.start();
  await watch.stop();
  assert.equal(
    (await store.beat({ id: 'x', roles: [], startedAt: 0 }, 0)).filter(({ id }) => id === 'api1').length,
    0,
  );
});

test('being alone is said once after ten seconds, and its end is said', async (t) => {
  const { store, clock } = await openEmbedded(t);
  const lines: string[] = [];
  const write = (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg);
  const watch = createWorkerWatch({
    ...{ store, clock, id: 'api1' },
    logger: createLogger({ level: 'info', destination: { write } }),
  });
  for (let passed = 0; passed < 9_000; passed += 2_000) {
    await watch.runOnce();
    clock.advance(2_000);
  }
  assert.deepEqual(lines, [], 'a worker may be restarting');
  for (let looks = 0; looks < 3; looks += 1) {
    await watch.runOnce();
    clock.advance(2_000);
  }
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /^no worker lives/);
  await store.beat({ id: 'w1', roles: ['scheduler', 'worker'], startedAt: 0 }, 5_000);
  assert.equal(await watch.runOnce(), 1);
  assert.match(lines[1] ?? '', /^a worker lives again/);
  assert.equal(lines.length, 2);
});
