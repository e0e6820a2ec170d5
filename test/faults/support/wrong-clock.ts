import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ServerOptions } from '../../helpers/server-process.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

export const HOUR_MS = 3_600_000;

export interface WrongClock {
  /** For the server that is to have this clock. */
  options: Required<Pick<ServerOptions, 'preload' | 'env'>>;
  /** The clock steps: from now on it is wrong by this. */
  shift(ms: number): void;
  /** What it shows right now. */
  now(): number;
}

/** A wall clock that a test sets, for the servers that are started with it. */
export function wrongClock(t: TestContext, env: Record<string, string> = {}): WrongClock {
  const file = join(tempDir(t), 'shift');
  let shiftMs = 0;
  const shift = (ms: number) => {
    shiftMs = ms;
    writeFileSync(`${file}.new`, String(ms));
    renameSync(`${file}.new`, file);
  };
  shift(0);
  return {
    options: {
      preload: [new URL('./shift-clock.js', import.meta.url)],
      env: { ...env, SHIFT_CLOCK_FILE: file },
    },
    shift,
    now: () => Date.now() + shiftMs,
  };
}
