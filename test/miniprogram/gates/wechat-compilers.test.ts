import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { type TestContext, test } from 'node:test';
import { tempDir } from '../../helpers/temp-dir.ts';
import { healthy } from './healthy.ts';
import { compilersRunHere, compileWithWechat } from './wechat-compilers.ts';

/** What the compilers say about the healthy mini-program with one file replaced. */
function said(t: TestContext, file: string, text: string): string[] {
  const folder = tempDir(t);
  const files = Object.entries({ ...healthy, [file]: text }).filter(([path]) =>
    /\.(wxml|wxs|wxss)$/.test(path),
  );
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return compileWithWechat(
    folder,
    files.map(([path]) => path),
  );
}

const me = 'pages/me/me.wxml';
const faults: [name: string, file: string, text: string, says: RegExp][] = [
  ['a tag that is not closed', me, '<view>\n<text></view>', /^wcc .*pages\/me\/me\.wxml:2/],
  ['an expression that ends early', me, '<view>{{a +}}</view>', /^wcc .*me\.wxml/],
  ['syntax newer than the phone', me, '<view>{{a?.b}}</view>', /^wcc /],
  ['an else without if', me, '<view wx:else />', /^wcc /],
  ['modern JavaScript in wxs', 'lib/tools.wxs', 'const a = 1;\nmodule.exports = {};', /^wcc /],
  ['a block that is not closed', 'styles/base.wxss', '.a { color: red;', /^wcsc .*styles\/base\.wxss/],
];

if (compilersRunHere()) {
  test('the compilers take what is right', (t) => {
    assert.deepEqual(said(t, me, healthy[me] ?? ''), []);
  });
  for (const [name, file, text, says] of faults) {
    test(`the compilers refuse ${name}`, (t) => {
      const lines = said(t, file, text);
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? '', says);
    });
  }
} else {
  test(`where there are no compilers (${process.platform}-${process.arch}) asking for them is an error`, () => {
    assert.throws(() => compileWithWechat('.', [me]), /no wcc for this platform/);
  });
}
