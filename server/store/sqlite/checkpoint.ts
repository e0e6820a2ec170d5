/** Checkpoints in quiet moments: what the log holds goes into the file while nobody waits for a commit. */
import type { SqlDb } from './driver.ts';

export interface Checkpointer {
  /** A batch was committed. */
  committed(): void;
  stop(): void;
}

/** Nothing was asked for this long, ms: a moment in which some 10 ms disturb nobody. */
const QUIET_MS = 100;
/** Batches that are worth one. */
const WORTH_IT = 500;

export function createCheckpointer(db: SqlDb): Checkpointer {
  let batches = 0;
  let timer: NodeJS.Timeout | null = null;

  function checkpoint(): void {
    timer = null;
    batches = 0;
    try {
      db.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // A full disk, say: the log keeps what it has, and the commits say so themselves.
    }
  }
  return {
    committed() {
      batches += 1;
      if (batches < WORTH_IT) return;
      if (timer === null) timer = setTimeout(checkpoint, QUIET_MS);
      else timer.refresh();
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
