/**
 * The app's words. strings/zh-CN.ts and strings/en.ts hold one group per page, with the same keys in both:
 *   in TypeScript   t('me.userId', { id })
 *   in WXML         {{s.emptyTitle}} and {{c.retry}}, where the page has put `s: strings('tasks')` and `c: strings('common')`
 *                   into its data (pages in onShow, so that a new language arrives; components when attached).
 */
import { en } from '../strings/en';
import { type Strings, zhCN } from '../strings/zh-CN';
import type { Wx } from './wx-port';

export type Language = 'zh-CN' | 'en';
/** What a person picked under "Me". */
export type LanguageChoice = Language | 'system';

export type StringGroup = keyof Strings;
/** `group.key`. */
export type StringKey = { [G in StringGroup]: `${G}.${keyof Strings[G] & string}` }[StringGroup];

const TABLES: Record<Language, Strings> = { 'zh-CN': zhCN, en };
const STORAGE_KEY = 'zd.language';

export interface I18n {
  language(): Language;
  choice(): LanguageChoice;
  /** Kept for the next start. */
  choose(choice: LanguageChoice): void;
  /** One text, its `{name}` placeholders filled from `vars`. */
  t(key: StringKey, vars?: Vars): string;
  /** All texts of a group, for a page's data. */
  strings<G extends StringGroup>(group: G): Strings[G];
}

export type Vars = Record<string, string | number>;

/** The words in the language of the phone, or in the one its owner picked. */
export function createI18n(wx: Pick<Wx, 'systemLanguage' | 'storageGet' | 'storageSet'>): I18n {
  let choice = parseChoice(wx.storageGet(STORAGE_KEY));
  const language = () => (choice === 'system' ? languageOf(wx.systemLanguage()) : choice);
  return {
    language,
    choice: () => choice,
    choose(next) {
      choice = next;
      wx.storageSet(STORAGE_KEY, next);
    },
    t: (key, vars) => translate(language(), key, vars),
    strings: (group) => TABLES[language()][group],
  };
}

/** One text in a given language. A placeholder without a value stays as it is, so that it is seen. */
export function translate(language: Language, key: StringKey, vars: Vars = {}): string {
  const [group, name] = key.split('.') as [StringGroup, string];
  const text = (TABLES[language][group] as Record<string, string>)[name] ?? key;
  return text.replace(/\{(\w+)\}/g, (placeholder, variable: string) => String(vars[variable] ?? placeholder));
}

/** Chinese for any Chinese, English for everyone else. */
export function languageOf(systemLanguage: string): Language {
  return /^zh/i.test(systemLanguage) ? 'zh-CN' : 'en';
}

function parseChoice(kept: unknown): LanguageChoice {
  return kept === 'zh-CN' || kept === 'en' ? kept : 'system';
}
