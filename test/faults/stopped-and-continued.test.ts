/**
 * Crash matrix: server, SIGSTOP for longer than its lease, SIGCONT, mid-run. The other server has the run by then; the
 * one that comes back from the dead writes nothing and stops what it was doing.
 */
import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { startPair } from './support/cluster.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { needsRedis } from './support/stores.ts';
import { startTarget } from './support/target.ts';
import { calling, ticking } from './support/tasks.ts';
import { until } from './support/until.ts';

const LEASE_MS = 2_000;
const TAKEN_OVER_MS = LEASE_MS + 1_500 + 1_000;

suite('SIGSTOP and SIGCONT', { skip: needsRedis, concurrency: 2 }, () => {
  test('its late finish is refused: one result, that of the other server', async (t) => {
    const { target, pair, hanging, steady, first, holder, api } = await stopMidRun(t);
    const second = await until('the other server has the run', () =>
      target.hits.find((hit) => hit.taskId === hanging && hit.attempt === 2),
    );
    const before = await api.run(first.runId);

    // Its answer lies in the socket: the first thing it finds when it goes on, with a token of long ago.
    first.answer({ by: 'the first' });
    holder.signal('SIGCONT');
    const continuedAt = performance.now();
    const refused = () =>
      holder.logged('a late finish was refused').some((line) => line.runId === first.runId);
    // Unless its heartbeat is quicker and says that the lease is lost: then there is no finish to refuse.
    await until('it has had its say', () => refused() || performance.now() - continuedAt > 2 * LEASE_MS);
    t.diagnostic(refused() ? 'the finish was refused' : 'the lease was known to be lost');
    assert.deepEqual(await api.run(first.runId), before, 'the second attempt goes on, nothing was written');

    second.answer({ by: 'the second' });
    await allEnded(api, [hanging, steady]);
    await assertKept(api, [hanging, steady], { target });
    const ended = await api.run(first.runId);
    assert.deepEqual(await pair.ask(holder, 'anna').run(first.runId), ended, 'both servers say the same');
    assert.deepEqual(ended.result, { by: 'the second' });
    assert.deepEqual(
      ended.attempts.map(({ outcome }) => outcome),
      ['lost', 'succeeded'],
    );
  });

  test('what it was still doing is stopped', async (t) => {
    const { target, hanging, steady, first, holder, api } = await stopMidRun(t);
    const second = await until('the other server has the run', () =>
      target.hits.find((hit) => hit.taskId === hanging && hit.attempt === 2),
    );
    const continuedAt = Date.now();
    holder.signal('SIGCONT');
    await until('the first call is given up', () => first.leftAt !== null, { everyMs: 20 });
    const tookMs = (first.leftAt as number) - continuedAt;
    // Renewed every quarter of a lease; the first renewals may find their connection dead.
    assert.ok(tookMs <= LEASE_MS + 1_500, `the action went on for ${tookMs} ms without a lease`);
    assert.equal((await api.run(first.runId)).state, 'running', 'the second attempt goes on');

    second.answer();
    await allEnded(api, [hanging, steady]);
    await assertKept(api, [hanging, steady], { target });
    assert.deepEqual(
      (await api.run(first.runId)).attempts.map(({ outcome }) => outcome),
      ['lost', 'succeeded'],
    );
  });
});

/** One task hangs, one fires every second; the server that has the hanging run is stopped and has lost it. */
async function stopMidRun(t: TestContext) {
  const target = await startTarget(t);
  const pair = await startPair(t, { ALLOW_HOSTS: target.host, LEASE_MS: String(LEASE_MS) });
  const anna = pair.ask(pair.servers[0], 'anna');
  const [hanging, steady] = (
    await anna.createTasks([
      ticking('hangs', calling(target.hangUrl), { maxSlots: 1 }, { timeoutMs: 60_000 }),
      ticking('steady', calling(target.okUrl), { maxSlots: 12 }),
    ])
  ).map((task) => task.id);
  assert.ok(hanging && steady);
  const first = await until('the first attempt is under way', () =>
    target.hits.find((hit) => hit.taskId === hanging),
  );
  const { holder, other } = pair.whoHas((await anna.run(first.runId)).attempts[0]?.worker ?? '');
  holder.signal('SIGSTOP');
  const stoppedAt = Date.now();
  const api = pair.ask(other, 'anna');
  await until(
    'the attempt is lost',
    async () => (await api.run(first.runId)).attempts[0]?.outcome === 'lost',
    {
      everyMs: 150,
    },
  );
  const tookMs = Date.now() - stoppedAt;
  assert.ok(tookMs <= TAKEN_OVER_MS, `lost only after ${tookMs} ms`);
  return { target, pair, hanging, steady, first, holder, api };
}
