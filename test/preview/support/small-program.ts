import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tempDir } from '../../helpers/temp-dir.ts';

const sound = {
  'app.json': '{ "pages": ["pages/a/a"] }',
  'app.wxss': '',
  'pages/a/a.json': '{}',
  'pages/a/a.wxml': '<view>a</view>',
  'pages/a/a.ts': 'Page({});',
};

/** Writes a mini-program of one page, with these files beside or instead of its own; null leaves one out. */
export function writeProgram(
  t: { after(fn: () => void): void },
  changes: Record<string, string | null>,
): { root: string; out: string } {
  const folder = tempDir(t);
  const root = join(folder, 'program');
  for (const [path, text] of Object.entries({ ...sound, ...changes })) {
    if (text === null) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { root, out: join(folder, 'out') };
}
