/**
 * Counters of one local day, packed: an array of numbers in memory, `index=count` pairs in the file. The indexes below
 * are written in files: append, never reorder.
 */
import type { SkipReason } from '../../../shared/run.ts';
import { LATENESS_BUCKETS } from '../lateness.ts';
import type { DayRecord } from '../records.ts';

/** Place of a reason in the counters, and (plus 2) its verdict code. */
export const REASONS: readonly SkipReason[] = [
  'overlap',
  'buffer_full',
  'outside_catch_up_window',
  'catch_up_limit',
  'coalesced',
  'catch_up_off',
  'schedule_changed',
  'paused',
  'ended',
];

export const FIRED = 0;
export const CAUGHT_UP = 1;
export const SUCCEEDED = 2;
export const FAILED = 3;
export const CANCELLED = 4;
const ON_TIME = 8;
const LATE = 32;
const SKIPPED = 56;
const LENGTH = SKIPPED + REASONS.length;

export const onTimeIndex = (bucket: number): number => ON_TIME + bucket;
export const lateIndex = (bucket: number): number => LATE + bucket;
export const skippedIndex = (reason: SkipReason): number => SKIPPED + REASONS.indexOf(reason);

export interface DayCounts {
  day: string;
  counts: number[];
}

export const newDay = (day: string): DayCounts => ({ day, counts: new Array<number>(LENGTH).fill(0) });

export function packCounts({ counts }: DayCounts): string {
  let text = '';
  for (let index = 0; index < counts.length; index++) {
    const n = counts[index]!;
    if (n !== 0) text += text === '' ? `${index}=${n}` : `,${index}=${n}`;
  }
  return text;
}

export function unpackCounts(day: string, text: string): DayCounts {
  const record = newDay(day);
  for (const pair of text === '' ? [] : text.split(',')) {
    const [index, n] = pair.split('=');
    record.counts[Number(index)] = Number(n);
  }
  return record;
}

export function dayRecord({ day, counts }: DayCounts): DayRecord {
  const skipped: DayRecord['skipped'] = {};
  for (const [index, reason] of REASONS.entries()) {
    const n = counts[SKIPPED + index] ?? 0;
    if (n > 0) skipped[reason] = n;
  }
  return {
    day,
    fired: counts[FIRED]!,
    caughtUp: counts[CAUGHT_UP]!,
    skipped,
    onTime: counts.slice(ON_TIME, ON_TIME + LATENESS_BUCKETS),
    late: counts.slice(LATE, LATE + LATENESS_BUCKETS),
    succeeded: counts[SUCCEEDED]!,
    failed: counts[FAILED]!,
    cancelled: counts[CANCELLED]!,
  };
}

/** The reverse of dayRecord. */
export function countsOfRecord(record: DayRecord): DayCounts {
  const { day, counts } = newDay(record.day);
  counts[FIRED] = record.fired;
  counts[CAUGHT_UP] = record.caughtUp;
  counts[SUCCEEDED] = record.succeeded;
  counts[FAILED] = record.failed;
  counts[CANCELLED] = record.cancelled;
  for (const [bucket, n] of record.onTime.entries()) counts[onTimeIndex(bucket)] = n;
  for (const [bucket, n] of record.late.entries()) counts[lateIndex(bucket)] = n;
  for (const reason of REASONS) counts[skippedIndex(reason)] = record.skipped[reason] ?? 0;
  return { day, counts };
}
