import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { repoRoot, type SourceFile, sourceFiles } from './source-files.ts';

// Folders that are not ours to write, or not committed (.gitignore).
const notOurs = ['node_modules', 'dist', 'data', '.git'];
const endings =
  '.ts .mjs .cjs .js .json .jsonc .md .lua .sql .sh .yaml .yml .toml .wxml .wxss .html .css .conf'
    .split(' ')
    .concat(['.npmrc', '.env.example', 'Dockerfile', 'Caddyfile', '.service', 'run']);

// Character classes keep the patterns from finding themselves.
const machinePath =
  /(?<![\w.])\/[h]ome\/(?!node\b)\w|\/[U]sers\/\w|(?<![\w.])\/[r]oot\/|[C]:\\\\?Users\\|(?<![\w.])\/[w]ork\/\w/;

function committedFiles(): SourceFile[] {
  const entries = readdirSync(repoRoot, { withFileTypes: true }).filter(
    (entry) => !notOurs.includes(entry.name),
  );
  const folders = entries
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => sourceFiles(entry.name, endings));
  const files = entries
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => ({ path: entry.name, text: readFileSync(join(repoRoot, entry.name), 'utf8') }));
  return [...folders, ...files];
}

test('no file names a path of the machine it was written on', () => {
  const found = committedFiles().flatMap((file) =>
    file.text
      .split('\n')
      .flatMap((line, index) =>
        machinePath.test(line) ? [`${file.path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [],
      ),
  );
  assert.deepEqual(found, []);
});
