import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { slotRunId } from '../../../server/store/ids.ts';
import type { ClaimedRun, SlotDecision, TaskRecord } from '../../../server/store/records.ts';
import type { Bench, EventPosition } from './bench.ts';
import { askedRun, catchUp, DAY, EVERY_MS, fireSlot, policy, skip, taskChange } from './build.ts';
import { assertGapless } from './events.ts';
import type { StoreHarness } from './harness.ts';
import { Model, type ModelRun } from './model.ts';
import { onBench } from './on-bench.ts';
import { type Command, commands, type SlotKind } from './random-commands.ts';

const SEED = 20_260_314;

/** One task under random commands, beside its model. */
export class Trial {
  readonly bench: Bench;
  readonly task: TaskRecord;
  readonly model: Model;
  readonly #leases = new Map<string, ClaimedRun>();
  #nextAt: number;

  constructor(bench: Bench, task: TaskRecord, model = new Model(), nextAt = bench.originAt) {
    this.bench = bench;
    this.task = task;
    this.model = model;
    this.#nextAt = nextAt;
  }

  /** The same task in another store, to which it was moved; what was running is taken back there. */
  async movedTo(bench: Bench): Promise<Trial> {
    const { model, task } = this;
    model.nextSkipStandsAlone = true;
    const working = model.in('running', 'cancelling');
    const { lost, promoted } = await bench.store.recoverRuns(bench.partition, {
      limit: 1_000,
      countLosses: false,
    });
    assert.equal(promoted, model.promote(), 'retries that were due');
    const own = lost.filter(({ taskId }) => taskId === task.id).map(({ runId }) => runId);
    assert.deepEqual(own.sort(), working.map(({ id }) => id).sort(), 'what was running is lost');
    for (const run of working) model.finish(run, 'released', false);
    const moved = new Trial(bench, task, model, this.#nextAt);
    await moved.#compare();
    return moved;
  }

  #slot(kind: SlotKind): SlotDecision {
    const plannedAt = this.#nextAt;
    this.#nextAt += EVERY_MS;
    if (kind === 'on_time') return fireSlot(plannedAt);
    if (kind === 'catch_up') return catchUp(plannedAt);
    this.#nextAt += EVERY_MS;
    return skip(plannedAt, kind, 2);
  }

  async step(command: Command): Promise<void> {
    await this.#apply(command);
    await this.#compare();
  }

  async #apply(command: Command): Promise<void> {
    const { bench, model, task } = this;
    const choose = (runs: ModelRun[], n: number) => runs[n % Math.max(1, runs.length)];
    switch (command.do) {
      case 'fire': {
        const slots = command.slots.map((kind) => this.#slot(kind));
        await bench.fire(task.id, slots, { policy: policy(command.overlap) });
        return model.fire(slots, command.overlap, (plannedAt) => slotRunId(task.id, plannedAt));
      }
      case 'claim': {
        const ready = model.in('queued');
        const runs = await bench.claim(command.limit);
        assert.equal(
          runs.length,
          Math.min(ready.length, command.limit),
          'as many as are ready and asked for',
        );
        for (const run of runs) {
          const one = ready.find((candidate) => candidate.id === run.runId);
          assert.ok(one !== undefined, `${run.runId} was ready`);
          this.#leases.set(run.runId, run);
          model.start(one);
        }
        return;
      }
      case 'finish': {
        // Only a run that is being cancelled can end as cancelled.
        const states =
          command.outcome === 'cancelled' ? (['cancelling'] as const) : (['running', 'cancelling'] as const);
        const run = choose(model.in(...states), command.pick);
        if (run === undefined) return;
        const lease = this.#leases.get(run.id) as ClaimedRun;
        const state = await bench.finish(lease, command.outcome, { retryInMs: command.soon ? 0 : 3_600_000 });
        model.finish(run, command.outcome, command.soon);
        // A released slot run may stand behind nothing: its state is what the answer says.
        return assert.equal(state, run.state, 'the answer of the finish');
      }
      case 'cancel': {
        const run = choose(model.runs, command.pick);
        if (run === undefined) return;
        const ended = model.in('succeeded', 'failed', 'timed_out', 'cancelled').includes(run);
        const answer = await bench.store.cancelRun(run.id);
        if (!ended) model.cancel(run);
        const present = answer.code === 'gone' ? 'gone' : answer.run.state;
        assert.deepEqual(
          [answer.code, present],
          [ended ? 'ended' : run.state, run.state],
          'the answer of the cancel',
        );
        return;
      }
      case 'ask': {
        const asked = askedRun(task.id, command.trigger, bench.slot(0));
        await bench.ask(asked);
        return model.add(asked.id, asked.line, false);
      }
      case 'promote':
        return bench.promoteRetries(model.promote());
      case 'cancelHeld': {
        const present = await bench.read(task.id);
        const answer = await bench.store.changeTask(taskChange(present, { cancelHeld: true }));
        assert.equal(answer.code, 'changed');
        return model.cancelHeld();
      }
    }
  }

  async #compare(): Promise<void> {
    const { bench, model, task } = this;
    const [present, { items }, verdicts, days] = await Promise.all([
      bench.read(task.id),
      bench.store.listRuns({ taskId: task.id }, { limit: 500 }),
      bench.store.listVerdicts(task.id, 0, Number.MAX_SAFE_INTEGER, { limit: 500, oldestFirst: true }),
      bench.store.listDays(task.id, DAY),
    ]);
    const byId = (a: string[], b: string[]) => ((a[0] as string) < (b[0] as string) ? -1 : 1);
    assert.deepEqual(
      items.map((run) => [run.id, run.state]).sort(byId),
      model.runs.map((run) => [run.id, run.state]).sort(byId),
      'runs and their states',
    );
    const { live, held, waiting, segmentSlots, failures, lastEnded } = present;
    assert.deepEqual({ live, held, waiting }, model.counts(), 'live, held and waiting');
    assert.deepEqual(
      [segmentSlots, failures, lastEnded],
      [model.slots, model.failures, model.lastEnded],
      'task',
    );
    assert.deepEqual(verdicts, model.verdicts, 'verdicts');
    const ended = (...states: string[]) => model.ends.filter((end) => states.includes(end.state)).length;
    const verdict = (kind: string) => model.verdicts.filter((one) => one.verdict === kind).length;
    const skipped: Record<string, number> = {};
    for (const { reason, count } of model.verdicts)
      if (reason) skipped[reason] = (skipped[reason] ?? 0) + count;
    const day = days[0];
    if (day === undefined) return assert.equal(model.verdicts.length, 0, 'a day of counters');
    assert.deepEqual(
      [day.fired, day.caughtUp, day.skipped, day.succeeded, day.failed, day.cancelled],
      [
        verdict('fired'),
        verdict('caught_up'),
        skipped,
        ended('succeeded'),
        ended('failed', 'timed_out'),
        ended('cancelled'),
      ],
      'counters of the day',
    );
    const { tasks } = await bench.store.inspectTasks(bench.partition, { taskIds: [task.id] });
    assert.deepEqual(tasks[0]?.faults, [], 'nothing that the store would hold against itself');
    const lateness = [...day.onTime, ...day.late].reduce((sum, n) => sum + n, 0);
    assert.equal(
      lateness,
      model.ends.filter((end) => end.started).length,
      'one lateness per run that started and ended',
    );
  }
}

/** The trial's events: without holes, and the last one on each run's topic tells its state. */
async function checkEvents(trial: Trial, after: EventPosition): Promise<EventPosition> {
  const news = await trial.bench.eventsAfter(after, 1_000);
  const own = news.events.filter((event) => event.payload.taskId === trial.task.id);
  assertGapless(own.filter((event) => !event.topic.startsWith('tasks:')));
  for (const run of trial.model.runs) {
    const last = own.filter((event) => event.topic === `run:${run.id}`).at(-1);
    if (last !== undefined || run.state !== 'queued')
      assert.equal(last?.payload.state, run.state, `run:${run.id}`);
  }
  return news.after;
}

export function randomContract(harness: StoreHarness): void {
  describe('random commands', () => {
    it(
      'leave the store and a simple model in agreement after each',
      onBench(harness, async (bench) => {
        let { after } = await bench.eventsAfter(null);
        const sequences = fc.array(commands, { minLength: 5, maxLength: 30, size: 'max' });
        const property = fc.asyncProperty(sequences, async (sequence) => {
          ({ after } = await bench.eventsAfter(after, 1_000));
          const trial = new Trial(bench, await bench.task());
          try {
            for (const [n, command] of sequence.entries()) {
              const step = `after command ${n}, ${JSON.stringify(command)}`;
              await trial.step(command).catch((cause) => {
                throw new Error(`${step}: ${String(cause)}`, { cause });
              });
            }
            after = await checkEvents(trial, after);
          } finally {
            await bench.store.deleteTask(trial.task.id);
          }
        });
        // The time limit is for the shrinking of a failure.
        await fc.assert(property, { seed: SEED, numRuns: 100, interruptAfterTimeLimit: 30_000 });
      }),
    );
  });
}
