/** Says what fails again and again until something outside heals, without a flood of lines. */
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';

/** A warning whose text is a constant: it tells what the line counts as the same. */
export type RepeatLog = (fields: object, message: string) => void;

/**
 * One line of a message in this time, ms. Each task and each run repeats its own step: 400 tasks of one owner wrote 60
 * lines and 100 KB a second for as long as Redis was away, with 16 partitions several times as much.
 */
const LINE_EVERY_MS = 10_000;

/** The first of a message is said at once; later lines carry in `unsaid` how many there were since the one before. */
export function createRepeatLog({ clock, logger }: { clock: Clock; logger: Logger }): RepeatLog {
  const said = new Map<string, { at: number; unsaid: number }>();
  return (fields, message) => {
    const now = clock.now();
    const last = said.get(message);
    // The store's clock may go back.
    if (last !== undefined && Math.abs(now - last.at) < LINE_EVERY_MS) {
      last.unsaid += 1;
      return;
    }
    logger.warn(last === undefined ? fields : { ...fields, unsaid: last.unsaid }, message);
    said.set(message, { at: now, unsaid: 0 });
  };
}
