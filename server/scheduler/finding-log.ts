/** Counts what was found and repaired, and says it: one line each, but no flood of lines. */
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Finding, FindingKind } from './watchman-looks.ts';

export interface FindingLog {
  /** A finding that stood in two looks, and whether it was put right. */
  say(finding: Finding, repaired: boolean): void;
  counts(): { found: Partial<Record<FindingKind, number>>; repaired: Partial<Record<FindingKind, number>> };
}

/** Lines a minute; what is more is said as a number. */
const LINES_A_MINUTE = 20;
const MINUTE_MS = 60_000;
/** What cannot be repaired is said and counted again after this, ms. */
const SAY_AGAIN_MS = 3_600_000;
const MOST_REMEMBERED = 1_000;

export function createFindingLog({ clock, logger }: { clock: Clock; logger: Logger }): FindingLog {
  const found: Partial<Record<FindingKind, number>> = {};
  const repaired: Partial<Record<FindingKind, number>> = {};
  const standing = new Map<string, number>();
  let minuteAt = 0;
  let lines = 0;
  let unsaid = 0;

  function hasRoom(now: number): boolean {
    if (Math.abs(now - minuteAt) >= MINUTE_MS) {
      if (unsaid > 0) logger.warn({ findings: unsaid }, 'watchman: more was found than is said line by line');
      minuteAt = now;
      lines = 0;
      unsaid = 0;
    }
    lines += 1;
    if (lines <= LINES_A_MINUTE) return true;
    unsaid += 1;
    return false;
  }

  /** The same trouble, found again each round. */
  function isKnown(key: string, now: number): boolean {
    const saidAt = standing.get(key);
    if (saidAt !== undefined && Math.abs(now - saidAt) < SAY_AGAIN_MS) return true;
    if (standing.size >= MOST_REMEMBERED) standing.clear();
    standing.set(key, now);
    return false;
  }

  return {
    say({ kind, id, what, partition }, isRepaired) {
      const now = clock.now();
      if (!isRepaired && isKnown(`${kind} ${id}`, now)) return;
      found[kind] = (found[kind] ?? 0) + 1;
      if (isRepaired) repaired[kind] = (repaired[kind] ?? 0) + 1;
      if (!hasRoom(now)) return;
      const fields = { kind, id, what, partition };
      if (isRepaired) logger.warn(fields, 'watchman: found and put right');
      else logger.error(fields, 'watchman: found and NOT put right');
    },
    counts: () => ({ found: { ...found }, repaired: { ...repaired } }),
  };
}
