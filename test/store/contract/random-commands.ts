/** What the random test may do to a task, and how often. */
import fc from 'fast-check';
import type { FinishOutcome } from '../../../server/store/requests.ts';
import type { OverlapPolicy } from '../../../shared/task.ts';

const OVERLAPS: OverlapPolicy[] = ['skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all'];
const SLOTS = ['on_time', 'on_time', 'on_time', 'catch_up', 'coalesced', 'catch_up_off'] as const;
const OUTCOMES: FinishOutcome[] = ['succeeded', 'failed', 'timed_out', 'retry', 'released', 'cancelled'];

export type SlotKind = (typeof SLOTS)[number];

export type Command =
  | { do: 'fire'; slots: SlotKind[]; overlap: OverlapPolicy }
  | { do: 'claim'; limit: number }
  | { do: 'finish'; pick: number; outcome: FinishOutcome; soon: boolean }
  | { do: 'cancel'; pick: number }
  | { do: 'ask'; trigger: 'manual' | 'backfill' }
  | { do: 'promote' }
  | { do: 'cancelHeld' };

const pick = fc.nat(1_000);
export const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('fire' as const),
      slots: fc.array(fc.constantFrom(...SLOTS), { minLength: 1, maxLength: 4 }),
      overlap: fc.constantFrom(...OVERLAPS),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('claim' as const), limit: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('finish' as const),
      pick,
      outcome: fc.constantFrom(...OUTCOMES),
      soon: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cancel' as const), pick }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('ask' as const), trigger: fc.constantFrom('manual', 'backfill') }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'promote' as const }) },
  { weight: 1, arbitrary: fc.constant({ do: 'cancelHeld' as const }) },
);
