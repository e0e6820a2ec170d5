/**
 * Offsets of IANA time zones from UTC, read from Intl and remembered. Intl answers one instant in about 2 µs and knows
 * no list of transitions, so time is cut, four days at once, into pieces of constant offset: bisection where the ends
 * differ. Since 1970 no zone went away from an offset and back within four days (the shortest took a week, Brazil 2000).
 */
import { bounded } from './bounded-map.ts';

export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Length of a block. */
const BLOCK_MS = 4 * DAY_MS;

/** A stretch of constant offset, `[fromAt, toAt)`; `offsetMs` is local time minus UTC. */
export interface ZonePiece {
  fromAt: number;
  toAt: number;
  offsetMs: number;
}

/** A change of offset: local time runs with `beforeMs` until `at` and with `afterMs` from it on. */
export interface ZoneTransition {
  at: number;
  beforeMs: number;
  afterMs: number;
}

/** Like a piece; `offsetMs` is null near a transition, where local times may be skipped or repeated. */
export interface CalmSpan {
  fromAt: number;
  toAt: number;
  offsetMs: number | null;
}

interface ZoneTable {
  format: Intl.DateTimeFormat;
  edges: Map<number, number>;
  pieces: Map<number, ZonePiece[]>;
  calm: Map<number, CalmSpan[]>;
}

const zones = bounded<string, ZoneTable>(1_000);

/** Throws RangeError where Intl does not know the zone. */
function tableOf(timezone: string): ZoneTable {
  let table = zones.get(timezone);
  if (table === undefined) {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    table = { format, edges: bounded(512), pieces: bounded(256), calm: bounded(256) };
    zones.set(timezone, table);
  }
  return table;
}

function readOffset(table: ZoneTable, at: number): number {
  const wholeAt = Math.floor(at / 1_000) * 1_000;
  const [month, day, year, hour, minute, second] = table.format.format(wholeAt).match(/\d+/g)!.map(Number);
  return Date.UTC(year!, month! - 1, day!, hour!, minute!, second!) - wholeAt;
}

/** The offset at the beginning of a block. */
function edgeOffset(table: ZoneTable, block: number): number {
  let offset = table.edges.get(block);
  if (offset === undefined) {
    offset = readOffset(table, block * BLOCK_MS);
    table.edges.set(block, offset);
  }
  return offset;
}

/** Appends the pieces of `[fromAt, toAt)`, whose first and last offsets are given. */
function cut(
  table: ZoneTable,
  fromAt: number,
  before: number,
  toAt: number,
  after: number,
  out: ZonePiece[],
) {
  if (before === after) {
    const last = out.at(-1);
    if (last !== undefined && last.offsetMs === before) last.toAt = toAt;
    else out.push({ fromAt, toAt, offsetMs: before });
    return;
  }
  let low = fromAt;
  let high = toAt;
  while (high - low > 1_000) {
    const middle = low + Math.floor((high - low) / 2_000) * 1_000;
    if (readOffset(table, middle) === before) low = middle;
    else high = middle;
  }
  out.push({ fromAt, toAt: high, offsetMs: before });
  if (high < toAt) cut(table, high, readOffset(table, high), toAt, after, out);
}

function piecesOf(table: ZoneTable, block: number): ZonePiece[] {
  let pieces = table.pieces.get(block);
  if (pieces === undefined) {
    pieces = [];
    const [before, after] = [edgeOffset(table, block), edgeOffset(table, block + 1)];
    cut(table, block * BLOCK_MS, before, (block + 1) * BLOCK_MS, after, pieces);
    table.pieces.set(block, pieces);
  }
  return pieces;
}

/** Pieces of constant offset that cover `[fromAt, toAt)`, oldest first, neighbours differing; ends are not cut to the interval. */
export function piecesBetween(fromAt: number, toAt: number, timezone: string): ZonePiece[] {
  const table = tableOf(timezone);
  const out: ZonePiece[] = [];
  for (let block = Math.floor(fromAt / BLOCK_MS); block * BLOCK_MS < toAt; block += 1) {
    for (const piece of piecesOf(table, block)) {
      const last = out.at(-1);
      if (last !== undefined && last.offsetMs === piece.offsetMs) last.toAt = piece.toAt;
      else out.push({ ...piece });
    }
  }
  return out;
}

/** Changes of offset in `[fromAt, toAt)`, oldest first. A year costs about 0.3 ms the first time. */
export function transitionsBetween(fromAt: number, toAt: number, timezone: string): ZoneTransition[] {
  const pieces = piecesBetween(fromAt - 1, toAt, timezone);
  return pieces
    .slice(1)
    .map((piece, index) => ({
      at: piece.fromAt,
      beforeMs: pieces[index]!.offsetMs,
      afterMs: piece.offsetMs,
    }))
    .filter(({ at }) => at >= fromAt && at < toAt);
}

/** A stretch of up to four days around an instant in which the offset does not change. Throws RangeError for no zone. */
export function pieceAt(at: number, timezone: string): Readonly<ZonePiece> {
  const pieces = piecesOf(tableOf(timezone), Math.floor(at / BLOCK_MS));
  return pieces.length === 1 ? pieces[0]! : pieces.find((piece) => at < piece.toAt)!;
}

/** Local time minus UTC at an instant, in ms. Throws RangeError where Intl does not know the zone. */
export const offsetAt = (at: number, timezone: string): number => pieceAt(at, timezone).offsetMs;

/**
 * The span of up to four days around an instant in which local time runs evenly, or (`offsetMs` null) in which it may
 * not: from one shift and one hour before a transition to as long after it.
 */
export function calmSpanAt(at: number, timezone: string): CalmSpan {
  const table = tableOf(timezone);
  const block = Math.floor(at / BLOCK_MS);
  let spans = table.calm.get(block);
  if (spans === undefined) {
    spans = calmSpans(block, timezone);
    table.calm.set(block, spans);
  }
  return spans.length === 1 ? spans[0]! : spans.find((span) => at < span.toAt)!;
}

function calmSpans(block: number, timezone: string): CalmSpan[] {
  const [blockAt, endAt] = [block * BLOCK_MS, (block + 1) * BLOCK_MS];
  const spans: CalmSpan[] = [];
  let fromAt = blockAt;
  const push = (toAt: number, even: boolean) => {
    const cutAt = Math.min(toAt, endAt);
    if (cutAt <= fromAt) return;
    spans.push({ fromAt, toAt: cutAt, offsetMs: even ? offsetAt(fromAt, timezone) : null });
    fromAt = cutAt;
  };
  for (const transition of transitionsBetween(blockAt - BLOCK_MS, endAt + BLOCK_MS, timezone)) {
    const marginMs = Math.abs(transition.afterMs - transition.beforeMs) + HOUR_MS;
    push(transition.at - marginMs, true);
    push(transition.at + marginMs, false);
  }
  push(endAt, true);
  return spans;
}
