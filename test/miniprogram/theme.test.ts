/** Contrast of the colours in app.wxss, in both themes (WCAG 2.1 AA: 1.4.3 text 4.5, 1.4.11 shapes 3). */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { APP, appFiles, readApp } from './support/app-files.ts';

type Colours = Record<string, string>;

const sheet = readApp('app.wxss');
const [lightText = '', darkText = ''] = sheet.split('@media (prefers-color-scheme: dark)');
const light = coloursOf(lightText);
const themes: [string, Colours][] = [
  ['light', light],
  ['dark', { ...light, ...coloursOf(darkText) }],
];
const STATES = ['on-time', 'late', 'failed', 'skipped', 'running'];

function coloursOf(text: string): Colours {
  return Object.fromEntries(
    [...text.matchAll(/--zd-([\w-]+):\s*(#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  );
}

/** https://www.w3.org/TR/WCAG21/#dfn-relative-luminance */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function assertContrast(colours: Colours, front: string, back: string, least: number, where: string): void {
  const [a, b] = [colours[front], colours[back]];
  assert.ok(a !== undefined && b !== undefined, `${where}: ${front} or ${back} is missing`);
  const found = contrast(a, b);
  assert.ok(found >= least, `${where}: ${front} on ${back} is ${found.toFixed(2)}, not ${least}`);
}

for (const [name, colours] of themes) {
  test(`${name}: text can be read on what lies behind it`, () => {
    const text = ['ink', 'sub', 'brand-text', ...STATES.map((state) => `${state}-text`)];
    for (const front of text) {
      for (const back of ['page', 'card']) assertContrast(colours, front, back, 4.5, name);
    }
    for (const of of ['brand', ...STATES]) assertContrast(colours, `${of}-text`, `${of}-bg`, 4.5, name);
    for (const front of ['ink', 'sub']) assertContrast(colours, front, 'press', 4.5, name);
    assertContrast(colours, 'on-brand', 'brand-text', 4.5, name);
  });

  test(`${name}: bars and marks stand out from card and page`, () => {
    for (const front of ['brand', ...STATES]) {
      for (const back of ['page', 'card']) assertContrast(colours, front, back, 3, name);
    }
  });

  test(`${name}: navigation and tab bar have the colours of the pages, and their icons are small`, () => {
    const bar = (JSON.parse(readApp('theme.json')) as Record<string, Record<string, string>>)[name] ?? {};
    assert.equal(bar.navBackground, colours.page);
    assert.equal(bar.pageBackground, colours.page);
    assert.equal(bar.tabBackground, colours.card);
    assert.equal(bar.tabText, colours.sub);
    assert.equal(bar.tabSelected, colours['brand-text']);
    for (const icon of ['tasksIcon', 'tasksIconSelected', 'meIcon', 'meIconSelected']) {
      const png = fs.readFileSync(path.join(APP, bar[icon] ?? ''));
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [81, 81], icon);
      assert.ok(png.length <= 40 * 1024, icon);
    }
  });
}

test('both themes name the same colours, and every colour that is used is named', () => {
  assert.deepEqual(Object.keys(coloursOf(darkText)).sort(), Object.keys(light).sort());
  assert.equal(light.brand, '#0e8a6d');
  const named = new Set([...sheet.matchAll(/(--zd-[\w-]+):/g)].map(([, token]) => token));
  for (const { name, text } of appFiles('.wxss', '.wxml')) {
    for (const [, token] of text.matchAll(/var\((--zd-[\w-]+)/g))
      assert.ok(named.has(token), `${name}: ${token}`);
  }
});

test('colours stand in app.wxss alone, TDesign’s tokens in styles/theme.wxss alone', () => {
  for (const { name, text } of appFiles('.wxss')) {
    if (name !== 'app.wxss') assert.doesNotMatch(text, /#[0-9a-f]{3,8}\b|\brgba?\(/i, name);
    if (name !== 'styles/theme.wxss') assert.doesNotMatch(text, /--td-[\w-]+\s*:/, name);
  }
});
