import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildPreview, createBuilder } from './support/build-preview.ts';
import { writeProgram } from './support/small-program.ts';

const usesB = '{ "usingComponents": { "my-b": "/b/b" } }';

/** What is wrong → the files that are, and what is said of it. */
const cases: Record<string, { files: Record<string, string | null>; says: string[] }> = {
  'an unknown tag': {
    files: { 'pages/a/a.wxml': '<view>\n  <video src="x" />\n</view>' },
    says: [
      'program/pages/a/a.wxml:2: <video> is neither in usingComponents nor a built-in that the preview knows',
    ],
  },
  'a component that is not there': {
    files: { 'pages/a/a.json': usesB },
    says: ['program/pages/a/a.json: <my-b> is /b/b, and there is no such component'],
  },
  'a component without a template': {
    files: { 'pages/a/a.json': usesB, 'b/b.json': '{ "component": true }', 'b/b.ts': 'Component({});' },
    says: ['program/b/b.wxml: there is no such file'],
  },
  'a page without a script': {
    files: { 'pages/a/a.ts': null },
    says: ['program/pages/a/a.ts: there is no such file'],
  },
  'a WXS module that is not there': {
    files: { 'pages/a/a.wxml': '<wxs src="./m.wxs" module="m" />' },
    says: ['program/pages/a/a.wxml: there is no program/pages/a/m.wxs'],
  },
  'a WXS module that requires another': {
    files: {
      'pages/a/a.wxml': '<wxs src="./m.wxs" module="m" />',
      'pages/a/m.wxs': "module.exports = require('../n.wxs');",
    },
    says: ['program/pages/a/a.wxml: pages/a/m.wxs requires another script; the preview cannot'],
  },
  'a WXS function as a handler': {
    files: {
      'pages/a/a.wxml': '<wxs module="m">var x = 1;</wxs>\n<view bindtap="{{m.onTap}}" id="{{m.x}}" />',
    },
    says: ['program/pages/a/a.wxml:2: <view> calls WXS, which the preview does in {{ }} only'],
  },
  'an import that is not there': {
    files: { 'pages/a/a.wxml': '<import src="./t.wxml" />' },
    says: ['program/pages/a/a.wxml: there is no program/pages/a/t.wxml'],
  },
  'a template error': {
    files: { 'pages/a/a.wxml': '<view />\n\n<view class="{{a +}}" />' },
    says: ['program/pages/a/a.wxml:3: unexpected character inside expression'],
  },
  'a member of wx that the preview has not': {
    files: {
      'pages/a/a.ts':
        '// wx.scanCode is not used\nconst own = (wx: { x(): void }) => wx.x();\nwx.login();\nwx.chooseMedia({ own });\n',
    },
    says: ['program/pages/a/a.ts:4: wx.chooseMedia is not in the preview (preview/names.mjs)'],
  },
  'a config.ts without an address to replace': {
    files: { 'config.ts': 'export const servers = {};', 'app.ts': "import './config';" },
    says: ['program/config.ts: no address after "develop:"'],
  },
  'a script error': {
    files: { 'pages/a/a.ts': 'Page({\n  onLoad( {\n});' },
    says: ['program/pages/a/a.ts:3: Expected "{" but found ";"'],
  },
  'a sheet error': {
    files: { 'pages/a/a.wxss': 'view {}\n.a {' },
    says: ['program/pages/a/a.wxss:2: Unclosed block'],
  },
  'an @import that is not there': {
    files: { 'app.wxss': '\n@import "./none.wxss";' },
    says: ['program/app.wxss:2: @import of ./none.wxss, and there is no such file'],
  },
  'an @import in a circle': {
    files: { 'app.wxss': '@import "x.wxss";', 'x.wxss': '@import "app.wxss";' },
    says: ['program/x.wxss:1: @import of app.wxss in a circle'],
  },
  'an app.json that is no JSON': {
    files: { 'app.json': '{ "pages": [' },
    says: ['program/app.json: Unexpected end of JSON input'],
  },
};

for (const [what, { files, says }] of Object.entries(cases)) {
  test(`${what} fails the build by name`, async (t) => {
    const { root, out } = writeProgram(t, files);
    const problems = await buildPreview(root, out);
    assert.deepEqual(problems.slice(0, says.length), says);
    const shown = readFileSync(join(out, 'phone.html'), 'utf8');
    assert.ok(shown.includes(says[0]?.split(':')[0] as string), 'the page says so as well');
  });
}

test('what is sound has no problems, and a mended one is built the next time', async (t) => {
  const { root, out } = writeProgram(t, { 'pages/a/a.wxml': '<vieww />' });
  const builder = createBuilder(root, out);
  t.after(() => builder.close());
  assert.equal((await builder.build()).length, 1);
  writeFileSync(join(root, 'pages/a/a.wxml'), '<view>mended</view>');
  assert.deepEqual(await builder.build(), []);
  assert.match(readFileSync(join(out, 'phone.js'), 'utf8'), /mended/);
  assert.match(readFileSync(join(out, 'phone.html'), 'utf8'), /phone\.js/);
});

test('the develop address becomes the origin of the page, and only in config.ts', async (t) => {
  const page =
    "import { servers } from '../../config';\nPage({ data: { servers, other: { develop: 'http://x' } } });";
  const { root, out } = writeProgram(t, {
    'config.ts':
      "export const servers: object = { develop: 'http://192.168.0.2:3000', release: 'https://r.example' };",
    'pages/a/a.ts': page,
  });
  assert.deepEqual(await buildPreview(root, out), []);
  const script = readFileSync(join(out, 'phone.js'), 'utf8');
  assert.match(script, /\{ develop: location\.origin, release: "https:\/\/r\.example" \}/);
  assert.match(script, /other: \{ develop: "http:\/\/x" \}/);
});
