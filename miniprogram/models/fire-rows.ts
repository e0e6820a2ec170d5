/** The next slots of a schedule as rows, in the schedule's own zone. Pure but for the phone's zone, compared with it. */
import type { PreviewAnswer } from '../../shared/api';
import { clockText, dateText, dayOf, shortClockText, weekdayName } from '../lib/format-time';
import { type Language, translate } from '../lib/i18n';

export type Fire = PreviewAnswer['fires'][number];

export interface FireRow {
  key: string;
  /** `明天 08:50`, `周三 11 月 25 日 08:50`. */
  time: string;
  /** The nominal time of a spread slot, the phone's time where its clock shows another; else empty. */
  note: string;
}

export interface FireRows {
  rows: FireRow[];
  /** True when the phone's clock shows other times than the schedule's zone, which is then to be named. */
  elsewhere: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** An instant moved by its zone's offset reads in UTC what a clock there shows: no Intl, which some Android phones lack. */
const MOVED = 'UTC';

export function fireRows(fires: readonly Fire[], nowAt: number, language: Language): FireRows {
  const offsets = fires.map(offsetOf);
  const elsewhere = fires.some(({ plannedAt }, index) => phoneOffset(plannedAt) !== offsets[index]);
  const oneOffset = new Set(offsets).size < 2;
  // All of a column with seconds, or none: `22:49:30` above `22:50` reads as two kinds of time.
  const needsSeconds = (of: 'plannedAt' | 'nominalAt') =>
    fires.some((fire, index) => shortClockText(fire[of] + (offsets[index] ?? 0), MOVED).length > 5);
  const [withSeconds, nominalWithSeconds] = [needsSeconds('plannedAt'), needsSeconds('nominalAt')];
  const rows = fires.map(({ plannedAt, nominalAt, local }, index): FireRow => {
    const offsetMs = offsets[index] ?? 0;
    const clock = clockAt(plannedAt, offsetMs, withSeconds);
    const day = dayText(plannedAt + offsetMs, nowAt + offsetMs, language);
    // Where clocks are put back within the list, one time stands for two instants.
    const time = [day, clock, ...(oneOffset ? [] : [offsetText(local)])].join(' ');
    const beside = (at: number, atOffsetMs: number, seconds: boolean) => {
      const moved = at + atOffsetMs;
      const sameDay = dayOf(moved, MOVED) === dayOf(plannedAt + offsetMs, MOVED);
      const short = clockAt(at, atOffsetMs, seconds);
      return sameDay ? short : `${dateText(moved, nowAt + offsetMs, language, MOVED)} ${short}`;
    };
    const nominal = nominalAt === plannedAt ? [] : [beside(nominalAt, offsetMs, nominalWithSeconds)];
    const here = elsewhere ? [beside(plannedAt, phoneOffset(plannedAt), withSeconds)] : [];
    const notes = [
      ...nominal.map((text) => translate(language, 'schedule.nominal', { time: text })),
      ...here.map((text) => translate(language, 'schedule.here', { time: text })),
    ];
    return { key: String(plannedAt), time, note: notes.join(' · ') };
  });
  return { rows, elsewhere };
}

/** `今天`, `明天`, else the weekday and date. Both instants are moved. */
function dayText(moved: number, nowMoved: number, language: Language): string {
  const day = dayOf(moved, MOVED);
  if (day === dayOf(nowMoved, MOVED)) return translate(language, 'schedule.today');
  if (day === dayOf(nowMoved + DAY_MS, MOVED)) return translate(language, 'schedule.tomorrow');
  const weekday = weekdayName(new Date(moved).getUTCDay(), language);
  return `${weekday} ${dateText(moved, nowMoved, language, MOVED)}`;
}

function clockAt(at: number, offsetMs: number, withSeconds: boolean): string {
  return (withSeconds ? clockText : shortClockText)(at + offsetMs, MOVED);
}

/** ms from UTC at the end of `2026-11-24 08:50:00 +08:00`; the phone's own where the text has none. */
function offsetOf({ local, plannedAt }: Fire): number {
  const [, sign, h, m, s = 0] = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(local) ?? [];
  if (sign === undefined) return phoneOffset(plannedAt);
  const ms = ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1_000;
  return sign === '-' ? -ms : ms;
}

function offsetText(local: string): string {
  return /[+-][\d:]+$/.exec(local)?.[0] ?? '';
}

function phoneOffset(at: number): number {
  return -new Date(at).getTimezoneOffset() * MINUTE_MS;
}
