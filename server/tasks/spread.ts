/** The stable offset that a spread gives each task, and how long a spread may be. Pure. */
import { createHash } from 'node:crypto';
import type { Schedule } from '../../shared/task.ts';
import { createDayRule } from './cron-month.ts';
import { parseCron } from './cron-pattern.ts';
import { createTimeList } from './time-list.ts';
import { DAY_MS } from './zone-offsets.ts';

const LONGEST_SPREAD_MS = DAY_MS;

/** The task's offset in `[0, spreadMs)`, whole ms, by a hash of its id; its share of a spread stays when the spread changes. */
export function spreadOffset(taskId: string, spreadMs: number): number {
  const share = createHash('sha256').update(taskId).digest().readUInt32BE(0) / 2 ** 32;
  return Math.floor(share * spreadMs);
}

/** The longest spread that a readable schedule may have, ms: below its shortest interval, at most one day. */
export function longestSpread(schedule: Schedule): number {
  if (schedule.kind === 'at') return LONGEST_SPREAD_MS;
  const shortestMs = schedule.kind === 'every' ? schedule.everyMs : shortestInterval(schedule.cron);
  return Math.min(shortestMs - 1, LONGEST_SPREAD_MS);
}

/**
 * The shortest distance of two slots of a pattern on clocks that run evenly, ms; two days where it is a day or longer. (Near
 * a change of the clocks slots may come closer. All are moved by the same offset, so their order stays.)
 */
function shortestInterval(cron: string): number {
  const parsed = parseCron(cron);
  const { hour, minute, second } = parsed.pattern;
  const times = createTimeList(hour, minute, second);
  let shortestMs = 2 * DAY_MS;
  let before: number | null = null;
  // A whole day of seconds: 86,400 steps would take 2 ms. No two are closer than neighbours of the same minute or hour.
  for (let index = 0; index < times.length && shortestMs > 1_000; index += 1) {
    const at = times.at(index);
    if (before !== null) shortestMs = Math.min(shortestMs, at - before);
    before = at;
  }
  const overnightMs = DAY_MS - (before ?? 0) + times.at(0);
  return overnightMs < shortestMs && hasNeighbours(parsed) ? overnightMs : shortestMs;
}

/** Whether the pattern names two days in a row within a century: 5,218 weeks cost some 4 ms. */
function hasNeighbours(parsed: ReturnType<typeof parseCron>): boolean {
  const days = createDayRule(parsed);
  const firstYear = parsed.years?.[0] ?? 2_000;
  const endDay = Date.UTC(firstYear + 100, 0, 1) / DAY_MS;
  let before = days.nextDay(Date.UTC(firstYear, 0, 1) / DAY_MS);
  while (before !== null && before < endDay) {
    const day = days.nextDay(before + 1);
    if (day === before + 1) return true;
    before = day;
  }
  return false;
}
