import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { tempDir } from '../../helpers/temp-dir.ts';
import { repoRoot } from '../../rules/source-files.ts';

const { copyTdesign } = (await import(
  pathToFileURL(join(repoRoot, 'scripts', 'lib', 'copy-tdesign.mjs')).href
)) as { copyTdesign(base: string): 'absent' | 'placed' | 'unchanged' };

/** A checkout with `files` of TDesign installed, and with or without a mini-program. */
function checkout(
  t: TestContext,
  files: Record<string, string>,
  at = 'node_modules/tdesign-miniprogram',
): string {
  const base = tempDir(t);
  mkdirSync(join(base, 'miniprogram'));
  mkdirSync(join(base, 'node_modules'), { recursive: true });
  for (const [file, text] of Object.entries(files)) write(join(base, at, 'miniprogram_dist', file), text);
  return base;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const dist = { 'button/button.js': 'a', 'miniprogram_npm/tslib/index.js': 'b' };
const placeOf = (base: string) => join(base, 'miniprogram', 'miniprogram_npm', 'tdesign-miniprogram');
const read = (base: string, file: string) => readFileSync(join(placeOf(base), file), 'utf8');

test('TDesign is copied whole, once, and linked for "build npm"', (t) => {
  const base = checkout(t, dist);
  assert.equal(copyTdesign(base), 'placed');
  assert.equal(read(base, 'button/button.js'), 'a');
  assert.equal(read(base, 'miniprogram_npm/tslib/index.js'), 'b');
  assert.deepEqual(readdirSync(dirname(placeOf(base))), ['tdesign-miniprogram']);
  const link = join(base, 'miniprogram', 'node_modules', 'tdesign-miniprogram');
  assert.equal(realpathSync(link), realpathSync(join(base, 'node_modules', 'tdesign-miniprogram')));
  assert.equal(copyTdesign(base), 'unchanged');
});

const damages: [name: string, damage: (place: string) => void][] = [
  ['a file that was changed', (place) => write(join(place, 'button/button.js'), 'c')],
  ['a file that is missing', (place) => rmSync(join(place, 'button/button.js'))],
  ['a file of another version', (place) => write(join(place, 'old/old.js'), 'c')],
];
for (const [name, damage] of damages) {
  test(`${name} is put right`, (t) => {
    const base = checkout(t, dist);
    copyTdesign(base);
    damage(placeOf(base));
    assert.equal(copyTdesign(base), 'placed');
    assert.equal(read(base, 'button/button.js'), 'a');
    assert.ok(!existsSync(join(placeOf(base), 'old')));
    assert.deepEqual(readdirSync(dirname(placeOf(base))), ['tdesign-miniprogram']);
  });
}

test('what a killed install left behind is taken away, what a running one works at is not', (t) => {
  const base = checkout(t, dist);
  copyTdesign(base);
  // Beyond what any system numbers its processes with.
  write(`${placeOf(base)}.999999999.new/button/button.js`, 'half');
  write(`${placeOf(base)}.${process.pid}.new/button/button.js`, 'half');
  assert.equal(copyTdesign(base), 'unchanged');
  const left = readdirSync(dirname(placeOf(base))).sort();
  assert.deepEqual(left, ['tdesign-miniprogram', `tdesign-miniprogram.${process.pid}.new`]);
});

test("a store of links, as pnpm's, is followed", (t) => {
  const base = checkout(t, dist, 'node_modules/.pnpm/tdesign');
  symlinkSync(
    join(base, 'node_modules/.pnpm/tdesign'),
    join(base, 'node_modules/tdesign-miniprogram'),
    'junction',
  );
  assert.equal(copyTdesign(base), 'placed');
  assert.equal(
    realpathSync(placeOf(base)),
    join(realpathSync(base), 'miniprogram/miniprogram_npm/tdesign-miniprogram'),
  );
  assert.equal(read(base, 'button/button.js'), 'a');
});

test('a link that leads nowhere is mended, a folder that somebody made is left alone', (t) => {
  const base = checkout(t, dist);
  const link = join(base, 'miniprogram', 'node_modules', 'tdesign-miniprogram');
  mkdirSync(dirname(link));
  symlinkSync(join(base, 'gone'), link, 'junction');
  assert.equal(copyTdesign(base), 'placed');
  assert.ok(existsSync(join(link, 'miniprogram_dist')));
  rmSync(link);
  write(join(link, 'package.json'), '{}');
  assert.equal(copyTdesign(base), 'unchanged');
  assert.deepEqual(readdirSync(link), ['package.json']);
});

test('without TDesign (--omit=dev) or without a mini-program nothing is done', (t) => {
  const base = tempDir(t);
  assert.equal(copyTdesign(base), 'absent');
  mkdirSync(join(base, 'miniprogram'));
  assert.equal(copyTdesign(base), 'absent');
  assert.deepEqual(readdirSync(join(base, 'miniprogram')), []);
});
