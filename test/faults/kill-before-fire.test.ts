/** Crash matrix: server, kill -9, before the firing step. Nobody is there when slots fall due; the next start owes them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApiClient } from '../helpers/api-client.ts';
import { startServer } from '../helpers/server-process.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { STORES } from './support/stores.ts';
import { startTarget } from './support/target.ts';
import { calling, ticking } from './support/tasks.ts';
import { lasting, until } from './support/until.ts';

const DEAD_MS = 3_000;

for (const store of STORES) {
  test(`${store.name}: slots that fall due while the server is dead are fired or caught up`, {
    skip: store.skip,
  }, async (t) => {
    const target = await startTarget(t);
    const options = { ...(await store.open(t)), env: { ALLOW_HOSTS: target.host } };
    let server = await startServer(options);
    t.after(() => server.kill9());
    const api = createApiClient(() => server.origin, 'anna');

    const [steady, once] = await api.createTasks([
      ticking('steady', calling(target.okUrl), { maxSlots: 7 }),
      ticking('once, while dead', calling(target.okUrl), {
        maxSlots: 1,
        anchorAt: Date.now() + 4_000,
        everyMs: 60_000,
      }),
    ]);
    assert.ok(steady && once);
    await until('two slots have fired', async () => (await api.runs(steady.id)).length >= 2);

    await server.kill9();
    await lasting(DEAD_MS);
    server = await startServer(options);

    await allEnded(api, [steady.id, once.id]);
    const [keptSteady, keptOnce] = await assertKept(api, [steady.id, once.id], { target });
    assert.ok(keptSteady && keptOnce);
    assert.deepEqual(keptSteady.audit.skipped, {});
    assert.ok(keptSteady.audit.caughtUp >= 1, 'a slot more than 1 s late is caught up');
    assert.equal(keptOnce.audit.fired + keptOnce.audit.caughtUp, 1);
  });
}
