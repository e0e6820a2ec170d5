/** A cron text as croner reads it: 5 fields, 6 with seconds first, 7 with a year last. Parsed once, shared by all tasks. */
import { Cron, CronPattern } from 'croner';
import { bounded } from './bounded-map.ts';

export interface ParsedCron {
  pattern: CronPattern;
  /** The years from 1970 to 2999 that a 7-field text names, ascending; null: every year. */
  years: readonly number[] | null;
}

/** A parsed pattern takes some 3 kB once its years are a list. */
const parsed = bounded<string, ParsedCron>(2_000);
/** croner keeps a mark for each of 10,000 years: 80 kB. */
const crons = bounded<string, Cron>(100);

const MODES = { 5: '5-part', 6: '6-part', 7: '7-part' } as const;

/** croner's mode for a text with 5, 6 or 7 fields; it refuses any other number by itself. */
function modeOf(text: string): '5-part' | '6-part' | '7-part' {
  return MODES[text.trim().split(/\s+/).length as keyof typeof MODES] ?? '6-part';
}

/** Throws croner's errors for what it does not understand. */
export function parseCron(text: string): ParsedCron {
  let known = parsed.get(text);
  if (known === undefined) {
    const pattern = new CronPattern(text, undefined, { mode: modeOf(text) });
    const years = pattern.starYear || pattern.year.every(Boolean) ? null : marked(pattern.year);
    // 80 kB a pattern, said in the list by now.
    pattern.year = [];
    known = { pattern, years };
    parsed.set(text, known);
  }
  return known;
}

const marked = (marks: readonly number[]) =>
  marks.flatMap((mark, year) => (mark && year >= 1970 && year <= 2999 ? [year] : []));

/** The same text for croner itself, in a zone. */
export function cronIn(text: string, timezone: string): Cron {
  const key = `${timezone} ${text}`;
  let cron = crons.get(key);
  if (cron === undefined) {
    cron = new Cron(text, { mode: modeOf(text), timezone });
    crons.set(key, cron);
  }
  return cron;
}
