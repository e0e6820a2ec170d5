import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceFiles } from './source-files.ts';

const maxLines = 300;

const rooms = ['server', 'shared', 'miniprogram', 'preview'];
const endings = ['.ts', '.mjs', '.lua', '.wxml', '.wxss', '.wxs', '.css', '.html'];

test(`no file in ${rooms.join(', ')} is longer than ${maxLines} lines`, () => {
  const long = rooms
    .flatMap((folder) => sourceFiles(folder, endings))
    .map((file) => ({ path: file.path, lines: file.text.trimEnd().split('\n').length }))
    .filter((file) => file.lines > maxLines);
  assert.deepEqual(long, []);
});
