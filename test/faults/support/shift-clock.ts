/**
 * Loaded into a server with `node --import`: its wall clock is wrong by as many ms as the file named by SHIFT_CLOCK_FILE
 * says, from the moment that it says so; monotonic time stays right, as on a real machine. Threads load it too.
 */
import { readFileSync } from 'node:fs';

const file = process.env.SHIFT_CLOCK_FILE as string;
const READ_EVERY_MS = 10;
const rightNow = Date.now;
let shiftMs = 0;
let readAt = Number.NEGATIVE_INFINITY;

Date.now = () => {
  const at = performance.now();
  if (at - readAt >= READ_EVERY_MS) {
    readAt = at;
    // Half-written or not there yet: the shift of before.
    const read = Number(readText() || 'NaN');
    if (Number.isFinite(read)) shiftMs = read;
  }
  return rightNow() + shiftMs;
};

function readText(): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
