/**
 * The leases of this process in shared memory: the loop writes them, the heartbeat thread reads and renews them, so that
 * a handler which blocks the loop for ten seconds keeps its runs. One row per place; no messages, no locks: a row is
 * valid when it is taken and its stamp is the same before and after reading.
 */
import type { RenewItem } from '../store/requests.ts';

const ROW_BYTES = 256;
const HEAD_BYTES = 64;
const FENCE = 8;
const DEADLINE = 16;
const RUN_LENGTH = 24;
const TOKEN_LENGTH = 28;
const TEXT = 32;

export interface LeaseRow extends RenewItem {
  deadlineAt: number;
}

export interface LeaseTable {
  readonly memory: SharedArrayBuffer;
  /** Writes a lease into a free row and answers the row. */
  add(lease: LeaseRow): number;
  remove(row: number): void;
  /** All valid rows. */
  read(): LeaseRow[];
  /** The loop says that it is alive, at a monotonic instant (ms) shared by both threads. */
  alive(atMs: number): void;
  aliveAt(): number;
}

/** Memory for this many leases; twice the places is plenty (a finish under way still holds its row). */
export const leaseMemory = (rows: number): SharedArrayBuffer =>
  new SharedArrayBuffer(HEAD_BYTES + rows * ROW_BYTES);

export function createLeaseTable(memory: SharedArrayBuffer): LeaseTable {
  const rows = (memory.byteLength - HEAD_BYTES) / ROW_BYTES;
  const bytes = Buffer.from(memory);
  const words = new Int32Array(memory);
  const free = Array.from({ length: rows }, (_, index) => rows - 1 - index);
  const offsetOf = (row: number) => HEAD_BYTES + row * ROW_BYTES;

  return {
    memory,
    add(lease) {
      const row = free.pop();
      if (row === undefined) throw new Error('more leases than rows');
      const at = offsetOf(row);
      const runLength = bytes.write(lease.runId, at + TEXT, ROW_BYTES - TEXT - 64, 'latin1');
      const tokenLength = bytes.write(lease.token, at + TEXT + runLength, 64, 'latin1');
      bytes.writeDoubleLE(lease.fence, at + FENCE);
      bytes.writeDoubleLE(lease.deadlineAt, at + DEADLINE);
      bytes.writeInt32LE(runLength, at + RUN_LENGTH);
      bytes.writeInt32LE(tokenLength, at + TOKEN_LENGTH);
      // The second word says "taken", the first counts changes; both are written last.
      Atomics.store(words, at / 4 + 1, 1);
      Atomics.add(words, at / 4, 2);
      return row;
    },
    remove(row) {
      const at = offsetOf(row);
      Atomics.store(words, at / 4 + 1, 0);
      Atomics.add(words, at / 4, 2);
      free.push(row);
    },
    read() {
      const leases: LeaseRow[] = [];
      for (let row = 0; row < rows; row += 1) {
        const at = offsetOf(row);
        const stamp = Atomics.load(words, at / 4);
        if (Atomics.load(words, at / 4 + 1) !== 1) continue;
        const runLength = bytes.readInt32LE(at + RUN_LENGTH);
        const tokenLength = bytes.readInt32LE(at + TOKEN_LENGTH);
        const lease = {
          runId: bytes.toString('latin1', at + TEXT, at + TEXT + runLength),
          token: bytes.toString('latin1', at + TEXT + runLength, at + TEXT + runLength + tokenLength),
          fence: bytes.readDoubleLE(at + FENCE),
          deadlineAt: bytes.readDoubleLE(at + DEADLINE),
        };
        // Changed while it was read: the next beat sees it whole.
        if (Atomics.load(words, at / 4) === stamp && Atomics.load(words, at / 4 + 1) === 1)
          leases.push(lease);
      }
      return leases;
    },
    alive: (atMs) => bytes.writeDoubleLE(atMs, 0),
    aliveAt: () => bytes.readDoubleLE(0),
  };
}
