import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { repoRoot, type SourceFile, sourceFiles } from './source-files.ts';

const read = (path: string): SourceFile => ({ path, text: readFileSync(join(repoRoot, path), 'utf8') });
const readmes = ['README.md', 'README.zh-CN.md'].map(read);
const pages: SourceFile[] = [
  ...readdirSync(repoRoot)
    .filter((name) => name.endsWith('.md') && !name.startsWith('README'))
    .map(read),
  ...readmes,
  ...sourceFiles('docs', ['.md']),
  read('bench/README.md'),
  read('miniprogram-check/README.md'),
];

const withoutFences = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '');

/** Targets of links, without those of the web. */
const linksOf = ({ text }: SourceFile): string[] =>
  [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] as string)
    .filter((target) => !/^[a-z]+:/.test(target));

/** The anchor that a heading gets on the usual hosts. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (text: string) =>
  [...withoutFences(text).matchAll(/^#+ (.*)$/gm)].map((match) => anchorOf(match[1] as string));

/** What is wrong with a link, or null. */
function problem(page: SourceFile, target: string): string | null {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page.path : posix.join(posix.dirname(page.path), path);
  if (!existsSync(join(repoRoot, file))) return `${page.path} links to ${target}, which does not exist`;
  if (anchor === undefined || anchorsOf(read(file).text).includes(anchor)) return null;
  return `${page.path} links to ${target}, but ${file} has no such heading`;
}

test('every relative link leads to a file, and every anchor to a heading', () => {
  assert.ok(pages.length > 20, 'no pages found: this test looks in the wrong place');
  const wrong = pages.flatMap((page) => linksOf(page).flatMap((target) => problem(page, target) ?? []));
  assert.deepEqual(wrong, []);
});

test('every path that README or docs name in code exists', () => {
  const named = /`((?:server|shared|miniprogram|preview|test|scripts|bench|docs)\/[\w./-]*)`/g;
  const wrong = pages
    .filter((page) => page.path !== 'CONTRIBUTING.md')
    .flatMap((page) =>
      [...page.text.matchAll(named)]
        .map((match) => match[1] as string)
        .filter((path) => !existsSync(join(repoRoot, path)))
        .map((path) => `${page.path} names ${path}`),
    );
  assert.deepEqual(wrong, []);
});

test('both READMEs link to the same places', () => {
  const places = (page: SourceFile) =>
    linksOf(page)
      .filter((target) => !target.startsWith('#') && !target.startsWith('README'))
      .sort();
  const [english, chinese] = readmes as [SourceFile, SourceFile];
  assert.deepEqual(places(chinese), places(english));
});

/** Rows of the table of settings: name and default. */
const settingsOf = ({ text }: SourceFile): [name: string, value: string][] =>
  [...text.matchAll(/^\| `([A-Z][A-Z0-9_]+)` *\| *([^|]*?) *\|/gm)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);

test('the settings of both READMEs are those of .env.example and of server/config.ts, defaults included', () => {
  const { text } = read('.env.example');
  const described = [...text.matchAll(/^# ([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, name, value]) => [
    name,
    value,
  ]);
  for (const readme of readmes) assert.deepEqual(settingsOf(readme), described, readme.path);
  const config = read('server/config.ts').text;
  const used = new Set([...config.matchAll(/\(\s*'([A-Z][A-Z0-9_]+)'/g)].map((match) => match[1]));
  used.delete('CBR_ENV_ID'); // the hosting platform sets it, no person does
  assert.deepEqual([...used].sort(), described.map(([name]) => name).sort());
});

test('the log messages that docs/operating.md explains are those that the server writes', () => {
  const section = read('docs/operating.md')
    .text.split(/^## /m)
    .find((part) => part.startsWith('Log lines'));
  const rows = [...(section ?? '').matchAll(/^\| (`[^|]+) \|/gm)].map((match) => match[1] as string);
  const messages = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string));
  assert.ok(messages.length > 10, 'docs/operating.md has no table of log lines');
  const code = sourceFiles('server', ['.ts'])
    .map((file) => file.text)
    .join('\n');
  assert.deepEqual(
    messages.filter((message) => !code.includes(`'${message}'`)),
    [],
  );
});

test('the rules see what is wrong', () => {
  const page = {
    path: 'docs/x.md',
    text: '[a](nowhere.md) [b](errors.md#errors) [c](errors.md#nowhere)\n```\n[d](no.md)\n```',
  };
  assert.deepEqual(
    linksOf(page).map((target) => problem(page, target) === null),
    [false, true, false],
  );
});
