/** Verdict records and day counters as kept (lua/_verdicts.lua, lua/_end-run.lua) and as the contract has them. */
import { SKIP_REASONS, type SkipReason } from '../../../shared/run.ts';
import { LATENESS_BUCKETS } from '../lateness.ts';
import type { DayRecord, VerdictRecord } from '../records.ts';

export const REASON_LETTER: Record<SkipReason, string> = {
  overlap: 'o',
  buffer_full: 'b',
  outside_catch_up_window: 'w',
  catch_up_limit: 'l',
  coalesced: 'c',
  catch_up_off: 'n',
  schedule_changed: 's',
  paused: 'p',
  ended: 'e',
};

export const REASON_OF = Object.fromEntries(
  SKIP_REASONS.map((reason) => [REASON_LETTER[reason], reason]),
) as Record<string, SkipReason>;

export function decodeVerdict(text: string): VerdictRecord {
  if (text.startsWith('S')) {
    const [from, to, count, reason] = text.slice(1).split(',') as [string, string, string, string];
    return {
      plannedAt: Number(from),
      toAt: Number(to),
      count: Number(count),
      verdict: 'skipped',
      reason: REASON_OF[reason] as SkipReason,
    };
  }
  const isCaughtUp = text.startsWith('-');
  const plannedAt = Number(isCaughtUp ? text.slice(1) : text);
  return {
    plannedAt,
    toAt: plannedAt + 1,
    count: 1,
    verdict: isCaughtUp ? 'caught_up' : 'fired',
    reason: null,
  };
}

/** Fields of the counter hash: a day, then `f`, `c`, `k<reason>`, `h<bucket><o|l><s|f|x>` or `hx<s|f|x>`. */
export function decodeDays(fields: Record<string, string>, fromDay: string): DayRecord[] {
  const days = new Map<string, DayRecord>();
  for (const [field, value] of Object.entries(fields)) {
    const day = field.slice(0, 8);
    if (day < fromDay) continue;
    let record = days.get(day);
    if (record === undefined) {
      record = emptyDay(day);
      days.set(day, record);
    }
    addCounter(record, field.slice(8), Number(value));
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
}

const emptyDay = (day: string): DayRecord => ({
  day,
  fired: 0,
  caughtUp: 0,
  skipped: {},
  onTime: new Array<number>(LATENESS_BUCKETS).fill(0),
  late: new Array<number>(LATENESS_BUCKETS).fill(0),
  succeeded: 0,
  failed: 0,
  cancelled: 0,
});

function addCounter(record: DayRecord, name: string, n: number): void {
  if (name === 'f') record.fired += n;
  else if (name === 'c') record.caughtUp += n;
  else if (name.startsWith('k')) record.skipped[REASON_OF[name.slice(1)] as SkipReason] = n;
  else {
    const how = name.slice(-1);
    if (how === 's') record.succeeded += n;
    else if (how === 'f') record.failed += n;
    else record.cancelled += n;
    const place = name.slice(1, -1);
    if (place === 'x') return;
    const histogram = place.endsWith('l') ? record.late : record.onTime;
    const bucket = Number(place.slice(0, -1));
    histogram[bucket] = (histogram[bucket] ?? 0) + n;
  }
}
