/** Waiting retries of one partition by instant: a binary heap. Entries of runs that wait no longer are skipped by the reader. */
export interface RetryEntry {
  at: number;
  runId: string;
}

export class RetryHeap {
  readonly #items: RetryEntry[] = [];

  push(entry: RetryEntry): void {
    const items = this.#items;
    let at = items.length;
    items.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (items[parent]!.at <= entry.at) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = entry;
  }

  /** What waits, in no order. */
  entries(): readonly RetryEntry[] {
    return this.#items;
  }

  peek(): RetryEntry | undefined {
    return this.#items[0];
  }

  pop(): RetryEntry | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && items[child + 1]!.at < items[child]!.at) child += 1;
      if (items[child]!.at >= last.at) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return first;
  }
}
