/** Numbers as people read them. Pure; the language is given. Times of day are in format-time.ts. */
import { type Language, translate } from './i18n';

const S = 1000;
const MIN = 60 * S;
const H = 60 * MIN;
const D = 24 * H;

/** `3 毫秒`, `41 秒`, `4 分 08 秒`, `2 小时 05 分`, `1 天 2 小时`. Rounded down, below zero as zero. */
export function durationText(ms: number, language: Language): string {
  const length = Math.max(0, Math.floor(ms));
  const whole = (unit: number) => Math.floor(length / unit);
  const rest = (unit: number, of: number) => Math.floor((length % of) / unit);
  if (length < S) return translate(language, 'format.ms', { n: length });
  if (length < MIN) return translate(language, 'format.s', { n: whole(S) });
  if (length < H) {
    const s = rest(S, MIN);
    if (s === 0) return translate(language, 'format.min', { n: whole(MIN) });
    return translate(language, 'format.minS', { m: whole(MIN), s: twoDigits(s) });
  }
  if (length < D) {
    const m = rest(MIN, H);
    if (m === 0) return translate(language, 'format.h', { n: whole(H) });
    return translate(language, 'format.hMin', { h: whole(H), m: twoDigits(m) });
  }
  const h = rest(H, D);
  if (h === 0) return translate(language, 'format.d', { n: countText(whole(D)) });
  return translate(language, 'format.dH', { d: countText(whole(D)), h });
}

/** How long something has gone on, in whole seconds: it is told anew every second, in which milliseconds mean nothing. */
export function elapsedText(ms: number, language: Language): string {
  return ms < S ? translate(language, 'format.s', { n: 0 }) : durationText(Math.floor(ms / S) * S, language);
}

/** `迟到 3 毫秒`; empty while it is not known. */
export function latenessText(lateByMs: number | null, language: Language): string {
  if (lateByMs === null) return '';
  return translate(language, 'format.late', { length: durationText(lateByMs, language) });
}

/**
 * What is left, without the word for it: `12 秒`, `4 分 08 秒`. Rounded up to whole seconds, so that it ends with
 * `1 秒` and not with a second of `0 秒`; empty once it is over.
 */
export function remainingText(ms: number, language: Language): string {
  return ms <= 0 ? '' : durationText(Math.ceil(ms / S) * S, language);
}

/** `12 秒后`, `in 12 s`; `即将`, `now` once it is over. */
export function countdownText(ms: number, language: Language): string {
  if (ms <= 0) return translate(language, 'format.now');
  return translate(language, 'format.inTime', { length: remainingText(ms, language) });
}

/** The large one: `00:12`, `1:04:08`, from a day on `1 天 2 小时`. Rounded up to whole seconds. */
export function clockCountdown(ms: number, language: Language): string {
  if (ms >= D) return durationText(ms, language);
  const seconds = Math.ceil(Math.max(0, ms) / S);
  const h = Math.floor(seconds / 3600);
  const tail = `${twoDigits(Math.floor((seconds % 3600) / 60))}:${twoDigits(seconds % 60)}`;
  return h === 0 ? tail : `${h}:${tail}`;
}

/** `99.98%`; `–` while it is not known. Never rounded up to 100%. */
export function percentText(percent: number | null): string {
  if (percent === null) return '–';
  const hundredths = Math.floor(Math.min(100, Math.max(0, percent)) * 100 + 1e-6);
  return `${String(hundredths / 100)}%`;
}

/** `86,400`. */
export function countText(count: number): string {
  return String(Math.trunc(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** As the first word of a line: `Failed`. Chinese has no capitals and stays as it is. */
export function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `08`. */
export function twoDigits(n: number): string {
  return String(n).padStart(2, '0');
}
