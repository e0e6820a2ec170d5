import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { repoRoot } from '../../rules/source-files.ts';

const { missingModules } = (await import(
  pathToFileURL(join(repoRoot, 'miniprogram-check', 'missing-modules.mjs')).href
)) as { missingModules(files: Record<string, string>): string[] };

test('mp:check names every require whose file is not in the package', () => {
  const compiled = {
    'app.js':
      'require("./lib/wx");require("../shared/task");require("/lib/wx.js");require("tdesign-miniprogram/toast")',
    'lib/wx.js': 'require("./gone")',
    'pages/a/a.js': 'require("../../lib/wx");require("zod");require("@babel/runtime/helpers/a")',
    '@babel/runtime/helpers/a.js': 'require("no-one-asks")',
    'miniprogram_npm/tdesign-miniprogram/toast/index.js': 'require("theirs")',
  };
  assert.deepEqual(missingModules(compiled), [
    'app.js requires ../shared/task, which is not in the package',
    'lib/wx.js requires ./gone, which is not in the package',
    'pages/a/a.js requires zod, which is not in the package',
  ]);
});
