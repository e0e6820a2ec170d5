import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { healthy, healthyShared } from './healthy.ts';
import { inspect } from './inspect.ts';
import { miniProgramOf, say } from './mini-program.ts';
import { stopParser } from './parse-scripts.ts';

after(stopParser);

type Change = Record<string, string | Buffer | null>;

/** What is found once files of the healthy mini-program are replaced (null: taken away). */
function found(change: Change): string[] {
  const files = { ...healthy, ...change };
  const kept = Object.entries(files).filter((entry): entry is [string, string | Buffer] => entry[1] !== null);
  return inspect(miniProgramOf(Object.fromEntries(kept)), healthyShared).findings.map(say);
}

/** A file of the healthy one with one place changed. */
function spoilt(file: string, from: string, to: string): Change {
  const text = healthy[file] ?? '';
  assert.ok(text.includes(from), `${file} has no ${from}`);
  return { [file]: text.replace(from, to) };
}

const list = 'pages/list/list';
const inList = (line: string): Change => ({ [`${list}.wxml`]: `${healthy[`${list}.wxml`]}${line}\n` });
const inScript = (line: string): Change => ({ [`${list}.ts`]: `${healthy[`${list}.ts`]}${line}\n` });
const setData = (value: string) => inScript(`({ setData(_: unknown) {} }).setData({ a: ${value} });`);

test('a healthy mini-program has no findings, and what it does not use of TDesign is not uploaded', () => {
  assert.deepEqual(found({}), []);
  const { used } = inspect(miniProgramOf(healthy), healthyShared);
  const npm = [...used].filter((path) => path.startsWith('miniprogram_npm/')).sort();
  const button = 'miniprogram_npm/tdesign-miniprogram/button/button';
  const helper = 'miniprogram_npm/tdesign-miniprogram/common/helper.js';
  assert.deepEqual(npm, [`${button}.js`, `${button}.json`, `${button}.wxml`, helper]);
});

const faults: [name: string, change: Change, finding: string][] = [
  [
    'a page without files',
    spoilt('app.json', '"pages/me/me"]', '"pages/me/me",\n "pages/x/x"]'),
    'app.json:3: page pages/x/x has no script',
  ],
  ['a page without markup', { 'pages/me/me.wxml': null }, 'app.json:2: page pages/me/me has no .wxml'],
  [
    'a page that app.json does not have',
    { 'pages/old/old.wxml': '<view />' },
    'pages/old/old.wxml:1: nothing leads here from app.json',
  ],
  [
    'a script that nobody imports',
    { 'lib/old.ts': 'export {};' },
    'lib/old.ts:1: nothing leads here from app.json',
  ],
  [
    'a picture that nobody shows',
    { 'images/old.png': 'png' },
    'images/old.png:1: nothing leads here from app.json',
  ],
  [
    'a tab that is no page',
    spoilt('app.json', '"pagePath": "pages/me/me"', '"pagePath": "pages/no/no"'),
    'app.json:6: tab pages/no/no is no page',
  ],
  ['a missing tab icon', { 'images/list.png': null }, 'app.json:5: tab icon images/list.png does not exist'],
  [
    'a missing tab icon of a theme',
    { 'images/list-dark.png': null },
    'app.json:5: tab icon images/list-dark.png does not exist',
  ],
  [
    'a heavy tab icon',
    { 'images/list.png': Buffer.alloc(40 * 1024 + 1) },
    'app.json:5: tab icon images/list.png has 40961 bytes, 40 KB are allowed',
  ],
  [
    'a theme without a name',
    spoilt('theme.json', '"dark": { "listIcon"', '"dark": { "x"'),
    'app.json:5: no theme has @listIcon',
  ],
  ['broken JSON', { [`${list}.json`]: '{' }, `${list}.json:1: `],
  [
    'a missing component',
    spoilt(`${list}.json`, '/card"', '/gone"'),
    `${list}.json:1: component <task-card> leads to /components/card/gone, which does not exist`,
  ],
  [
    'a missing TDesign component',
    spoilt('app.json', 'button/button', 'buton/buton'),
    'app.json:3: component <t-button> leads to tdesign-miniprogram/buton/buton, which does not exist',
  ],
  [
    'a component that does not say it is one',
    { 'components/card/card.json': '{}' },
    'components/card/card.json:1: "component": true is missing',
  ],
  [
    'a component without script',
    { 'components/card/card.ts': null },
    'components/card/card.json:1: component components/card/card has no script',
  ],
  [
    'a component that is never shown',
    spoilt(`${list}.json`, '{ "task', '{\n"me-card": "/components/card/card", "task'),
    `${list}.json:2: <me-card> is declared and never shown`,
  ],
  [
    'a global component that is never shown',
    spoilt(`${list}.wxml`, '<t-button bind:tap="onTap">x</t-button>', ''),
    'app.json:3: <t-button> is declared and never shown',
  ],
  [
    'an unknown tag',
    inList('<t-buton />'),
    `${list}.wxml:9: <t-buton> is no component of this page or component`,
  ],
  [
    'a tag of another page',
    { 'pages/me/me.wxml': '<task-card />' },
    'pages/me/me.wxml:1: <task-card> is no component of this page or component',
  ],
  ['a missing import', inList('<import src="gone.wxml" />'), `${list}.wxml:9: gone.wxml does not exist`],
  ['a missing include', inList('<include src="/gone.wxml" />'), `${list}.wxml:9: /gone.wxml does not exist`],
  [
    'a missing wxs',
    inList('<wxs src="./gone.wxs" module="m" />'),
    `${list}.wxml:9: ./gone.wxs does not exist`,
  ],
  [
    'a missing wxs of a wxs',
    spoilt('lib/tools.wxs', 'module', 'require("./gone.wxs");\nmodule'),
    'lib/tools.wxs:1: ./gone.wxs does not exist',
  ],
  [
    'a missing picture',
    inList('<image src="/images/gone.png" />'),
    `${list}.wxml:9: /images/gone.png does not exist`,
  ],
  [
    'a missing style',
    spoilt(`${list}.wxss`, 'base', 'gone'),
    `${list}.wxss:1: ../../styles/gone.wxss does not exist`,
  ],
  [
    'a local picture in a style',
    spoilt(`${list}.wxss`, 'data:image/png;base64,AAAA', '/images/empty.png'),
    `${list}.wxss:2: url(/images/empty.png): a style cannot show a picture of the package`,
  ],
  [
    'an unknown template',
    inList('<template is="gone" />'),
    `${list}.wxml:9: there is no template "gone" here`,
  ],
  [
    'a handler that the page has not',
    inList('<view bindtap="onGone" />'),
    `${list}.wxml:9: bindtap="onGone": ${list} has no onGone`,
  ],
  [
    'a caught handler',
    inList('<view capture-catch:touchstart="onGone" />'),
    `${list}.wxml:9: capture-catch:touchstart="onGone": ${list} has no onGone`,
  ],
  [
    'a handler of an imported template',
    spoilt('shared.wxml', 'onRow', 'onGone'),
    `shared.wxml:1: bindtap="onGone": ${list} has no onGone`,
  ],
  [
    'a handler outside methods',
    { 'components/card/card.ts': 'Component({ onTap() {} });' },
    'components/card/card.wxml:1: bindtap="onTap": components/card/card has no onTap',
  ],
  [
    'an import of no file',
    inScript("import './gone';"),
    `${list}.ts:10: import of ./gone, which does not exist`,
  ],
  [
    'an import with .ts',
    inScript("import '../../lib/words.ts';"),
    `${list}.ts:10: import of ../../lib/words.ts, which does not exist (write it without .ts: the phone has a .js)`,
  ],
  ['an import of a package', inScript("import 'zod';"), `${list}.ts:10: import of zod, which does not exist`],
  [
    'an import from the server',
    inScript("import type { A } from '../../../server/app';"),
    `${list}.ts:10: import of ../../../server/app: outside the mini-program there is only shared/`,
  ],
  [
    'a value of shared',
    inScript("import { A } from '../../../shared/task';"),
    `${list}.ts:10: import of ../../../shared/task: from shared/ with "import type" only, its values never reach the phone`,
  ],
  [
    'a value of shared beside a type',
    inScript("import { type A } from '../../../shared/task';"),
    `${list}.ts:10: import of ../../../shared/task: from shared/ with "import type" only`,
  ],
  [
    'a re-export of shared',
    inScript("export * from '../../../shared/task';"),
    `${list}.ts:10: import of ../../../shared/task: from shared/ with "import type" only`,
  ],
  [
    'a shared file that is not',
    inScript("import type { A } from '../../../shared/gone';"),
    `${list}.ts:10: import of ../../../shared/gone, which does not exist`,
  ],
  ['wx outside its file', inScript('wx.request();'), `${list}.ts:10: only lib/wx.ts touches wx`],
  ['wx handed on', inScript('export const all = { wx };'), `${list}.ts:10: only lib/wx.ts touches wx`],
  ...['window.x', 'document.title', 'localStorage.a', 'process.env', 'new URL("x")', 'globalThis.x'].map(
    (code): [string, Change, string] => [
      `a global: ${code}`,
      inScript(`${code};`),
      `${list}.ts:10: ${/(?:new )?(\w+)/.exec(code)?.[1]} does not exist in a mini-program`,
    ],
  ),
  ['undefined in setData', setData('undefined'), `${list}.ts:10: undefined cannot be data`],
  ['undefined in a branch', setData('b ? 1 : undefined'), `${list}.ts:10: undefined cannot be data`],
  ['undefined as the other choice', setData('b ?? undefined'), `${list}.ts:10: undefined cannot be data`],
  ['a function in setData', setData('[{ b: () => 1 }]'), `${list}.ts:10: a function cannot be data`],
  ['a method in setData', setData('{ b() {} }'), `${list}.ts:10: a function cannot be data`],
  ['a date in setData', setData('(new Date() as unknown)'), `${list}.ts:10: a Date object cannot be data`],
  ['a map in setData', setData('new Map()'), `${list}.ts:10: a Map object cannot be data`],
  ['a pattern in setData', setData('/x/'), `${list}.ts:10: a regular expression cannot be data`],
  [
    'a set in the first data',
    spoilt(`${list}.ts`, 'tasks: []', 'tasks: new Set()'),
    `${list}.ts:5: a Set object cannot be data`,
  ],
];

for (const [name, change, finding] of faults) {
  test(`found: ${name}`, () => {
    const said = found(change);
    const wanted = `miniprogram/${finding}`;
    assert.ok(
      said.some((line) => line.startsWith(wanted)),
      `wanted ${wanted}, said ${said.join('; ') || 'nothing'}`,
    );
  });
}
