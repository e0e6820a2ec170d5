import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClaimedRun, TaskRecord } from '../../../server/store/records.ts';
import type { OverlapPolicy } from '../../../shared/task.ts';
import type { Bench } from './bench.ts';
import {
  askedRun,
  catchUp,
  claimRequest,
  DAY,
  finishRequest,
  fireRequest,
  fireSlot,
  policy,
  taskChange,
} from './build.ts';
import { assertGapless } from './events.ts';
import type { StoreHarness } from './harness.ts';
import { onBench } from './on-bench.ts';

const OVERLAPS: OverlapPolicy[] = ['skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all'];
const ROUNDS = 40;

/** Two servers that fire the same slots, as far as each knows. */
async function fireSlots(bench: Bench, task: TaskRecord, fired: Map<string, number>): Promise<void> {
  for (let k = 0; k < ROUNDS; k++) {
    const present = await bench.read(task.id);
    const next = Math.max(present.cursorAt + 1_000, bench.slot(0));
    const at = Math.ceil(next / 1_000) * 1_000;
    const slots = [fireSlot(at), k % 3 === 0 ? catchUp(at + 1_000) : fireSlot(at + 1_000)];
    const overlap = OVERLAPS[k % OVERLAPS.length] as OverlapPolicy;
    const answer = await bench.tryFire(fireRequest(present, slots, { policy: policy(overlap) }));
    if (answer.code === 'fired') fired.set(task.id, (fired.get(task.id) ?? 0) + 2);
    else assert.ok(answer.code === 'already_fired' || answer.code === 'stale', answer.code);
  }
}

/** A worker: takes what is ready, ends it in all ways; never sees a run that another one holds. */
async function work(bench: Bench, name: number, holders: Map<string, string>): Promise<void> {
  const outcomes = ['succeeded', 'failed', 'retry', 'released', 'timed_out', 'succeeded'] as const;
  let claimed: ClaimedRun[] = [];
  for (let k = 0; k < ROUNDS; k++) {
    const claim = claimRequest(1 + (k % 4), { worker: `worker-${name}` });
    for (const run of claimed) holders.delete(run.runId);
    const items = claimed.map((run, n) => finishRequest(run, outcomes[(k + n) % outcomes.length]));
    const answer = await bench.store.finishRuns(bench.partition, items, claim);
    for (const one of answer.finished) assert.equal(one.code, 'finished', 'the holder of a lease is heard');
    for (const run of answer.claimed) {
      assert.equal(holders.get(run.runId), undefined, `${run.runId} is held by one worker`);
      holders.set(run.runId, run.token);
    }
    claimed = answer.claimed;
  }
  await bench.store.finishRuns(
    bench.partition,
    claimed.map((run) => finishRequest(run)),
  );
}

/** People: run now, rename, cancel what comes along. */
async function meddle(bench: Bench, task: TaskRecord): Promise<void> {
  for (let k = 0; k < ROUNDS; k++) {
    await bench.ask(askedRun(task.id, k % 2 === 0 ? 'manual' : 'backfill', bench.slot(0)));
    const { items } = await bench.store.listRuns({ taskId: task.id }, { limit: 5 });
    const run = items[k % 5];
    if (run !== undefined) await bench.store.cancelRun(run.id);
    await bench.store.changeTask(taskChange(await bench.read(task.id), { cancelHeld: k % 10 === 0 }));
    await bench.store.recoverRuns(bench.partition, { limit: 10, countLosses: true });
  }
}

export function racesContract(harness: StoreHarness): void {
  describe('many at once', () => {
    it(
      'servers, workers and people on the same tasks leave a whole account',
      onBench(harness, async (bench) => {
        const tasks = [await bench.task(), await bench.task()];
        const fired = new Map<string, number>();
        const holders = new Map<string, string>();
        await Promise.all([
          ...tasks.flatMap((task) => [
            fireSlots(bench, task, fired),
            fireSlots(bench, task, fired),
            meddle(bench, task),
          ]),
          ...[1, 2, 3].map((name) => work(bench, name, holders)),
        ]);
        for (const { id } of tasks) {
          const task = await bench.read(id);
          const runs = (await bench.store.listRuns({ taskId: id }, { limit: 1_000 })).items;
          const count = (line: string, ...states: string[]) =>
            runs.filter((run) => run.line === line && states.includes(run.state)).length;
          const up = ['queued', 'running', 'retry_wait', 'cancelling'];
          assert.deepEqual(
            [task.live, task.held, task.waiting],
            [count('slot', ...up), count('slot', 'held'), count('late', 'held')],
            'counts kept with the task are those of its runs',
          );
          assert.ok(count('late', ...up) <= 1, 'one of the late line at a time');
          assert.ok(task.held === 0 || task.live > 0, 'nothing is held behind nobody');
          assert.ok(task.waiting === 0 || count('late', ...up) === 1, 'nothing waits behind nobody');
          const verdicts = await bench.store.listVerdicts(id, 0, Number.MAX_SAFE_INTEGER, { limit: 1_000 });
          const of = (verdict: string) =>
            verdicts.filter((one) => one.verdict === verdict).reduce((sum, one) => sum + one.count, 0);
          const slots = fired.get(id) as number;
          assert.equal(of('fired') + of('caught_up') + of('skipped'), slots, 'one verdict per slot');
          assert.equal(task.segmentSlots, slots);
          const [day] = await bench.store.listDays(id, DAY);
          const skipped = Object.values(day?.skipped ?? {}).reduce((sum, n) => sum + n, 0);
          assert.deepEqual(
            [day?.fired, day?.caughtUp, skipped],
            [of('fired'), of('caught_up'), of('skipped')],
            'the day',
          );
          const ended = (...states: string[]) =>
            runs.filter((run) => run.trigger === 'slot' && states.includes(run.state)).length;
          assert.deepEqual(
            [day?.succeeded, day?.failed, day?.cancelled],
            [ended('succeeded'), ended('failed', 'timed_out'), ended('cancelled')],
            'ends of the day',
          );
          assert.equal(task.version, 1 + ROUNDS, 'each rename counted');
        }
        assertGapless(await bench.events(1_000));
      }),
    );
  });
}
