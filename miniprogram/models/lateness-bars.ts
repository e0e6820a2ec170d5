/** The lateness of the last slots as a row of small bars. Pure. */
import { durationText } from '../lib/format';
import { type Language, translate } from '../lib/i18n';
import type { KnownRun } from './known-runs';

export interface LatenessBars {
  /** Oldest first; height in percent of the row. */
  bars: { key: number; height: number; late: boolean }[];
  title: string;
  most: string;
  /** For a screen reader. */
  label: string;
}

/** Slots shown. */
const MOST_BARS = 30;
/** The least that can still be seen and told from nothing. */
const LEAST_HEIGHT = 8;

/**
 * Heights grow with the logarithm, up to the larger of the limit and the worst: 3 ms beside 21 ms is to be told apart as
 * well as 3 ms beside 9 s. Null below two slots: one bar is no line.
 */
export function latenessBars(
  runs: readonly KnownRun[],
  lateAfterMs: number,
  language: Language,
): LatenessBars | null {
  const lateness = runs
    .flatMap(({ trigger, lateByMs }) =>
      trigger === 'slot' && lateByMs !== null ? [Math.max(0, lateByMs)] : [],
    )
    .slice(0, MOST_BARS)
    .reverse();
  if (lateness.length < 2) return null;
  const most = Math.max(...lateness);
  const top = Math.log1p(Math.max(most, lateAfterMs));
  const bars = lateness.map((ms, key) => ({
    key,
    height: Math.round(LEAST_HEIGHT + ((100 - LEAST_HEIGHT) * Math.log1p(ms)) / top),
    late: ms > lateAfterMs,
  }));
  const n = lateness.length;
  return {
    bars,
    title: translate(language, 'task.lateness', { n }),
    most: translate(language, 'task.latenessMost', { length: durationText(most, language) }),
    label: translate(language, 'task.latenessWords', {
      n,
      most: durationText(most, language),
      late: bars.filter(({ late }) => late).length,
      limit: durationText(lateAfterMs, language),
    }),
  };
}
