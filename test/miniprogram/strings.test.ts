/** Both languages say the same things, everything said is in the tables, and everything in the tables is said. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { en } from '../../miniprogram/strings/en.ts';
import { zhCN } from '../../miniprogram/strings/zh-CN.ts';
import { appFiles } from './support/app-files.ts';

type Table = Record<string, Record<string, string>>;

const keysOf = (table: Table) =>
  Object.entries(table).flatMap(([group, texts]) => Object.keys(texts).map((key) => `${group}.${key}`));
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

const scripts = appFiles('.ts').filter(({ name }) => !name.startsWith('strings/'));
const markup = appFiles('.wxml');

/**
 * Names under which a folder's files hold a group: `s: i18n.strings('tasks')`, `const words = strings('run')`, and its
 * use at once, `strings('run').copy`.
 */
function namesOf(folder: string): { name: string; group: string }[] {
  const texts = scripts.filter(({ name }) => path.posix.dirname(name) === folder).map(({ text }) => text);
  return texts.flatMap((text) =>
    [...text.matchAll(/(\w+)\s*[:=]\s*[\w.]*strings\('(\w+)'\)/g)].map(([, name = '', group = '']) => ({
      name,
      group,
    })),
  );
}

/** `group.key` of every `{{s.key}}` and the like. */
function saidIn({ name, text }: { name: string; text: string }): string[] {
  return namesOf(path.posix.dirname(name)).flatMap(({ name: holder, group }) =>
    [...text.matchAll(new RegExp(`\\b${holder}\\.(\\w+)`, 'g'))].map(([, key]) => `${group}.${key}`),
  );
}

test('both languages have the same keys', () => {
  assert.deepEqual(keysOf(en).sort(), keysOf(zhCN).sort());
});

test('both languages fill in the same values', () => {
  const other: Table = en;
  for (const [group, texts] of Object.entries(zhCN as Table)) {
    for (const [key, text] of Object.entries(texts)) {
      assert.deepEqual(placeholders(other[group]?.[key] ?? ''), placeholders(text), `${group}.${key}`);
      assert.notEqual(text.trim(), '', `${group}.${key}`);
      assert.notEqual(other[group]?.[key]?.trim(), '', `${group}.${key}`);
    }
  }
});

test('every text is used', () => {
  const known = new Set(keysOf(zhCN));
  const used = new Set([...scripts, ...markup].flatMap(saidIn));
  for (const { text } of scripts) {
    for (const [, key = ''] of text.matchAll(/'(\w+\.\w+)'/g)) used.add(key);
    for (const [, group, key] of text.matchAll(/strings\('(\w+)'\)\.(\w+)/g)) used.add(`${group}.${key}`);
  }
  const unused = [...known].filter((key) => !used.has(key));
  assert.deepEqual(unused, []);
});

test('every text that a page shows is there', () => {
  const known = new Set(keysOf(zhCN));
  const shown = markup.flatMap((file) => saidIn(file).map((key) => ({ key, name: file.name })));
  assert.ok(shown.length > 0);
  assert.deepEqual(
    shown.filter(({ key }) => !known.has(key)),
    [],
  );
});

test('no text stands outside the tables', () => {
  const strays = [...scripts, ...markup].flatMap(({ name, text }) =>
    withoutComments(text)
      .split('\n')
      .flatMap((line, index) =>
        /[\u3400-\u9fff]/.test(line) ? [`${name}:${index + 1} ${line.trim()}`] : [],
      ),
  );
  assert.deepEqual(strays, []);
});

/** Comments become empty lines, so that line numbers stay. */
function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/(^|\s)\/\/.*$/gm, '$1');
}
