/**
 * Claims that were not answered. Their runs may be ours already, so the same request is repeated until it is answered or its
 * leases have ended. Meanwhile nothing new is claimed in that partition, and only one place is promised for each: of a Redis
 * Cluster one master may be away for seconds, and its partitions must not take the places of the others.
 */
import type { Clock } from '../lib/clock.ts';
import type { ClaimedRun } from '../store/records.ts';
import type { ClaimRequest } from '../store/requests.ts';
import type { Store } from '../store/store.ts';
import type { Places } from './places.ts';

export interface ClaimRepeats {
  /** Takes the promise of the request back and begins to repeat it. */
  repeat(partition: number, request: ClaimRequest): void;
  /** Whether a claim there has no answer yet. */
  isInDoubt(partition: number): boolean;
  /** Claims without an answer. */
  underWay(): number;
}

const REPEAT_AFTER_MS = 250;
/** Longer than any lease of a claim that was not answered. */
const REPEATED_FOR_MS = 60_000;

export function createClaimRepeats(deps: {
  store: Pick<Store, 'claimRuns'>;
  clock: Clock;
  places: Places;
  onAnswer: (partition: number, request: ClaimRequest, runs: ClaimedRun[]) => void;
  /** A claim is given up: what is ready there may be claimed anew. */
  onGivenUp: () => void;
}): ClaimRepeats {
  const { store, clock, places } = deps;
  const inDoubt = new Map<number, number>();
  const count = (partition: number, by: number) => inDoubt.set(partition, (inDoubt.get(partition) ?? 0) + by);

  async function ask(partition: number, request: ClaimRequest, since: number): Promise<void> {
    if (clock.now() - since > REPEATED_FOR_MS) {
      count(partition, -1);
      deps.onGivenUp();
      return;
    }
    // If it was applied, all its runs are answered, whatever the limit is now.
    const again = places.again(request);
    let runs: ClaimedRun[];
    try {
      runs = await store.claimRuns(partition, again);
    } catch {
      places.settle(again, 0);
      setTimeout(ask, REPEAT_AFTER_MS, partition, request, since);
      return;
    }
    count(partition, -1);
    deps.onAnswer(partition, again, runs);
  }

  return {
    repeat(partition, request) {
      places.settle(request, 0);
      count(partition, 1);
      setTimeout(ask, REPEAT_AFTER_MS, partition, request, clock.now());
    },
    isInDoubt: (partition) => (inDoubt.get(partition) ?? 0) > 0,
    underWay: () => [...inDoubt.values()].reduce((sum, n) => sum + n, 0),
  };
}
