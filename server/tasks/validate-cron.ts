/** Whether a text is a cron pattern we take: 5 or 6 fields that croner reads. Evaluates nothing. */
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
] as const;

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
      '不支持 @daily 这类简写，请写 5 或 6 个字段',
      'Nicknames such as @daily are not taken; write 5 or 6 fields',
    );
  }
  if (!/^[0-9A-Za-z*,/?#+ -]+$/.test(text)) {
    return invalid('cron 含有不支持的字符', 'cron holds characters that have no meaning in a pattern');
  }
  const fields = text.trim().split(/ +/);
  if (fields.length === 7) {
    return {
      code: 'SCHEDULE_UNSUPPORTED',
      zh: '目前不支持带年份的 7 字段 cron，请写 5 或 6 个字段',
      en: 'Patterns of 7 fields (with a year) are not supported so far; write 5 or 6 fields',
    };
  }
  if (fields.length !== 5 && fields.length !== 6) {
    return invalid(
      'cron 必须有 5 个字段（分 时 日 月 周），或 6 个（秒在最前）',
      'cron must have 5 fields (minute hour day month weekday), or 6 with seconds first',
    );
  }
  if (reads(fields)) return null;
  const wrong = fields.findIndex((field, index) => {
    const alone = fields.map(() => '*');
    alone[index] = field;
    return !reads(alone);
  });
  const name = FIELDS[wrong + 6 - fields.length];
  if (wrong < 0 || name === undefined) return invalid('cron 无法识别', 'cron cannot be read');
  return invalid(`cron 的${name[0]}字段无法识别`, `The ${name[1]} field of cron cannot be read`);
}

function reads(fields: string[]): boolean {
  try {
    new CronPattern(fields.join(' '), undefined, { mode: fields.length === 5 ? '5-part' : '6-part' });
    return true;
  } catch {
    return false;
  }
}
