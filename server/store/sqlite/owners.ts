/** The owners in use: their keys in this file, and where the topics of their lists stand. */
import type { SqlDb } from './driver.ts';
import { shedFrom } from './shed-from.ts';

export interface OwnerEntry {
  n: number;
  id: string;
  /** Last seq of the topic tasks:<id>. */
  seq: number;
  dirty: boolean;
}

export class Owners {
  readonly #db: SqlDb;
  readonly #owners = new Map<string, OwnerEntry>();
  readonly #dirty: OwnerEntry[] = [];
  #nextN = 1;

  constructor(db: SqlDb) {
    this.#db = db;
  }

  /** A new owner has no row before its first event. */
  get(id: string): OwnerEntry {
    let owner = this.#owners.get(id);
    if (owner === undefined) {
      const row = this.#db.prepare('SELECT n, seq FROM owner WHERE id = ?').get(id);
      owner =
        row === undefined
          ? { n: this.#nextN++, id, seq: 0, dirty: false }
          : { n: row.n as number, id, seq: row.seq as number, dirty: false };
      this.#owners.set(id, owner);
    }
    return owner;
  }

  touch(owner: OwnerEntry): void {
    if (owner.dirty) return;
    owner.dirty = true;
    this.#dirty.push(owner);
  }

  flush(): void {
    if (this.#dirty.length === 0) return;
    const put = this.#db.prepare('INSERT OR REPLACE INTO owner (n, id, seq) VALUES (?, ?, ?)');
    for (const owner of this.#dirty) {
      put.run(owner.n, owner.id, owner.seq);
      owner.dirty = false;
    }
    this.#dirty.length = 0;
  }

  /** Lets go of the oldest beyond `max`. */
  shed(max: number): void {
    shedFrom(this.#owners, max, (owner) => !owner.dirty);
  }

  /** Forgets all, and reads where the keys stand. */
  load(): void {
    this.#owners.clear();
    this.#dirty.length = 0;
    this.#nextN = Number(this.#db.prepare('SELECT max(n) n FROM owner').get()?.n ?? 0) + 1;
  }
}
