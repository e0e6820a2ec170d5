/** Previews for the caller: refused like a creation, but what never fires is shown; beside a task's usual length. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finishRequest, T } from '../../helpers/engine-harness.ts';
import { input, ME, OTHER, openServices, refused, type ServiceBench } from './support/service-bench.ts';

const every = (everyMs: number) => ({ kind: 'every', everyMs }) as const;

/** Runs of these lengths, one after the other. */
async function runsOf({ tasks, runs, store, clock }: ServiceBench, lengths: number[]): Promise<string> {
  const { task } = await tasks.create(ME, input());
  const partition = Number.parseInt(task.id.slice(0, 2), 16);
  for (const [n, ms] of lengths.entries()) {
    await runs.runNow(ME, task.id);
    const [run] = await store.claimRuns(partition, {
      requestId: n.toString().padStart(32, '0'),
      worker: 'w',
      limit: 1,
      leaseMs: 1_000,
    });
    clock.advance(ms);
    await store.finishRuns(partition, [
      finishRequest(run!, n % 2 === 0 ? {} : { outcome: 'failed', attemptOutcome: 'failed' }),
    ]);
  }
  return task.id;
}

test('slots after the present instant of the store, as many as asked for, five unless told', async (t) => {
  const { preview, clock } = await openServices(t);
  clock.advance(1);
  const { fires, warnings } = await preview.preview(ME, { schedule: every(60_000) }, 'en');
  assert.deepEqual(
    fires.map(({ plannedAt }) => plannedAt - T),
    [60_000, 120_000, 180_000, 240_000, 300_000],
  );
  assert.deepEqual(warnings, []);
  assert.equal((await preview.preview(ME, { schedule: every(60_000), count: 2 }, 'en')).fires.length, 2);
});

test('slots closer together than a run usually takes are warned of', async (t) => {
  const bench = await openServices(t);
  const taskId = await runsOf(bench, [1_000, 15_000, 16_000, 17_000, 90_000]);
  const codes = async (everyMs: number, locale: 'zh-CN' | 'en' = 'en') =>
    (await bench.preview.preview(ME, { schedule: every(everyMs), taskId }, locale)).warnings;
  const [warning] = await codes(15_000);
  const now = bench.clock.now();
  const second = Math.floor(now / 15_000) * 15_000 + 30_000;
  assert.deepEqual([warning?.code, warning?.at], ['CLOSER_THAN_RUN', second], 'the median is 16 s');
  assert.match(warning?.message as string, /15 .*16 /);
  assert.deepEqual(
    (await codes(15_000, 'zh-CN')).map(({ code }) => code),
    ['CLOSER_THAN_RUN'],
  );
  assert.deepEqual(await codes(16_000), [], 'just far enough');
  const single = await bench.preview.preview(ME, { schedule: every(1_000), count: 1, taskId }, 'en');
  assert.deepEqual(single.warnings, [], 'one slot has no neighbour');
});

test('a task without ended runs warns of nothing; another’s task does not exist', async (t) => {
  const bench = await openServices(t);
  const taskId = await runsOf(bench, []);
  assert.deepEqual((await bench.preview.preview(ME, { schedule: every(1_000), taskId }, 'en')).warnings, []);
  await refused('TASK_NOT_FOUND', bench.preview.preview(OTHER, { schedule: every(1_000), taskId }, 'en'));
});

test('what cannot be read is refused with all problems, what never fires is shown as such', async (t) => {
  const { preview } = await openServices(t);
  const bad = await refused(
    'TIMEZONE_INVALID',
    preview.preview(ME, { schedule: { kind: 'cron', cron: '99 * * * *', timezone: 'Mars/Base' } }, 'en'),
  );
  assert.deepEqual(
    bad.details.map(({ path }) => path),
    ['schedule.timezone', 'schedule.cron'],
  );
  await refused(
    'SCHEDULE_IN_PAST',
    preview.preview(ME, { schedule: { kind: 'at', at: T - 3_600_000 } }, 'en'),
  );
  const never = await preview.preview(ME, { schedule: { kind: 'cron', cron: '0 0 31 2 *' } }, 'en');
  assert.deepEqual([never.fires, never.warnings.map(({ code }) => code)], [[], ['NEVER_FIRES']]);
});

test('with a task: its own offset, its own stretch, and how an edit would go on', async (t) => {
  const bench = await openServices(t);
  const { tasks, preview, store } = bench;
  const schedule = { ...every(3_600_000), spreadMs: 1_800_000, maxSlots: 3 } as const;
  const { task } = await tasks.create(ME, input({ schedule }));
  const own = await preview.preview(ME, { schedule, taskId: task.id }, 'en');
  const offsetMs = (await store.getTask(task.id))!.segment.spreadMs;
  assert.deepEqual(own.spread, { withinMs: 1_800_000, offsetMs });
  assert.equal(own.fires[0]?.plannedAt, (await tasks.get(ME, task.id)).nextFireAt);
  assert.ok(own.fires.every(({ plannedAt, nominalAt }) => plannedAt - nominalAt === offsetMs));
  assert.equal(own.fires.length, 3);
  await bench.pass(3_600_000 + offsetMs);
  assert.equal(
    (await preview.preview(ME, { schedule, taskId: task.id }, 'en')).fires.length,
    1,
    'one of three is left',
  );

  const edited = { ...schedule, spreadMs: 3_000_000, maxSlots: 9 };
  const seen = await preview.preview(ME, { schedule: edited, taskId: task.id }, 'en');
  const { version } = await tasks.get(ME, task.id);
  const after = await tasks.patch(ME, task.id, { version, schedule: edited });
  assert.deepEqual([seen.fires[0]?.plannedAt, seen.fires[0]?.nominalAt], [after.nextFireAt, after.nominalAt]);
  await tasks.pause(ME, task.id);
  bench.clock.advance(5 * 3_600_000);
  const paused = await preview.preview(ME, { schedule: edited, taskId: task.id }, 'en');
  const resumed = await tasks.resume(ME, task.id);
  assert.equal(paused.fires[0]?.plannedAt, resumed.nextFireAt);
});

test('a task that has ended: nothing comes of saving its schedule again, but of another', async (t) => {
  const bench = await openServices(t);
  const { tasks, preview } = bench;
  const schedule = { ...every(60_000), maxSlots: 1 } as const;
  const { task } = await tasks.create(ME, input({ schedule }));
  await bench.pass(60_000);
  const { state, version } = await tasks.get(ME, task.id);
  assert.equal(state, 'ended');
  const same = await preview.preview(ME, { schedule: { ...schedule, spreadMs: 0 }, taskId: task.id }, 'en');
  assert.deepEqual([same.fires, same.warnings.map(({ code }) => code)], [[], ['NEVER_FIRES']]);
  const kept = await tasks.patch(ME, task.id, { version, schedule: { ...schedule, spreadMs: 0 } });
  assert.deepEqual([kept.state, kept.nextFireAt], ['ended', null]);

  const more = { ...schedule, maxSlots: 2 };
  const seen = await preview.preview(ME, { schedule: more, taskId: task.id }, 'en');
  const woken = await tasks.patch(ME, task.id, { version: kept.version, schedule: more });
  assert.deepEqual(
    [woken.state, seen.fires.length, seen.fires[0]?.plannedAt],
    ['active', 2, woken.nextFireAt],
  );
});
