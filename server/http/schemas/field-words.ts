/** Rules of our own, named in a schema as its message and put into words here. */
import type { Words } from '../../lib/errors.ts';

export const FIELD_WORDS = {
  text: { zh: '不能包含控制字符', en: 'must not contain control characters' },
  name: {
    zh: '须为 1–64 个字符，不含控制字符',
    en: 'must have 1 to 64 characters, none of them control characters',
  },
  attribute: { zh: '须形如 role:member', en: 'must look like role:member' },
  url: {
    zh: '须为 http:// 或 https:// 开头的网址',
    en: 'must be an address that begins with http:// or https://',
  },
  headerName: { zh: '不是有效的请求头名称', en: 'is not a valid header name' },
  headerValue: { zh: '不是有效的请求头内容', en: 'is not a valid header value' },
  headerCount: { zh: '最多 32 个请求头', en: 'must have at most 32 headers' },
  clockTime: { zh: '须形如 23:30', en: 'must look like 23:30' },
  timezone: {
    zh: '须为 IANA 时区名，例如 Asia/Shanghai',
    en: 'must be an IANA time zone such as Asia/Shanghai',
  },
  cursor: { zh: '不是有效的翻页位置', en: 'is not a valid cursor' },
  flag: { zh: '须为 true，或不带此参数', en: 'must be true, or left out' },
  integer: { zh: '须为整数', en: 'must be a whole number' },
  taskId: { zh: '不是有效的任务编号', en: 'is not a valid task id' },
  json: { zh: '须为 JSON 值', en: 'must be a JSON value' },
  size: { zh: '最多 16 KiB', en: 'must be at most 16 KiB' },
  kind: { zh: '没有这个类型', en: 'is not a known kind' },
} as const satisfies Record<string, Words>;

export type FieldWord = keyof typeof FIELD_WORDS;

/** For a schema's `error`: checks at compile time that the words exist. */
export const say = (word: FieldWord): FieldWord => word;
