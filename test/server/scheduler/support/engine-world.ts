/** Random lives of a few tasks on a real store: schedulers that crash, answers that are lost, edits in between. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { TaskRecord } from '../../../../server/store/records.ts';
import type { TaskChange } from '../../../../server/store/requests.ts';
import type { Store } from '../../../../server/store/store.ts';
import { createHistoryService } from '../../../../server/tasks/history-service.ts';
import { createSegmentSource } from '../../../../server/tasks/segment-source.ts';
import * as changes from '../../../../server/tasks/task-changes.ts';
import type { CatchUp, OverlapPolicy, Schedule } from '../../../../shared/task.ts';
import { brutePlanned } from '../../../helpers/brute-slots.ts';
import {
  type Embedded,
  faultyStore,
  makeTask,
  readTask,
  runsOf,
  schedulingServer,
  seededRandom,
  verdictsOf,
  workOff,
} from '../../../helpers/engine-harness.ts';
import { boundedSchedule } from './arbitrary-schedules.ts';

interface TaskSeed {
  schedule: Schedule;
  overlap: OverlapPolicy;
  catchUp: CatchUp;
  pauseAfterFailures: number | null;
}
type Command =
  | { do: 'pass'; aheadMs: number; server: 0 | 1 | 'both' }
  | { do: 'work'; outcome: 'succeed' | 'fail' | 'end' }
  /** `reopen`: the store goes with it, as an embedded one does. */
  | { do: 'crash'; reopen: boolean }
  | { do: 'edit'; task: number; schedule: Schedule }
  | { do: 'pause' | 'resume' | 'rename'; task: number };

export interface Life {
  start: number;
  tasks: TaskSeed[];
  commands: Command[];
  faults: { seed: number; rate: number };
}

/** Lives that begin at one of these instants. `closings`: whether finishes may end and pause tasks. */
export const arbitraryLife = (starts: readonly number[], closings: boolean): fc.Arbitrary<Life> =>
  fc.constantFrom(...starts).chain((start) => lifeFrom(start, boundedSchedule(start), closings));

function lifeFrom(start: number, schedules: fc.Arbitrary<Schedule>, closings: boolean): fc.Arbitrary<Life> {
  const task = fc.record({
    schedule: schedules,
    overlap: fc.constantFrom<OverlapPolicy[]>(
      'skip',
      'buffer_one',
      'buffer_all',
      'cancel_other',
      'allow_all',
    ),
    catchUp: fc.record({
      policy: fc.constantFrom<('all' | 'latest' | 'none')[]>('all', 'latest', 'none'),
      windowMs: fc.constantFrom(60_000, 86_400_000),
      maxRuns: fc.constantFrom(1, 3, 10),
    }),
    pauseAfterFailures: closings ? fc.constantFrom(null, null, 1, 2) : fc.constant(null),
  });
  const index = fc.nat(2);
  const command: fc.Arbitrary<Command> = fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        do: fc.constant('pass' as const),
        aheadMs: fc.oneof(
          fc.integer({ min: 0, max: 1_200 }),
          fc.integer({ min: 0, max: 90_000 }),
          fc.integer({ min: 0, max: 3_000_000 }),
        ),
        server: fc.constantFrom(0 as const, 1 as const, 'both' as const),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('work' as const),
        outcome: fc.constantFrom(
          'succeed' as const,
          'fail' as const,
          ...(closings ? (['end'] as const) : []),
        ),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('crash' as const),
        reopen: fc.constantFrom(false, false, true),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('edit' as const), task: index, schedule: schedules }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom('pause' as const, 'resume' as const, 'rename' as const),
        task: index,
      }),
    },
  );
  return fc.record({
    start: fc.constant(start),
    tasks: fc.array(task, { minLength: 1, maxLength: 3 }),
    commands: fc.array(command, { minLength: 5, maxLength: 30 }),
    faults: fc.record({ seed: fc.integer(), rate: fc.constantFrom(0, 0.1, 0.3) }),
  });
}

const failure = { outcome: 'failed', attemptOutcome: 'failed', error: { code: 'E', message: '' } } as const;

/** Lives it, heals the store, and checks the promise. Answers how many slots were decided and how many calls failed. */
export async function live(
  world: Embedded,
  { start, tasks, commands, faults }: Life,
): Promise<{ slots: number; failed: number }> {
  const { clock } = world;
  clock.advance(start - clock.now());
  const owner = randomBytes(6).toString('hex');
  const random = seededRandom(faults.seed);
  let failed = 0;
  let { rate } = faults;
  const unreliable = () =>
    faultyStore(world.store, (operation) => {
      if (operation === 'beat' || random() >= rate) return null;
      failed += 1;
      return random() < 0.5 ? 'before' : 'after';
    });
  let store: Store = unreliable();
  const boot = async () =>
    [await schedulingServer({ ...world, store }), await schedulingServer({ ...world, store })] as const;
  const ids: string[] = [];
  for (const [n, { schedule, ...policy }] of tasks.entries()) {
    // Who creates a task that never fires is told so.
    if (createSegmentSource(changes.openSegment(schedule, start, null)).next(start) === null) continue;
    ids.push((await makeTask(world.store, start, schedule, policy, `${owner}${n}`)).id);
  }
  if (ids.length === 0) return { slots: 0, failed: 0 };
  let servers = await boot();
  const idOf = (task: number) => ids[task % ids.length] as string;
  const pass = async (which: 0 | 1 | 'both') => {
    const chosen = which === 'both' ? servers : [servers[which]];
    await Promise.all(chosen.map(({ scheduler }) => scheduler.runOnce().catch(() => undefined)));
  };

  async function change(
    taskId: string,
    plan: (task: TaskRecord, now: number) => TaskChange | 'behind' | null,
  ) {
    const task = await store.getTask(taskId);
    if (task === null || task.closing !== null) return;
    const planned = plan(task, clock.now());
    // A refusal is a matter of its owner, who would read and ask again.
    if (planned !== null && planned !== changes.BEHIND) await store.changeTask(planned);
  }

  async function play(command: Command): Promise<void> {
    switch (command.do) {
      case 'pass':
        clock.advance(command.aheadMs);
        return pass(command.server);
      case 'work':
        await workOff(world.store, () =>
          command.outcome === 'fail' ? failure : { endTask: command.outcome === 'end' },
        );
        return;
      case 'crash':
        world.onWake.clear();
        if (command.reopen) await world.reopen();
        store = unreliable();
        servers = await boot();
        return;
      case 'edit':
        return change(idOf(command.task), (task, now) =>
          changes.reschedule(task, { ...task.definition, schedule: command.schedule }, now),
        );
      case 'pause':
        return change(idOf(command.task), (task, now) =>
          task.state === 'active' ? changes.pause(task, now) : null,
        );
      case 'resume':
        return change(idOf(command.task), (task, now) =>
          task.state === 'paused' ? changes.resume(task, now) : null,
        );
      case 'rename':
        return change(idOf(command.task), (task) =>
          changes.redefine(task, { ...task.definition, name: 'other' }),
        );
    }
  }

  for (const command of commands)
    await play(command).catch((error) => assert.equal(error.code, 'STORE_UNAVAILABLE', error));
  rate = 0;
  let slots = 0;
  await settle(world, ids, () => pass('both'));
  for (const id of ids) slots += await checkTask(world, id);
  for (const id of ids) await world.store.deleteTask(id);
  return { slots, failed };
}

/** Passes until nothing is owed any more. */
async function settle({ store, clock }: Embedded, ids: string[], pass: () => Promise<void>): Promise<void> {
  for (let passes = 0; ; passes += 1) {
    assert.ok(passes < 150, 'a task owes slots and nobody decides them');
    clock.advance(passes % 3 === 0 ? 1_200 : 0);
    await pass();
    const tasks = await Promise.all(ids.map((id) => readTask(store, id)));
    const owes = tasks.some(
      ({ state, nextAt, closing }) =>
        closing !== null || (state === 'active' && (nextAt as number) <= clock.now()),
    );
    if (!owes && passes >= 2) return;
  }
}

/** Verdicts = what the segments plan, slot by slot; one run for each that got one; the product's audit agrees. */
async function checkTask({ store, clock }: Embedded, id: string): Promise<number> {
  const [task, segments, verdicts, runs] = [
    await readTask(store, id),
    await store.listSegments(id),
    await verdictsOf(store, id),
    await runsOf(store, id),
  ];
  const bornAt = segments[0]?.fromAt as number;
  const planned = brutePlanned(segments, bornAt, task.cursorAt + 1);
  let at = 0;
  for (const record of verdicts) {
    const covered = planned.slice(at, at + record.count);
    assert.deepEqual(
      [covered[0], covered.at(-1)],
      [record.plannedAt, record.toAt - 1],
      JSON.stringify(record),
    );
    at += record.count;
  }
  assert.equal(at, planned.length, 'every slot behind the cursor has a verdict');
  const asked = verdicts.filter(({ verdict }) => verdict !== 'skipped');
  const bySlot = runs.toSorted((a, b) => a.plannedAt - b.plannedAt);
  assert.deepEqual(
    bySlot.map(({ id: runId, verdict }) => [runId, verdict]),
    asked.map(({ plannedAt, verdict }) => [`${id}:${plannedAt}`, verdict]),
    'exactly one run for each slot that was fired or caught up',
  );
  const audit = await createHistoryService({ store, clock }).audit(task.ownerId, id, { fromAt: bornAt });
  assert.deepEqual([audit.ok, audit.planned], [true, planned.length], JSON.stringify(audit));
  assert.ok(task.state !== 'active' || task.nextAt !== null, 'an active task has a next slot');
  return planned.length;
}
