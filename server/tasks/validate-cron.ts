/**
 * Whether a text is a cron pattern we take: 5, 6 or 7 fields that croner reads and that mean the same to CloudBase, whose
 * timers have 7 (second minute hour day month weekday year; https://docs.cloudbase.net). Evaluates nothing.
 */
import { CronPattern } from 'croner';
import type { ErrorCode } from '../../shared/errors.ts';

/** Longer texts are refused unread: croner needs 66 ms for 400 kB. */
const MAX_CRON_LENGTH = 120;

export interface CronProblem {
  code: ErrorCode;
  zh: string;
  en: string;
}

const FIELDS = [
  ['秒（0-59）', 'seconds (0-59)'],
  ['分（0-59）', 'minutes (0-59)'],
  ['时（0-23）', 'hours (0-23)'],
  ['日（1-31、L、LW、15W）', 'day of month (1-31, L, LW, 15W)'],
  ['月（1-12 或 JAN-DEC）', 'month (1-12 or JAN-DEC)'],
  ['周（0-7 或 SUN-SAT、5#2、5L）', 'day of week (0-7 or SUN-SAT, 5#2, 5L)'],
  ['年（1970-2099）', 'year (1970-2099)'],
] as const;
/** First and last value of each of the seven fields. */
const SPANS = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
  [1970, 2099],
] as const;
const YEAR = 6;

/** What is wrong with a cron text, or null. Names the first field that cannot be read; never repeats the text. */
export function cronProblem(text: unknown): CronProblem | null {
  const invalid = (zh: string, en: string): CronProblem => ({ code: 'SCHEDULE_INVALID', zh, en });
  if (typeof text !== 'string' || text.length > MAX_CRON_LENGTH) {
    return invalid(
      `cron 必须是不超过 ${MAX_CRON_LENGTH} 个字符的文本`,
      `cron must be text of at most ${MAX_CRON_LENGTH} characters`,
    );
  }
  if (text.trim().startsWith('@')) {
    return invalid(
      '不支持 @daily 这类简写，请写 5 至 7 个字段',
      'Nicknames such as @daily are not taken; write 5 to 7 fields',
    );
  }
  if (!/^[0-9A-Za-z*,/?#+ -]+$/.test(text)) {
    return invalid('cron 含有不支持的字符', 'cron holds characters that have no meaning in a pattern');
  }
  const fields = text.trim().split(/ +/);
  if (fields.length < 5 || fields.length > 7) {
    return invalid(
      'cron 必须有 5 个字段（分 时 日 月 周），6 个（秒在最前），或 7 个（年在最后）',
      'cron must have 5 fields (minute hour day month weekday), 6 with seconds first, or 7 with a year last',
    );
  }
  if (reads(fields)) return yearProblem(fields[YEAR] ?? '*');
  const other = equivalent(fields);
  if (other !== null) return invalid(`这种写法请改为：${other}`, `Write this as: ${other}`);
  const wrong = fields.findIndex((field, index) => {
    const alone = fields.map(() => '*');
    alone[index] = field;
    return !reads(alone);
  });
  const name = FIELDS[wrong + (fields.length === 5 ? 1 : 0)];
  if (wrong < 0 || name === undefined) return invalid('cron 无法识别', 'cron cannot be read');
  return invalid(`cron 的${name[0]}字段无法识别`, `The ${name[1]} field of cron cannot be read`);
}

/**
 * A readable year field may name years that no timer of CloudBase has, or step from nowhere: a star with step 4 means the
 * years that 4 divides to croner, and every fourth year from 1970 (2026, 2030, ...) where fields begin with their first value.
 */
function yearProblem(field: string): CronProblem | null {
  const [first, last] = SPANS[YEAR];
  const steps = [...field.matchAll(/\*\/(\d+)/g)].map((found) => Number(found[1]));
  const years = (field.replace(/\/\d+/g, '').match(/\d+/g) ?? []).map(Number);
  if (years.some((year) => year < first || year > last) || steps.some((by) => by > last - first)) {
    const [zh, en] = FIELDS[YEAR];
    return {
      code: 'SCHEDULE_INVALID',
      zh: `cron 的${zh}字段超出范围`,
      en: `The ${en} field of cron is out of range`,
    };
  }
  const step = steps.find((by) => first % by !== 0);
  if (step === undefined) return null;
  const divided = `${Math.ceil(first / step) * step}-${last}/${step}`;
  const counted = `${first}-${last}/${step}`;
  return {
    code: 'SCHEDULE_UNSUPPORTED',
    zh: `年份的 */${step} 有两种理解，请写明起点：${divided} 或 ${counted}`,
    en: `*/${step} in the year field can be read in two ways; name the first year: ${divided} or ${counted}`,
  };
}

/** The same text without `5/15` (from 5 on, every 15) and `22-2` (over the end), which croner does not read; null: not it. */
function equivalent(fields: readonly string[]): string | null {
  const offset = fields.length === 5 ? 1 : 0;
  const written = fields.map((field, index) => {
    const [first, last] = SPANS[index + offset]!;
    return field
      .split(',')
      .map((item) => {
        const stepped = /^(\d+)\/(\d+)$/.exec(item);
        if (stepped !== null) return `${stepped[1]}-${last}/${stepped[2]}`;
        const range = /^(\d+)-(\d+)$/.exec(item);
        if (range === null || Number(range[1]) <= Number(range[2]) || index + offset === YEAR) return item;
        return `${range[1]}-${last},${first}-${range[2]}`;
      })
      .join(',');
  });
  const text = written.join(' ');
  return written.some((field, index) => field !== fields[index]) &&
    reads(written) &&
    text.length <= MAX_CRON_LENGTH
    ? text
    : null;
}

const MODES = { 5: '5-part', 6: '6-part', 7: '7-part' } as const;

function reads(fields: string[]): boolean {
  try {
    new CronPattern(fields.join(' '), undefined, { mode: MODES[fields.length as keyof typeof MODES] });
    return true;
  } catch {
    return false;
  }
}
