/** Two servers on one Redis want the same slots, and one after the other is killed: one run per slot all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../helpers/server-process.ts';
import { startPair } from './support/cluster.ts';
import { allEnded, assertKept, type Kept } from './support/oracle.ts';
import { seeded } from './support/random.ts';
import { needsRedis } from './support/stores.ts';
import { startTarget } from './support/target.ts';
import { calling, ticking } from './support/tasks.ts';
import { lasting, until } from './support/until.ts';

const OWNERS = ['anna', 'ben', 'cleo', 'dan', 'eve', 'finn'];
const TASKS_EACH = 5;
const SLOTS = 10;

test('thirty tasks every second, two servers, one of them killed again and again', {
  skip: needsRedis,
}, async (t) => {
  const seed = Date.now() % 1e6;
  t.diagnostic(`seed ${seed}`);
  const random = seeded(seed);
  const target = await startTarget(t);
  const pair = await startPair(t, { ALLOW_HOSTS: target.host, LEASE_MS: '2000' });
  const { servers } = pair;
  const owners = await Promise.all(
    OWNERS.map(async (user, k) => {
      const server = servers[k % 2];
      assert.ok(server);
      const tasks = await pair.ask(server, user).createTasks(
        Array.from({ length: TASKS_EACH }, (_, n) =>
          ticking(`${user} ${n}`, calling(n === 0 ? target.slowUrl(400) : target.okUrl), {
            maxSlots: SLOTS,
            // Most fall due at one instant.
            anchorAt: n === 1 ? 500 : 0,
          }),
        ),
      );
      return { user, ids: tasks.map((task) => task.id) };
    }),
  );
  await until('they tick', () => target.hits.length >= 30);

  const untilAt = performance.now() + 8_000;
  let kills = 0;
  // On a busy machine one start may take all the time.
  while (performance.now() < untilAt || kills < 2) {
    const victim = random() < 0.5 ? 0 : 1;
    await servers[victim].kill9();
    kills += 1;
    await lasting(Math.floor(random() * 300));
    servers[victim] = await startServer(pair.options);
    await lasting(300 + Math.floor(random() * 1_200));
  }

  const workers = new Set<string>();
  const kept: Kept[] = [];
  for (const { user, ids } of owners) {
    const api = pair.ask(servers[0], user);
    await allEnded(api, ids);
    kept.push(...(await assertKept(api, ids, { target })));
    const last = kept.at(-1)?.runs.at(-1)?.id ?? '';
    for (const { worker } of (await api.run(last)).attempts) workers.add(worker);
  }
  for (const { task, audit } of kept) {
    assert.equal(audit.planned, SLOTS, task.name);
    assert.deepEqual(audit.skipped, {}, task.name);
  }
  const slots = SLOTS * TASKS_EACH * OWNERS.length;
  t.diagnostic(
    `${kills} kills, ${target.hits.length} calls for ${slots} slots, last runs by ${workers.size} servers`,
  );
});
