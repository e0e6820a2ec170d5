/** So many at a time; the others wait in line. */

/** Runs `work` once fewer than `limit` are under way; first come, first served. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

export function createTurns(limit: number): Turns {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return async (work) => {
    // Whoever ends hands its place on, so that nobody who comes later slips in between.
    if (underWay >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else underWay += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) underWay -= 1;
      else next();
    }
  };
}
