/** Whether a schedule has used up what `maxSlots` leaves it by some instant, at a price a preview may ask. Pure. */
import type { Schedule } from '../../shared/task.ts';
import { createSlotSource } from './schedule.ts';
import { offsetAt, scheduleZone } from './zone-day.ts';

/** Near a change of the clocks croner needs some 50 µs a slot: so many are 25 ms, all seconds around one change 1,000 ms. */
const MOST_COUNTED = 500;

/**
 * Whether there are `limit` slots or more in `[fromAt, toAt)`. Exact for up to 500. More of a cron pattern are counted on
 * the wall clock, as if no hour were skipped or repeated: off by the slots of those hours.
 */
export function usesUp(schedule: Schedule, fromAt: number, toAt: number, limit: number): boolean {
  if (limit === Number.MAX_SAFE_INTEGER) return false;
  if (schedule.kind !== 'cron' || limit <= MOST_COUNTED) {
    return createSlotSource(schedule).countBetween(fromAt, toAt, limit).count >= limit;
  }
  const { cron, calendar = 'all' } = schedule;
  const timezone = scheduleZone(schedule);
  const lowAt = Math.max(fromAt, schedule.startAt ?? fromAt);
  const highAt = Math.min(toAt, schedule.endAt ?? toAt);
  // Read in UTC, local times are as good as instants.
  const wall = createSlotSource({ kind: 'cron', cron, calendar, timezone: 'UTC' });
  const [lowWall, highWall] = [lowAt + offsetAt(lowAt, timezone), highAt + offsetAt(highAt - 1, timezone)];
  return wall.countBetween(lowWall, highWall, limit).count >= limit;
}
