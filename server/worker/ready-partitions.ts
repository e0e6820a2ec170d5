/**
 * Which partitions have ready runs, and whose turn it is. A partition is worked through in whole batches before the next one:
 * sixteen calls of three runs each would halve a burst. But what has just become ready goes first, and after some hundred
 * runs another one has its turn: one owner's ten thousand runs must not stand before another's one in the next partition.
 */
export interface ReadyPartitions {
  readonly size: number;
  /** Something became ready there. */
  hear(partition: number): void;
  /** How often `hear` was called for it: what comes after a claim was asked for may have come too late for it. */
  heard(partition: number): number;
  /** A claim of `limit` runs, asked for when it was at `heardThen`, got `got`. */
  answered(partition: number, got: number, limit: number, heardThen: number): void;
  /** In the order of turns. */
  inTurn(): Iterable<number>;
  /** Whose turn it is; one that is `preferred`, if there is any. */
  current(preferred: (partition: number) => boolean): number | undefined;
  /** Its last claim got all that it asked for. */
  isFull(partition: number): boolean;
}

/** Runs that one partition is handed out in a row: 50 to 100 ms. (Turns of 400 cost a burst 10 %.) */
const RUNS_A_TURN = 2_000;

export function createReadyPartitions(): ReadyPartitions {
  /** Nobody knows yet how much there is. */
  const fresh = new Set<number>();
  /** A claim was answered in full: there is more. */
  const busy = new Set<number>();
  const heard = new Map<number, number>();
  /** Runs handed out in this turn. */
  const handedOut = new Map<number, number>();
  const heardOf = (partition: number) => heard.get(partition) ?? 0;

  function* inTurn() {
    yield* fresh;
    yield* busy;
  }

  return {
    get size() {
      return fresh.size + busy.size;
    },
    hear(partition) {
      heard.set(partition, heardOf(partition) + 1);
      if (!busy.has(partition)) fresh.add(partition);
    },
    heard: heardOf,
    answered(partition, got, limit, heardThen) {
      if (got < limit) {
        busy.delete(partition);
        handedOut.delete(partition);
        if (heardOf(partition) === heardThen) fresh.delete(partition);
        else fresh.add(partition);
        return;
      }
      const inThisTurn = (handedOut.get(partition) ?? 0) + got;
      const isOver = inThisTurn >= RUNS_A_TURN;
      handedOut.set(partition, isOver ? 0 : inThisTurn);
      fresh.delete(partition);
      // To the end of the line.
      if (isOver) busy.delete(partition);
      busy.add(partition);
    },
    inTurn,
    current(preferred) {
      let first: number | undefined;
      for (const partition of inTurn()) {
        if (preferred(partition)) return partition;
        first ??= partition;
      }
      return first;
    },
    isFull: (partition) => busy.has(partition),
  };
}
