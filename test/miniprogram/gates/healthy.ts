/** A small mini-program with nothing wrong: a test spoils one thing in it. */
export const healthy: Readonly<Record<string, string>> = {
  'app.json': `{
  "pages": ["pages/list/list", "pages/me/me"],
  "usingComponents": { "t-button": "tdesign-miniprogram/button/button" },
  "tabBar": { "list": [
    { "pagePath": "pages/list/list", "iconPath": "images/list.png", "selectedIconPath": "@listIcon" },
    { "pagePath": "pages/me/me", "iconPath": "images/list.png" }
  ] },
  "themeLocation": "theme.json"
}`,
  'app.ts': `import { createWx } from './lib/wx';\nApp({ globalData: createWx() });\n`,
  'theme.json': `{ "light": { "listIcon": "/images/list-on.png" }, "dark": { "listIcon": "images/list-dark.png" } }`,
  'package.json': '{}',
  'images/list.png': 'png',
  'images/list-on.png': 'png',
  'images/list-dark.png': 'png',
  'images/empty.png': 'png',
  'lib/wx.ts': `import type { Task } from '../../shared/task';\nexport const createWx = (): { task: Task } => wx.request();\n`,
  'lib/words.ts': `export const words = 'x';\nexport interface Deps { wx: string; location: string }\n`,
  'lib/tools.wxs': `module.exports = { cut: function (a) { return a < 3 ? a : 3; } };\n`,
  'shared.wxml': `<template name="row"><view bindtap="onRow">{{a < b}}</view></template>\n`,
  'styles/base.wxss': `.a { color: red; }\n`,
  'pages/list/list.json': `{ "usingComponents": { "task-card": "/components/card/card" } }`,
  'pages/list/list.wxss': `@import '../../styles/base.wxss';\n.b { background: url(data:image/png;base64,AAAA); }\n`,
  'pages/list/list.wxml': `<import src="../../shared.wxml" />
<wxs src="../../lib/tools.wxs" module="tools" />
<!-- <gone bindtap="onGone" /> -->
<view bindtap="onTap" catch:touchmove="" bindtouchstart="{{tools.start}}">{{ tools.cut(3) < 4 ? 'x' : "<y>" }}</view>
<task-card wx:for="{{tasks}}" wx:key="id" bind:open="onOpen" />
<image src="/images/empty.png" /><image src="{{picture}}" /><image src="https://example.com/x.png" />
<template is="row" data="{{a}}" />
<t-button bind:tap="onTap">x</t-button>
`,
  'pages/list/list.ts': `import { words } from '../../lib/words';
import type { Deps } from '../../lib/words';
const handlers = { onRow() {} };
Page({
  data: { tasks: [], s: words },
  ...handlers,
  onTap() { this.setData({ tasks: [1].map((one) => one + 1), a: Number(undefined) }); },
  onOpen: (deps: Deps, { wx }: { wx: Deps }) => wx.location ?? deps.wx,
});
`,
  'pages/me/me.wxml': `<text>{{a}}</text>\n`,
  'pages/me/me.ts': `const options = { data: {}, onLoad() {} };\nPage(options);\n`,
  'components/card/card.json': `{ "component": true }`,
  'components/card/card.wxml': `<view bindtap="onTap"><slot /></view>\n`,
  'components/card/card.ts': `Component({ methods: { onTap() { this.triggerEvent('open'); } } });\n`,
  'miniprogram_npm/tdesign-miniprogram/button/button.json': `{ "component": true }`,
  'miniprogram_npm/tdesign-miniprogram/button/button.wxml': `<button bindtap="handleTap" />\n`,
  'miniprogram_npm/tdesign-miniprogram/button/button.js': `import { helper } from '../common/helper'; Component({ helper });\n`,
  'miniprogram_npm/tdesign-miniprogram/common/helper.js': `export const helper = window;\n`,
  'miniprogram_npm/tdesign-miniprogram/tabs/tabs.js': 'Component({});\n',
};

/** `shared/` of the same repository. */
export const healthyShared: ReadonlySet<string> = new Set(['shared/task.ts']);
