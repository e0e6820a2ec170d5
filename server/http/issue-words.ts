/** What is wrong with a field, in both languages, from what zod found. */
import type * as z from 'zod';
import { en, zhCN } from 'zod/locales';
import type { AppErrorDetail, Words } from '../lib/errors.ts';
import { FIELD_WORDS } from './schemas/field-words.ts';

type Issue = z.core.$ZodIssue;

const MOST_DETAILS = 20;
const chinese = zhCN().localeError;
const english = en().localeError;

const REQUIRED: Words = { zh: '缺少这一项', en: 'is required' };
const UNKNOWN: Words = { zh: '没有这一项', en: 'is not a known field' };
const WRONG_TYPE: Words = { zh: '类型不对', en: 'has the wrong type' };
const TYPES: Record<string, Words> = {
  string: { zh: '须为文字', en: 'must be a string' },
  number: { zh: '须为数字', en: 'must be a number' },
  int: FIELD_WORDS.integer,
  boolean: { zh: '须为 true 或 false', en: 'must be true or false' },
  array: { zh: '须为数组', en: 'must be an array' },
  object: { zh: '须为对象', en: 'must be an object' },
  record: { zh: '须为对象', en: 'must be an object' },
};

/** `items[3].schedule.cron`; empty for the whole. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += (text === '' ? '' : '.') + String(step).slice(0, 64);
  }
  return text;
}

/** One detail per field that is wrong, at most 20. */
export function detailsOf(issues: readonly Issue[], base: readonly PropertyKey[] = []): AppErrorDetail[] {
  const details = issues.flatMap((issue): AppErrorDetail[] => {
    const path = [...base, ...issue.path];
    if (issue.code !== 'unrecognized_keys') return [{ path: pathText(path), message: wordsOf(issue) }];
    return issue.keys
      .slice(0, MOST_DETAILS)
      .map((key) => ({ path: pathText([...path, key]), message: UNKNOWN }));
  });
  return details.slice(0, MOST_DETAILS);
}

function wordsOf(issue: Issue): Words {
  if (Object.hasOwn(FIELD_WORDS, issue.message))
    return FIELD_WORDS[issue.message as keyof typeof FIELD_WORDS];
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? REQUIRED : (TYPES[issue.expected] ?? WRONG_TYPE);
    case 'invalid_value':
      return issue.input === undefined ? REQUIRED : oneOf(issue.values);
    case 'invalid_union':
      return 'options' in issue && Array.isArray(issue.options) ? oneOf(issue.options) : WRONG_TYPE;
    case 'invalid_key':
      return issue.issues[0] ? wordsOf(issue.issues[0]) : WRONG_TYPE;
    case 'too_small':
      return size(issue.origin, String(issue.minimum), 'least');
    case 'too_big':
      return size(issue.origin, String(issue.maximum), 'most');
    default:
      return { zh: said(chinese, issue), en: said(english, issue) };
  }
}

function oneOf(values: readonly unknown[]): Words {
  const list = values.map(String).join(', ');
  return { zh: `须为以下之一：${list}`, en: `must be one of ${list}` };
}

function size(origin: string, bound: string, which: 'least' | 'most'): Words {
  const zh = which === 'least' ? '至少' : '最多';
  const many = bound === '1' ? '' : 's';
  if (origin === 'string')
    return { zh: `${zh} ${bound} 个字符`, en: `must have at ${which} ${bound} character${many}` };
  if (origin === 'array')
    return { zh: `${zh} ${bound} 项`, en: `must have at ${which} ${bound} item${many}` };
  return {
    zh: which === 'least' ? `不能小于 ${bound}` : `不能大于 ${bound}`,
    en: `must be at ${which} ${bound}`,
  };
}

/** zod's own wording, for rules that have no words of ours. */
function said(locale: z.core.$ZodErrorMap, issue: Issue): string {
  const message = locale(issue as z.core.$ZodRawIssue);
  return typeof message === 'string' ? message : (message?.message ?? issue.message);
}
