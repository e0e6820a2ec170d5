/** Polls `done` every 20 ms until it answers true; rejects after `withinMs` with `what` was waited for. */
import { setTimeout as wait } from 'node:timers/promises';

export async function until(what, withinMs, done) {
  const giveUpAt = performance.now() + withinMs;
  while (!(await done())) {
    if (performance.now() > giveUpAt) throw new Error(`waited ${withinMs} ms for ${what}`);
    await wait(20);
  }
}
