/** The verdict list of one task, newest first: pages from the server and live events kept in one order. Pure. */
import type { EventPayload } from '../../shared/realtime';
import type { SlotItem } from '../../shared/run';

export interface VerdictList {
  /** Newest first; no two with the same plannedAt. */
  items: SlotItem[];
  /** Nothing older is left on the server. */
  complete: boolean;
  /** False until the first page has come, and again when events may have been missed. */
  loaded: boolean;
}

/** The instants a list shows, `[fromAt, toAt)`; null: no bound. */
export interface VerdictRange {
  fromAt: number | null;
  toAt: number | null;
}

/** Rows kept while a page stays open for days; what is cut comes back by scrolling. */
export const MOST_ROWS = 300;

export const NO_VERDICTS: VerdictList = { items: [], complete: false, loaded: false };
export const ALL_TIME: VerdictRange = { fromAt: null, toAt: null };

/**
 * The newest page, read again. Rows that events brought while it was on its way stay in front. Older rows stay when the
 * page reaches down to a row that was known; where it does not they go: a list with a hole would tell a lie.
 */
export function withNewestPage(list: VerdictList, items: readonly SlotItem[], more: boolean): VerdictList {
  const known = new Map(list.items.map((item) => [item.plannedAt, item]));
  const newestAt = items[0]?.plannedAt ?? Number.NEGATIVE_INFINITY;
  const newer = list.items.filter((item) => item.plannedAt > newestAt);
  const page = items.map((item) => fuller(item, known.get(item.plannedAt)));
  const oldest = items[items.length - 1];
  if (!more || oldest === undefined) return { items: [...newer, ...page], complete: true, loaded: true };
  if (!list.loaded || !known.has(oldest.plannedAt)) {
    return { items: [...newer, ...page], complete: false, loaded: true };
  }
  const older = list.items.filter((item) => item.plannedAt < oldest.plannedAt);
  return cut({ items: [...newer, ...page, ...older], complete: list.complete, loaded: true });
}

/** The next older page. Rows that are known already, and any that are newer than the end of the list, are dropped. What may
 * be missing further up still is. */
export function withOlderPage(list: VerdictList, items: readonly SlotItem[], more: boolean): VerdictList {
  const end = list.items[list.items.length - 1]?.plannedAt ?? Number.POSITIVE_INFINITY;
  const older = items.filter((item) => item.plannedAt < end);
  return { ...list, items: [...list.items, ...older], complete: !more };
}

/**
 * One verdict from an event. A repeat changes nothing. A skip that continues the newest row for the same reason makes
 * that row longer, as the server does.
 */
export function withVerdict(list: VerdictList, item: SlotItem): VerdictList {
  const index = list.items.findIndex((known) => known.plannedAt <= item.plannedAt);
  const neighbour = list.items[index];
  if (neighbour !== undefined && neighbour.toAt > item.plannedAt) return list;
  if (index === 0 && neighbour !== undefined && continues(neighbour, item)) {
    const longer = { ...neighbour, toAt: item.toAt, count: neighbour.count + item.count };
    return { ...list, items: [longer, ...list.items.slice(1)] };
  }
  // Older than every row of a list that goes on: it comes with its page.
  if (index === -1 && !list.complete && list.items.length > 0) return list;
  const place = index === -1 ? list.items.length : index;
  const items = [...list.items.slice(0, place), item, ...list.items.slice(place)];
  return cut({ ...list, items });
}

/** The lateness of a run that has started. */
export function withLateness(list: VerdictList, runId: string, lateByMs: number): VerdictList {
  const index = list.items.findIndex((item) => item.runId === runId);
  const known = list.items[index];
  if (known === undefined || known.lateByMs === lateByMs) return list;
  const items = [...list.items];
  items[index] = { ...known, lateByMs };
  return { ...list, items };
}

/** The row that a slot event stands for, or null when a field is missing. */
export function verdictOfEvent(type: string, payload: EventPayload): SlotItem | null {
  const { plannedAt, toAt, count, reason, runId } = payload;
  if (plannedAt === undefined) return null;
  if (type === 'slot.skipped') {
    if (toAt === undefined || count === undefined || reason === undefined) return null;
    const known = reason as NonNullable<SlotItem['reason']>;
    return { plannedAt, toAt, count, verdict: 'skipped', reason: known, runId: null, lateByMs: null };
  }
  if (runId === undefined) return null;
  const verdict = type === 'slot.caught_up' ? 'caught_up' : 'fired';
  return { plannedAt, toAt: plannedAt + 1, count: 1, verdict, reason: null, runId, lateByMs: null };
}

export function inRange(range: VerdictRange, at: number): boolean {
  return (range.fromAt === null || at >= range.fromAt) && (range.toAt === null || at < range.toAt);
}

/** What a page says of a row, unless an event has said more meanwhile: a skipped range only grows. */
function fuller(item: SlotItem, known: SlotItem | undefined): SlotItem {
  if (known === undefined) return item;
  const { toAt, count } = known.toAt > item.toAt ? known : item;
  return { ...item, toAt, count, lateByMs: item.lateByMs ?? known.lateByMs };
}

const continues = (last: SlotItem, next: SlotItem) =>
  last.verdict === 'skipped' && next.verdict === 'skipped' && last.reason === next.reason;

function cut(list: VerdictList): VerdictList {
  if (list.items.length <= MOST_ROWS) return list;
  return { ...list, items: list.items.slice(0, MOST_ROWS), complete: false };
}
