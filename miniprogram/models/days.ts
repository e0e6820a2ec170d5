/** One bar a day: the counters of `GET /api/tasks/:id/stats` as a row without holes. Pure. */
import type { DayStats } from '../../shared/run';
import type { Schedule } from '../../shared/task';
import { dayOf } from '../lib/format-time';

/** `none`: nothing was planned. The worst thing that happened on a day gives it its shape. */
export type DayShape = 'ontime' | 'late' | 'failed' | 'skipped' | 'none';

export interface DayBar {
  /** `YYYY-MM-DD` in the task's zone. */
  day: string;
  shape: DayShape;
  /** Null where nothing was planned. */
  stats: DayStats | null;
}

/** What a schedule without a zone is read in (server/tasks/zone-day.ts). */
const DEFAULT_ZONE = 'Asia/Shanghai';
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** No zone is further than this from UTC (UTC-12 to UTC+14). */
const FURTHEST_MS = 16 * 3_600_000;

/** The last `count` days up to `today`, oldest first; days without counters stand as `none`. */
export function dayBars(days: readonly DayStats[], today: string, count: number): DayBar[] {
  const known = new Map(days.map((stats) => [stats.day, stats]));
  return Array.from({ length: count }, (_, index) => {
    const day = addDays(today, index - count + 1);
    const stats = known.get(day) ?? null;
    return { day, shape: stats === null ? 'none' : shapeOf(stats), stats };
  });
}

/** Failed before late before skipped: one failure in 8,640 runs still shows. Skips count where nothing else ran. */
export function shapeOf(stats: DayStats): DayShape {
  if (stats.failed > 0) return 'failed';
  if (stats.late > 0 || stats.caughtUp > 0) return 'late';
  if (stats.skipped > 0 && stats.onTime === 0) return 'skipped';
  return stats.planned > 0 ? 'ontime' : 'none';
}

/** The zone whose days a task is counted in. */
export function zoneOf(schedule: Schedule): string {
  return (schedule.kind === 'cron' ? schedule.timezone : undefined) ?? DEFAULT_ZONE;
}

/** The instants `[fromAt, toAt)` of a day in a zone; 23 or 25 hours long where clocks change. */
export function dayRange(day: string, zone: string): { fromAt: number; toAt: number } {
  return { fromAt: startOf(day, zone), toAt: startOf(addDays(day, 1), zone) };
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The first minute of a local day. Searched for, since only the clock of a zone is to be had and not its offset. */
function startOf(day: string, zone: string): number {
  const middle = Date.parse(`${day}T00:00:00Z`);
  let before = middle - FURTHEST_MS;
  let begun = middle + FURTHEST_MS;
  while (begun - before > MINUTE_MS) {
    const at = before + Math.floor((begun - before) / 2 / MINUTE_MS) * MINUTE_MS;
    if (dayOf(at, zone) >= day) begun = at;
    else before = at;
  }
  return begun;
}
