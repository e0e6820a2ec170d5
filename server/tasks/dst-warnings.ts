/** What the next changes of offset do to a cron schedule: slots moved, left out or doubled. Pure. */
import type { PreviewWarning } from '../../shared/api.ts';
import type { CronSchedule } from '../../shared/task.ts';
import { parseCron } from './cron-pattern.ts';
import type { Locale } from './length-words.ts';
import { createSlotSource, type SlotSource } from './schedule.ts';
import { usesUp } from './uses-up.ts';
import { localText, scheduleZone } from './zone-day.ts';
import { DAY_MS, transitionsBetween, type ZoneTransition } from './zone-offsets.ts';

/** How far ahead a preview looks. */
const LOOK_AHEAD_MS = 366 * DAY_MS;
const MINUTE_MS = 60_000;

/**
 * The first change that leaves out or moves slots (`DST_GAP`) and the first that doubles some (`DST_OVERLAP`) within 366
 * days after `now` (ms). A pattern that runs evenly through the change (every 15 minutes) and a fixed time in the repeated
 * hour (it fires once) need no warning.
 */
export function dstWarnings(schedule: CronSchedule, now: number, locale: Locale): PreviewWarning[] {
  const timezone = scheduleZone(schedule);
  const source = createSlotSource(schedule);
  /** The pattern read in UTC: local times as if they were instants, so gaps do not exist. */
  const { cron, calendar = 'all' } = schedule;
  const wall = createSlotSource({ kind: 'cron', cron, calendar, timezone: 'UTC' });
  const found = new Map<PreviewWarning['code'], PreviewWarning>();
  for (const transition of transitionsBetween(now + 1, now + LOOK_AHEAD_MS, timezone)) {
    const { at } = transition;
    if (at < (schedule.startAt ?? at) || at >= (schedule.endAt ?? Number.POSITIVE_INFINITY)) continue;
    if (runsEvenly(cron, transition)) continue;
    if (schedule.maxSlots != null && usesUp(schedule, now + 1, at, schedule.maxSlots)) break;
    const warning = felt(transition, source, wall, timezone, locale);
    if (warning !== null && !found.has(warning.code)) found.set(warning.code, warning);
  }
  return [...found.values()];
}

/** Whether every hour is named and the minutes look the same after the shift. */
function runsEvenly(cron: string, { beforeMs, afterMs }: ZoneTransition): boolean {
  const { pattern } = parseCron(cron);
  const shiftMs = Math.abs(afterMs - beforeMs);
  if (!pattern.starDOM || !pattern.starDOW || shiftMs % MINUTE_MS !== 0) return false;
  const shift = (shiftMs / MINUTE_MS) % 60;
  const minutes = pattern.minute.every((mark, minute) => mark === pattern.minute[(minute + shift) % 60]);
  return pattern.hour.every(Boolean) && minutes;
}

function felt(
  { at, beforeMs, afterMs }: ZoneTransition,
  source: SlotSource,
  wall: SlotSource,
  timezone: string,
  locale: Locale,
): PreviewWarning | null {
  const zh = locale === 'zh-CN';
  const [fromWall, toWall] = [at + beforeMs, at + afterMs];
  const limit = Number.POSITIVE_INFINITY;
  const { count, lastAt } = wall.countBetween(Math.min(fromWall, toWall), Math.max(fromWall, toWall), limit);
  if (lastAt === null) return null;
  const day = wallText(fromWall).slice(0, 10);
  const [from, to] = [wallText(fromWall).slice(11), clock(toWall, fromWall)];
  const firstAt = source.next(at - 1);

  if (afterMs > beforeMs) {
    if (firstAt === at && count === 1 && !(wall.next(toWall - 1) === toWall)) {
      const missing = wallText(lastAt).slice(11);
      const message = zh
        ? `${day} ${timezone} 的时钟从 ${from} 拨到 ${to}，当天没有 ${missing}：这一次改在 ${to} 触发。`
        : `On ${day} clocks in ${timezone} jump from ${from} to ${to}; ${missing} does not exist that day: this slot fires at ${to} instead.`;
      return { code: 'DST_GAP', message, at };
    }
    const message = zh
      ? `${day} ${timezone} 的时钟从 ${from} 拨到 ${to}：其间的 ${count} 次不会触发。`
      : `On ${day} clocks in ${timezone} jump from ${from} to ${to}: ${count} ${count === 1 ? 'slot' : 'slots'} in between will not fire.`;
    return { code: 'DST_GAP', message, at };
  }
  const repeated = firstAt !== null && firstAt < at + beforeMs - afterMs;
  if (!repeated) return null;
  const message = zh
    ? `${day} ${timezone} 的时钟从 ${from} 拨回 ${to}，这段时间过两遍：其间的 ${count} 次各触发两次。`
    : `On ${day} clocks in ${timezone} go back from ${from} to ${to} and this stretch passes twice: ${count} ${count === 1 ? 'slot' : 'slots'} in it will fire twice.`;
  return { code: 'DST_OVERLAP', message, at };
}

/** A local time given as if it were an instant, as `YYYY-MM-DD HH:mm`. */
function wallText(wallAt: number): string {
  return localText(wallAt, 'UTC').slice(0, 16);
}

/** The time of a local instant, with its date where that differs from the other's. */
function clock(wallAt: number, otherAt: number): string {
  const [text, other] = [wallText(wallAt), wallText(otherAt)];
  return text.slice(0, 10) === other.slice(0, 10) ? text.slice(11) : text;
}
