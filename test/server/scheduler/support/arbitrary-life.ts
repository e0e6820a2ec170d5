/** Random lives of a few tasks: what they are, and what happens to them and their servers. */
import fc from 'fast-check';
import type { CatchUp, OverlapPolicy, Schedule } from '../../../../shared/task.ts';
import { boundedSchedule } from './arbitrary-schedules.ts';

interface TaskSeed {
  schedule: Schedule;
  overlap: OverlapPolicy;
  catchUp: CatchUp;
  pauseAfterFailures: number | null;
}

/** Done while schedulers pass, or between two passes. */
interface Beside {
  beside: boolean;
}

export type LifeCommand =
  | { do: 'pass'; aheadMs: number; server: 0 | 1 | 'both' }
  | ({ do: 'work'; outcome: 'succeed' | 'fail' | 'end' } & Beside)
  /** `reopen`: the store goes with it, as an embedded one does. */
  | { do: 'crash'; reopen: boolean }
  | ({ do: 'edit'; task: number; schedule: Schedule } & Beside)
  | ({ do: 'pause' | 'resume' | 'rename'; task: number } & Beside);

export interface Life {
  start: number;
  tasks: TaskSeed[];
  commands: LifeCommand[];
  faults: { seed: number; rate: number };
}

/** Lives that begin at one of these instants. `closings`: whether finishes may end and pause tasks. */
export const arbitraryLife = (starts: readonly number[], closings: boolean): fc.Arbitrary<Life> =>
  fc.constantFrom(...starts).chain((start) =>
    fc.record({
      start: fc.constant(start),
      tasks: fc.array(taskFrom(start, closings), { minLength: 1, maxLength: 3 }),
      commands: fc.array(commandFrom(start, closings), { minLength: 10, maxLength: 40, size: 'max' }),
      faults: fc.record({ seed: fc.integer(), rate: fc.constantFrom(0, 0.1, 0.3) }),
    }),
  );

/** Often quick, and with few slots allowed, so that their number matters. */
const scheduleFrom = (start: number): fc.Arbitrary<Schedule> =>
  fc
    .tuple(
      fc.oneof(
        { weight: 2, arbitrary: boundedSchedule(start) },
        {
          weight: 3,
          arbitrary: fc.record({
            kind: fc.constant('every' as const),
            everyMs: fc.constantFrom(1_000, 1_700, 10_000),
            anchorAt: fc.integer({ min: 0, max: 900 }),
          }),
        },
      ),
      fc.option(fc.integer({ min: 1, max: 30 }), { freq: 2 }),
    )
    .map(([schedule, maxSlots]) => (maxSlots === null ? schedule : { ...schedule, maxSlots }));

const taskFrom = (start: number, closings: boolean): fc.Arbitrary<TaskSeed> =>
  fc.record({
    schedule: scheduleFrom(start),
    overlap: fc.constantFrom('skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all'),
    catchUp: fc.record({
      policy: fc.constantFrom('all', 'latest', 'none'),
      windowMs: fc.constantFrom(60_000, 86_400_000),
      maxRuns: fc.constantFrom(1, 3, 10),
    }),
    pauseAfterFailures: closings ? fc.constantFrom(null, null, 1, 2) : fc.constant(null),
  });

function commandFrom(start: number, closings: boolean): fc.Arbitrary<LifeCommand> {
  const [task, beside] = [fc.nat(2), fc.boolean()];
  // Mostly from slot to slot, since a long downtime may be the end of a task.
  const aheadMs = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 300, max: 1_800 }) },
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 70_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 3_000_000 }) },
  );
  const outcomes = ['succeed', 'fail', ...(closings ? (['end'] as const) : [])] as const;
  const passing = {
    do: fc.constant('pass' as const),
    aheadMs,
    server: fc.constantFrom(0, 1, 'both' as const),
  };
  const working = { do: fc.constant('work' as const), outcome: fc.constantFrom(...outcomes), beside };
  const crashing = { do: fc.constant('crash' as const), reopen: fc.constantFrom(false, false, true) };
  const editing = { do: fc.constant('edit' as const), task, schedule: scheduleFrom(start), beside };
  const changing = {
    do: fc.constantFrom('pause' as const, 'resume' as const, 'rename' as const),
    task,
    beside,
  };
  return fc.oneof(
    { weight: 10, arbitrary: fc.record(passing) as fc.Arbitrary<LifeCommand> },
    { weight: 4, arbitrary: fc.record(working) },
    { weight: 2, arbitrary: fc.record(crashing) },
    { weight: 2, arbitrary: fc.record(editing) },
    { weight: 3, arbitrary: fc.record(changing) },
  );
}
