import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFiles } from './source-files.ts';

const maxLines = 300;

test(`no file in server/ and shared/ is longer than ${maxLines} lines`, () => {
  const long = ['server', 'shared']
    .flatMap((folder) => sourceFiles(folder, ['.ts', '.lua']))
    .map((file) => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }))
    .filter((file) => file.lines > maxLines);
  assert.deepEqual(long, []);
});
