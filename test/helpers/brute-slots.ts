/** Slots by brute force, without the product's own slot sources: arithmetic one by one, croner one by one. */
import { Cron } from 'croner';
import type { Schedule } from '../../shared/task.ts';
import type { Segment } from '../../server/store/records.ts';

/** All slots of a schedule in [fromAt, toAt), bounds applied, maxSlots not. */
export function bruteSlots(schedule: Schedule, fromAt: number, toAt: number): number[] {
  const from = Math.max(fromAt, schedule.startAt ?? fromAt);
  const to = Math.min(toAt, schedule.endAt ?? toAt);
  const slots: number[] = [];
  if (schedule.kind === 'at') return schedule.at >= from && schedule.at < to ? [schedule.at] : [];
  if (schedule.kind === 'every') {
    const anchor = schedule.anchorAt ?? 0;
    let at = from + ((((anchor - from) % schedule.everyMs) + schedule.everyMs) % schedule.everyMs);
    for (; at < to; at += schedule.everyMs) slots.push(at);
    return slots;
  }
  const cron = new Cron(schedule.cron, { timezone: schedule.timezone ?? 'Asia/Shanghai' });
  // croner works in whole seconds: start one second early and drop what lies before.
  for (let next = cron.nextRun(new Date(from - 1_000)); next !== null; next = cron.nextRun(next)) {
    if (next.getTime() >= to) break;
    if (next.getTime() >= from) slots.push(next.getTime());
  }
  return slots;
}

/** What the segments plan in [fromAt, toAt): maxSlots counted from each segment's start. */
export function brutePlanned(segments: readonly Segment[], fromAt: number, toAt: number): number[] {
  return segments.flatMap((segment) => {
    if (segment.schedule === null) return [];
    const end = Math.min(segment.toAt ?? toAt, toAt);
    const all = bruteSlots(segment.schedule, segment.fromAt - segment.spreadMs, end - segment.spreadMs);
    const slots = all.map((at) => at + segment.spreadMs).slice(0, segment.maxSlots ?? all.length);
    return slots.filter((at) => at >= fromAt && at < toAt);
  });
}
