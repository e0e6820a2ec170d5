/**
 * Runs the operations of one batch in one transaction with one sync. Nothing is answered before the commit; whatever
 * fails on the disk fails for the whole batch, and the state in memory is built anew from the file.
 *
 * There is no savepoint around each operation (two more statements, a seventh of a small step): an operation refuses
 * before its first write. One that throws unexpectedly costs its batch a second, one-by-one pass, so that it touches no
 * other.
 */
import { monotonicMs } from '../../lib/clock.ts';
import type { Wake } from '../requests.ts';
import { sqliteCode } from './driver.ts';
import { OPERATIONS } from './operations.ts';
import type { Answer, Request } from './protocol.ts';
import { RefusedError } from './refused.ts';
import type { State } from './state.ts';
import { purgeExpired, purgeSome } from './steps/prune.ts';

type Operations = Extract<Request, { kind: 'batch' }>['operations'];
type Step = (s: State, now: number, ...args: unknown[]) => unknown;

export interface BatchResult {
  answers: Answer[];
  wakes: Wake[];
  /** Partitions whose event log has grown. */
  grown: number[];
}

export class BatchRunner {
  readonly #state: State;
  readonly #begin: () => void;
  readonly #commit: () => void;
  /** The state in memory is not that of the file; nothing works until it has been read again. */
  #broken = false;
  #commitMs = 0;

  constructor(state: State) {
    this.#state = state;
    const begin = state.db.prepare('BEGIN IMMEDIATE');
    const commit = state.db.prepare('COMMIT');
    this.#begin = () => void begin.run();
    this.#commit = () => void commit.run();
  }

  get broken(): boolean {
    return this.#broken;
  }

  /** How long the newest commit of a batch took, sync included. */
  get commitMs(): number {
    return this.#commitMs;
  }

  run(operations: Operations, now: number): BatchResult {
    try {
      return this.#attempt(operations, now);
    } catch (error) {
      this.#undo();
      if (this.#broken || isDiskError(error)) return unavailable(operations, error);
      if (operations.length === 1) return { answers: [unexpected(error)], wakes: [], grown: [] };
    }
    const all: BatchResult = { answers: [], wakes: [], grown: [] };
    for (const operation of operations) {
      const { answers, wakes, grown } = this.run([operation], now);
      all.answers.push(...answers);
      all.wakes.push(...wakes);
      all.grown.push(...grown);
    }
    return all;
  }

  #attempt(operations: Operations, now: number): BatchResult {
    const state = this.#state;
    if (this.#broken) this.#reload();
    this.#begin();
    const answers = operations.map(([name, args]): Answer => {
      try {
        return { value: (OPERATIONS[name] as unknown as Step)(state, now, ...args) };
      } catch (error) {
        if (error instanceof RefusedError) return { error: 'refused', message: error.message };
        throw error;
      }
    });
    state.seal();
    const startedMs = monotonicMs();
    this.#commit();
    this.#commitMs = monotonicMs() - startedMs;
    state.claims.keep();
    return { answers, wakes: takeWakes(state), grown: state.events.takeGrown() };
  }

  /**
   * Brings the tables up to date until they are at most `keep` rows behind the redo log. Without a sync: what it writes is
   * in the log, which it shortens in the same transaction, and SQLite's log keeps transactions in their order.
   */
  writeBack(keep: number): void {
    if (this.#broken || this.#state.behind <= keep) return;
    this.#state.db.exec('PRAGMA synchronous = NORMAL');
    try {
      this.#begin();
      this.#state.writeBack(keep);
      this.#commit();
    } catch {
      this.#undo();
    } finally {
      this.#state.db.exec('PRAGMA synchronous = FULL');
    }
  }

  /** A piece of background deletion; false when there is nothing to delete. */
  purge(now: number): boolean {
    if (this.#broken || !this.#state.purging) return false;
    try {
      this.#begin();
      const more = purgeSome(this.#state);
      if (!more) purgeExpired(this.#state, now);
      this.#commit();
      this.#state.purging = more;
      return more;
    } catch {
      this.#undo();
      return false;
    }
  }

  #undo(): void {
    this.#broken = true;
    try {
      this.#state.db.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself (disk full, I/O error), or there was no transaction.
    }
    try {
      this.#reload();
    } catch {
      // Stays broken; the next batch tries again.
    }
  }

  #reload(): void {
    this.#state.load();
    this.#broken = false;
  }
}

/** Hints for the loops, after the commit. Ready runs are told of whoever made them ready, unless they are taken. */
function takeWakes(state: State): Wake[] {
  const { wakes } = state;
  for (const [partition, place] of state.partitions.entries()) {
    if (!place.pushed) continue;
    place.pushed = false;
    if (place.ready.size > 0) wakes.push({ kind: 'ready', partition });
  }
  state.wakes = [];
  return wakes;
}

/** Anything SQLite itself complains of, but for mistakes in statements or values (1, 19, 20, 21, 25). */
function isDiskError(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== null && ![1, 19, 20, 21, 25].includes(code);
}

const message = (error: unknown) => (error instanceof Error ? error.message : String(error));

const unexpected = (error: unknown): Answer => ({
  error: 'unexpected',
  message: error instanceof Error ? (error.stack ?? error.message) : String(error),
});

function unavailable(operations: Operations, error: unknown): BatchResult {
  const answer: Answer = { error: 'unavailable', message: message(error) };
  return { answers: operations.map(() => answer), wakes: [], grown: [] };
}
