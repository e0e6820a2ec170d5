/** A length of time in words, in the phone's two languages. Pure. */
export type Locale = 'zh-CN' | 'en';

const UNITS = [
  [3_600_000, '小时', 'hour'],
  [60_000, '分钟', 'minute'],
  [1_000, '秒', 'second'],
  [1, '毫秒', 'millisecond'],
] as const;

/** A length in ms in its largest whole unit: `30 秒`, `90 minutes`. */
export function lengthWords(ms: number, locale: Locale): string {
  const [unitMs, zh, en] = UNITS.find(([size]) => ms >= size && ms % size === 0) ?? UNITS[3];
  const amount = ms / unitMs;
  if (locale === 'zh-CN') return `${amount} ${zh}`;
  return `${amount} ${en}${amount === 1 ? '' : 's'}`;
}

/** `每 30 秒`, `Every minute`. */
export function everyWords(ms: number, locale: Locale): string {
  const words = lengthWords(ms, locale).replace(/^1 /, '');
  return locale === 'zh-CN' ? `每${/^\d/.test(words) ? ' ' : ''}${words}` : `Every ${words}`;
}
