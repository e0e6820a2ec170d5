/**
 * How many of the operations that wait go into one batch, which is one transaction and one sync.
 *
 * What a turn of the loop brings is split where it moves many runs: while the thread works on one part, the loop executes
 * the runs of the other. (A burst at concurrency 50 comes as two calls of 25 runs: together they leave the thread idle
 * while the loop works, and the loop while the thread does.) Where syncs are slow, fewer of them are worth more.
 */
import type { OperationArgs, OperationName } from './operations.ts';

type Operation = [name: OperationName, args: unknown[]];

/** Operations in one batch: bounds how long the others wait. */
const MOST_OPERATIONS = 256;
/** Runs that a batch fires, claims or finishes before the next one begins: about 0.5 ms of work for either side. */
const RUNS = 25;
/** A commit that takes longer, ms, costs more than the loop's work on a batch saves by going on beside it. */
const SLOW_COMMIT_MS = 1;

/** At least 1 when anything waits. `commitMs`: how long the newest commit took. */
export function batchSize(operations: readonly Operation[], commitMs: number): number {
  const most = Math.min(operations.length, MOST_OPERATIONS);
  if (commitMs > SLOW_COMMIT_MS) return most;
  let runs = 0;
  for (let size = 0; size < most; size++) {
    runs += runsOf(operations[size]!);
    if (runs >= RUNS) return size + 1;
  }
  return most;
}

/** Runs that an operation moves on: what it finishes or fires is what it claims in turn. */
function runsOf([name, args]: Operation): number {
  switch (name) {
    case 'fireSlots':
    case 'finishRuns':
      return (args as OperationArgs<'fireSlots' | 'finishRuns'>)[1].length;
    case 'claimRuns':
      return (args as OperationArgs<'claimRuns'>)[1].limit;
    default:
      return 0;
  }
}
