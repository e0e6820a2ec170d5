/**
 * Crash matrix: host clock ±1 h and a laptop asleep for an hour, embedded store. It lives on the host's clock: owed slots
 * are caught up or waited out, and none has a second verdict.
 */
import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { type ApiClient, createApiClient } from '../helpers/api-client.ts';
import { type ServerProcess, startServer } from '../helpers/server-process.ts';
import { tempDir } from '../helpers/temp-dir.ts';
import { allEnded, assertKept } from './support/oracle.ts';
import { startTarget, type Target } from './support/target.ts';
import { calling, ticking } from './support/tasks.ts';
import { until } from './support/until.ts';
import { HOUR_MS, type WrongClock, wrongClock } from './support/wrong-clock.ts';

const EVERY_MS = 1_000;
/** Default of catchUp.maxRuns: older slots of a long backlog are skipped as catch_up_limit. */
const MOST_CAUGHT_UP = 100;

interface Ticking {
  target: Target;
  clock: WrongClock;
  server: () => ServerProcess;
  restart(): Promise<void>;
  api: ApiClient;
  taskId: string;
  /** A task of one run that hangs. */
  hangsId: string;
}

suite('the host clock is set, on the embedded store', { concurrency: 2 }, () => {
  test('an hour ahead across a restart: the hour is owed, caught up as far as the policy goes', async (t) => {
    const all = await ticks(t);
    await all.server().kill9();
    all.clock.shift(HOUR_MS);
    await all.restart();
    await assertHourOwed(all);
  });

  test('an hour ahead while it works, as after an hour asleep: the same', async (t) => {
    const all = await ticks(t);
    all.clock.shift(HOUR_MS);
    await assertHourOwed(all);
  });

  test('an hour back across a restart: waited out, nothing has a second verdict', async (t) => {
    const all = await ticks(t);
    const { api, target, hangsId } = all;
    await all.server().kill9();
    all.clock.shift(-HOUR_MS);
    await all.restart();

    // A run that was lost is made again all the same; its fence is higher though the clock says otherwise.
    const again = await until('the call that hung is made again', () =>
      target.hits.find((hit) => hit.taskId === hangsId && hit.attempt === 2),
    );
    again.answer();
    await allEnded(api, [hangsId]);
    const first = target.hits.find((hit) => hit.taskId === hangsId);
    assert.ok(first && again.fence > first.fence, `fence ${again.fence} after ${first?.fence}`);
    await assertWaitedOut(all);
  });

  test('an hour back while it works: the same', async (t) => {
    const all = await ticks(t);
    all.clock.shift(-HOUR_MS);
    await assertWaitedOut(all);
  });
});

/** A task that has fired a few times. */
async function ticks(t: TestContext): Promise<Ticking> {
  const target = await startTarget(t);
  const clock = wrongClock(t, { ALLOW_HOSTS: target.host });
  const options = { dataDir: tempDir(t), ...clock.options };
  let server = await startServer(options);
  t.after(() => server.kill9());
  const api = createApiClient(() => server.origin, 'anna');
  const [task, hangs] = await api.createTasks([
    ticking('tick', calling(target.okUrl), { maxSlots: 100_000, everyMs: EVERY_MS }),
    ticking('hangs', calling(target.hangUrl), { maxSlots: 1 }, { timeoutMs: 60_000 }),
  ]);
  assert.ok(task && hangs);
  await until('it ticks', () => target.hits.length >= 4);
  return {
    target,
    clock,
    server: () => server,
    async restart() {
      server = await startServer(options);
    },
    api,
    taskId: task.id,
    hangsId: hangs.id,
  };
}

async function assertHourOwed({ target, clock, api, taskId }: Ticking): Promise<void> {
  await until('slots of the new time fire', async () => {
    const latest = target.hits.at(-1);
    return latest !== undefined && latest.plannedAt > clock.now() - 3_000 && (await caughtUp(api, taskId));
  });
  await api.post(`/api/tasks/${taskId}/pause`, {});
  await allEnded(api, [taskId]);
  const [kept] = await assertKept(api, [taskId], { target, earlyBy: 'store' });
  const skipped = kept?.audit.skipped.catch_up_limit ?? 0;
  // The hour, but for the last second of it, which is on time, and what went by meanwhile.
  assert.ok(kept && kept.audit.caughtUp >= MOST_CAUGHT_UP - 1, JSON.stringify(kept?.audit));
  assert.ok(skipped > (HOUR_MS - 120_000) / EVERY_MS - MOST_CAUGHT_UP, `${skipped} slots skipped`);
}

/** The backlog is decided, and its runs have been made. */
async function caughtUp(api: ApiClient, taskId: string): Promise<boolean> {
  const runs = (
    await api.get<{ items: { verdict: string; state: string }[] }>(`/api/tasks/${taskId}/runs?limit=100`)
  ).items;
  return runs.every(({ state }) => state === 'succeeded' || state === 'running');
}

async function assertWaitedOut({ target, clock, api, taskId }: Ticking): Promise<void> {
  // A run that the kill caught is made again; the next slot lies an hour ahead.
  await until('every run has ended', async () => {
    const runs = await api.runs(taskId);
    return runs.every(({ state }) => state === 'succeeded');
  });
  const before = await api.task(taskId);
  const made = () => target.hits.filter((hit) => hit.taskId === taskId).length;
  const hits = made();
  const cursorAt = before.decidedThroughAt;
  assert.ok(cursorAt > clock.now() + HOUR_MS / 2, 'its slots lie in the future by now');

  // Other tasks live on the clock as it is.
  const [fresh] = await api.createTasks([ticking('fresh', calling(target.okUrl), { maxSlots: 3 })]);
  assert.ok(fresh);
  await allEnded(api, [fresh.id]);
  await assertKept(api, [fresh.id], { target, earlyBy: 'store' });
  assert.equal((await api.task(taskId)).decidedThroughAt, cursorAt, 'nothing was decided again');
  assert.equal(made(), hits, 'nothing ran again');

  // The clock is put right: it goes on where it was.
  clock.shift(0);
  await until('it goes on', () => made() >= hits + 2);
  await api.post(`/api/tasks/${taskId}/pause`, {});
  await allEnded(api, [taskId]);
  await assertKept(api, [taskId], { target });
}
