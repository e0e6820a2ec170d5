/**
 * The runs that wait for a worker, of one partition, in memory: priority first (higher number first), then owners in
 * turn, oldest first within an owner. Entries are run ids; whoever takes one checks that it is still queued, so nothing
 * ever has to be removed from the middle.
 */
import { Fifo } from './fifo.ts';

export class ReadyQueue {
  size = 0;
  readonly #levels: Level[] = [];

  push(priority: number, ownerId: string, runId: string): void {
    let at = this.#levels.findIndex((level) => level.priority <= priority);
    if (at === -1) at = this.#levels.length;
    let level = this.#levels[at];
    if (level?.priority !== priority) {
      level = { priority, turns: new Fifo(), byOwner: new Map() };
      this.#levels.splice(at, 0, level);
    }
    let line = level.byOwner.get(ownerId);
    if (line === undefined) {
      line = { ownerId, runs: new Fifo() };
      level.byOwner.set(ownerId, line);
      level.turns.push(line);
    }
    line.runs.push(runId);
    this.size += 1;
  }

  /** The next run's id, removed. */
  take(): string | undefined {
    for (const level of this.#levels) {
      const line = level.turns.shift();
      if (line === undefined) continue;
      const runId = line.runs.shift();
      if (line.runs.size > 0) level.turns.push(line);
      else level.byOwner.delete(line.ownerId);
      this.size -= 1;
      return runId;
    }
    return undefined;
  }

  /** Every id in it. */
  ids(): Set<string> {
    const ids = new Set<string>();
    for (const level of this.#levels) {
      for (const line of level.turns.items()) for (const id of line.runs.items()) ids.add(id);
    }
    return ids;
  }
}

interface OwnerLine {
  ownerId: string;
  runs: Fifo<string>;
}

interface Level {
  priority: number;
  /** Owners with something ready, whoever is next first. */
  turns: Fifo<OwnerLine>;
  byOwner: Map<string, OwnerLine>;
}
