/** What waits of several owners, taken in turns: one of each owner, then the next of each. In order within an owner. */
export interface FairQueue<T> {
  readonly size: number;
  push(owner: string, item: T): void;
  /** The next `limit` items, fewer when there are no more. Turns go on where the last call stopped. */
  take(limit: number): T[];
  clear(): void;
}

/** `next` is the place of the first item that has not been taken: shifting an array of 10,000 costs its length. */
interface Lane<T> {
  items: T[];
  next: number;
}

export function createFairQueue<T>(): FairQueue<T> {
  /** In the order of turns: who was served goes to the end. */
  const lanes = new Map<string, Lane<T>>();
  /** Where the last one joined: ten thousand of one owner come in a row. */
  let last: { owner: string; lane: Lane<T> } | null = null;
  let size = 0;
  return {
    get size() {
      return size;
    },
    push(owner, item) {
      size += 1;
      if (last?.owner !== owner) {
        const lane = lanes.get(owner) ?? { items: [], next: 0 };
        lanes.set(owner, lane);
        last = { owner, lane };
      }
      last.lane.items.push(item);
    },
    take(limit) {
      const taken: T[] = [];
      while (taken.length < limit && size > 0) {
        const [owner, lane] = lanes.entries().next().value as [string, Lane<T>];
        lanes.delete(owner);
        taken.push(lane.items[lane.next] as T);
        lane.next += 1;
        size -= 1;
        if (lane.next < lane.items.length) lanes.set(owner, lane);
        else if (last?.lane === lane) last = null;
      }
      return taken;
    },
    clear() {
      lanes.clear();
      last = null;
      size = 0;
    },
  };
}
