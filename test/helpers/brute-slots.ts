/** Slots by brute force, without the product's own slot sources: arithmetic one by one, croner one by one. */
import { Cron } from 'croner';
import type { Segment } from '../../server/store/records.ts';
import type { CronSchedule, Schedule } from '../../shared/task.ts';
import { dateCounts, localDate } from './brute-days.ts';

/** All nominal slots of a schedule in [fromAt, toAt), bounds and calendar applied, maxSlots not. */
export function bruteSlots(schedule: Schedule, fromAt: number, toAt: number): number[] {
  const { calendar = 'all' } = schedule;
  const zone = (schedule.kind === 'cron' ? schedule.timezone : undefined) ?? 'Asia/Shanghai';
  const slots = everyDaySlots(schedule, fromAt, toAt);
  return calendar === 'all' ? slots : slots.filter((at) => dateCounts(calendar, localDate(at, zone)));
}

function everyDaySlots(schedule: Schedule, fromAt: number, toAt: number): number[] {
  const from = Math.max(fromAt, schedule.startAt ?? fromAt);
  const to = Math.min(toAt, schedule.endAt ?? toAt);
  if (schedule.kind === 'at') return schedule.at >= from && schedule.at < to ? [schedule.at] : [];
  if (schedule.kind === 'cron') return cronSlots(schedule, from, to);
  const slots: number[] = [];
  const anchor = schedule.anchorAt ?? 0;
  let at = from + ((((anchor - from) % schedule.everyMs) + schedule.everyMs) % schedule.everyMs);
  for (; at < to; at += schedule.everyMs) slots.push(at);
  return slots;
}

interface Walk {
  cron: Cron;
  fromAt: number;
  /** Where croner has been asked up to. */
  toAt: number;
  slots: number[];
}
/** croner takes 25 to 50 µs for one slot: what it has answered is remembered for as long as the walk goes on. */
const walks = new Map<string, Walk>();

function cronSlots({ cron: pattern, timezone = 'Asia/Shanghai' }: CronSchedule, from: number, to: number) {
  const key = `${pattern} ${timezone}`;
  let walk = walks.get(key);
  if (walk === undefined || from < walk.fromAt || from > walk.toAt) {
    walk = { cron: new Cron(pattern, { timezone }), fromAt: from, toAt: from, slots: [] };
    walks.set(key, walk);
  }
  // croner works in whole seconds: start one second early and drop what lies before.
  let after = walk.slots.at(-1) ?? walk.fromAt - 1_000;
  while (walk.toAt < to) {
    const at = walk.cron.nextRun(new Date(after))?.getTime() ?? Number.MAX_SAFE_INTEGER;
    if (at >= walk.fromAt && at < Number.MAX_SAFE_INTEGER) walk.slots.push(at);
    walk.toAt = Math.max(walk.toAt, at);
    after = at;
  }
  return walk.slots.slice(firstFrom(walk.slots, from), firstFrom(walk.slots, to));
}

/** What the segments plan in [fromAt, toAt): maxSlots counted from each segment's start. */
export function brutePlanned(segments: readonly Segment[], fromAt: number, toAt: number): number[] {
  return segments.flatMap((segment) => {
    if (segment.schedule === null) return [];
    const end = Math.min(segment.toAt ?? toAt, toAt);
    const all = bruteSlots(segment.schedule, segment.fromAt - segment.spreadMs, end - segment.spreadMs);
    const slots = all.map((at) => at + segment.spreadMs).slice(0, segment.maxSlots ?? all.length);
    return slots.slice(firstFrom(slots, fromAt), firstFrom(slots, toAt));
  });
}

/** Index of the first slot at or after an instant. */
function firstFrom(slots: readonly number[], at: number): number {
  let [low, high] = [0, slots.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((slots[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
