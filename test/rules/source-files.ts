import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root: the nearest folder above with a package.json. */
export const repoRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

const installed = ['node_modules', 'miniprogram_npm'];

export interface SourceFile {
  /** From the repository's root, with `/`. */
  path: string;
  text: string;
}

/** All files of ours below `folder` (from the root) whose name ends in one of `endings`; none that an install put there. */
export function sourceFiles(folder: string, endings: string[]): SourceFile[] {
  const base = join(repoRoot, folder);
  if (!existsSync(base)) return [];
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !installed.some((name) => file.includes(`${sep}${name}${sep}`)))
    .map((file) => ({
      path: relative(repoRoot, file).split(sep).join('/'),
      text: readFileSync(file, 'utf8'),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Without block comments and whole-line comments; the lines keep their numbers. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ''))
    .replace(/^\s*\/\/.*$/gm, '');
}

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('no package.json above this test');
  return findRoot(parent);
}
