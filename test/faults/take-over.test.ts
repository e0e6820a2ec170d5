/**
 * What a server that is gone leaves behind is taken over within a lease, whether it was killed or stands still: its share of
 * the partitions, the slots that fall due there, and the runs that it had under way.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunSummary } from '../../shared/run.ts';
import { startServer } from '../helpers/server-process.ts';
import { startPair } from './support/cluster.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { needsRedis } from './support/stores.ts';
import { startTarget } from './support/target.ts';
import { calling, ticking } from './support/tasks.ts';
import { lasting, until } from './support/until.ts';

const USERS = ['anna', 'ben', 'cleo', 'dan', 'eve', 'finn', 'gus', 'hal'];
const SLOTS = 26;
/** The default. */
const LEASE_MS = 5_000;
/** A sweep, and a busy machine. */
const SWEEP_MS = 1_000 + 1_500;
const GONE_MS = 7_000;

test('killed, then frozen', { skip: needsRedis }, async (t) => {
  const target = await startTarget(t);
  const pair = await startPair(t, { ALLOW_HOSTS: target.host });
  const { servers } = pair;
  const [stays, goes] = servers;
  const owners = await Promise.all(
    USERS.map(async (user) => {
      const api = pair.ask(stays, user);
      const tasks = await api.createTasks([
        ticking(`${user} quick`, calling(target.okUrl), { maxSlots: SLOTS }),
        ticking(`${user} slow`, calling(target.slowUrl(1_000)), { maxSlots: SLOTS, anchorAt: 500 }),
      ]);
      return { api, ids: tasks.map(({ id }) => id) };
    }),
  );
  await until('they tick', () => target.hits.length >= 40);

  const killedAt = Date.now();
  await goes.kill9();
  await lasting(GONE_MS);
  const other = await startServer(pair.options);
  t.after(() => other.kill9());
  // Beats are 1 s apart: then it has its share.
  await lasting(2_000);
  const frozenAt = Date.now();
  other.signal('SIGSTOP');
  await lasting(GONE_MS);
  other.signal('SIGCONT');

  const runs: RunSummary[] = [];
  for (const { api, ids } of owners) {
    await allEnded(api, ids, 60_000);
    for (const kept of await assertKept(api, ids, { target })) runs.push(...kept.runs);
  }
  for (const [what, at] of [
    ['killed', killedAt],
    ['frozen', frozenAt],
  ] as const) {
    const during = runs.filter(({ plannedAt }) => plannedAt >= at - 1_000 && plannedAt < at + GONE_MS);
    const late = Math.max(...during.map(({ lateByMs }) => lateByMs ?? Number.POSITIVE_INFINITY));
    const ended = Math.max(...during.map(({ endedAt, plannedAt }) => (endedAt ?? 0) - plannedAt));
    t.diagnostic(
      `${what}: latest start ${late} ms, latest end ${ended} ms after the slot, of ${during.length}`,
    );
    assert.ok(during.length >= USERS.length * 2 * 5, `${during.length} slots fell due`);
    assert.ok(late <= LEASE_MS + SWEEP_MS, `${what}: a slot started ${late} ms late`);
    assert.ok(ended <= LEASE_MS + SWEEP_MS + 2_000, `${what}: a run ended ${ended} ms after its slot`);
  }
});
