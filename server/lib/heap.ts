/** A binary min-heap by a number. Equal keys come out in no particular order. */
export interface Heap<T> {
  readonly size: number;
  push(key: number, value: T): void;
  /** The smallest key, without removing it. */
  peekKey(): number | null;
  pop(): T | null;
  clear(): void;
}

export function createHeap<T>(): Heap<T> {
  const keys: number[] = [];
  const values: T[] = [];
  const less = (a: number, b: number) => (keys[a] as number) < (keys[b] as number);
  const swap = (a: number, b: number) => {
    const key = keys[a] as number;
    const value = values[a] as T;
    keys[a] = keys[b] as number;
    values[a] = values[b] as T;
    keys[b] = key;
    values[b] = value;
  };
  return {
    get size() {
      return keys.length;
    },
    push(key, value) {
      let child = keys.push(key) - 1;
      values.push(value);
      while (child > 0) {
        const parent = (child - 1) >> 1;
        if (!less(child, parent)) break;
        swap(child, parent);
        child = parent;
      }
    },
    peekKey: () => keys[0] ?? null,
    pop() {
      if (keys.length === 0) return null;
      swap(0, keys.length - 1);
      const value = values.pop() as T;
      keys.pop();
      let parent = 0;
      for (;;) {
        const left = 2 * parent + 1;
        if (left >= keys.length) break;
        const smaller = left + 1 < keys.length && less(left + 1, left) ? left + 1 : left;
        if (!less(smaller, parent)) break;
        swap(smaller, parent);
        parent = smaller;
      }
      return value;
    },
    clear() {
      keys.length = 0;
      values.length = 0;
    },
  };
}
