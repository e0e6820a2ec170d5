/** When the tables follow the redo log: a little after each batch once they are far behind, the rest in quiet moments. */
import type { BatchRunner } from './batch.ts';
import type { State } from './state.ts';

export interface WriteBack {
  /** A batch was answered. */
  answered(): void;
  /** All at once, for the end. */
  finish(): void;
}

/** More rows behind than this are not left for later: a query writes all of them first, and would wait longer than 4 ms. */
const MANY = 1_024;
/** Rows written after a batch then: many of one page, each once although its run was claimed and finished apart. */
const PORTION = 256;
/** Rows that may stay behind between batches: what runs at the moment will soon change again. */
const FEW = 256;
/** Nothing was asked for this long, ms: a moment between two batches, and a quiet one. */
const GAP_MS = 1;
const QUIET_MS = 20;
/** Rows written at a time in such moments: a fraction of a ms. */
const SLICE = 64;

export function createWriteBack(runner: BatchRunner, state: State): WriteBack {
  let timer: NodeJS.Timeout | null = null;

  const wait = () => {
    if (state.behind > 0 && !runner.broken) timer = setTimeout(slice, state.behind > FEW ? GAP_MS : QUIET_MS);
  };
  const stop = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  };
  function slice(): void {
    runner.writeBack(Math.max(0, state.behind - SLICE));
    wait();
  }
  return {
    answered() {
      stop();
      if (state.behind > MANY) runner.writeBack(MANY - PORTION);
      wait();
    },
    finish() {
      stop();
      runner.writeBack(0);
    },
  };
}
