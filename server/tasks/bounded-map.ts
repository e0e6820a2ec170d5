/** A Map that forgets its oldest entry once it holds `limit` of them: a memory of pure results, never the only copy. */
export function bounded<K, V>(limit: number): Map<K, V> {
  return new BoundedMap<K, V>(limit);
}

class BoundedMap<K, V> extends Map<K, V> {
  readonly #limit: number;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  override set(key: K, value: V): this {
    if (this.size >= this.#limit && !this.has(key)) {
      const oldest = this.keys().next();
      if (oldest.done !== true) this.delete(oldest.value);
    }
    return super.set(key, value);
  }
}
