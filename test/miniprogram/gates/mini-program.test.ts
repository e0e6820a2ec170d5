import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { repoRoot, sourceFiles } from '../../rules/source-files.ts';
import { type Inspection, inspect } from './inspect.ts';
import { type MiniProgram, readMiniProgram, say } from './mini-program.ts';
import { packageSize } from './package-size.ts';
import { stopParser } from './parse-scripts.ts';
import { compilersRunHere, compileWithWechat } from './wechat-compilers.ts';

const folder = join(repoRoot, 'miniprogram');

/** WeChat refuses 2 MB; what is slow to load on a bus comes long before. */
const wantedBytes = 600 * 1024;
const mostBytes = 1.2 * 1024 * 1024;

let program: MiniProgram;
let inspection: Inspection;

before(() => {
  program = readMiniProgram(folder);
  inspection = inspect(program, new Set(sourceFiles('shared', ['.ts']).map(({ path }) => path)));
});
after(stopParser);

test('the mini-program has nothing that the phone would fail at', () => {
  assert.deepEqual(inspection.findings.map(say), []);
});

test("WeChat's own compilers take all markup, wxs and styles, TDesign's used ones included", (t) => {
  const files = [...inspection.used].filter((file) => /\.(wxml|wxs|wxss)$/.test(file));
  assert.ok(files.length > 10, 'no markup found: this test looks in the wrong place');
  if (!compilersRunHere()) {
    const { platform, arch } = process;
    t.diagnostic(
      `not run: wcc and wcsc over ${files.length} files (WeChat has none for ${platform}-${arch})`,
    );
    return;
  }
  assert.deepEqual(compileWithWechat(folder, files), []);
});

test('what is uploaded stays small', (t) => {
  const { files, own, npm } = packageSize(program, inspection.used);
  const inKb = (bytes: number) => `${(bytes / 1024).toFixed(0)} KB`;
  const said = `package: ${inKb(own + npm)} in ${files} files (${inKb(own)} own, ${inKb(npm)} TDesign)`;
  t.diagnostic(own + npm > wantedBytes ? `${said}, above the ${inKb(wantedBytes)} aimed at` : said);
  assert.ok(own + npm <= mostBytes, `${said}: more than ${inKb(mostBytes)}`);
});
