import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The mini-program's sources; tests run from dist/test/miniprogram/support. */
export const APP = fileURLToPath(new URL('../../../../miniprogram/', import.meta.url));

export interface AppFile {
  /** Below miniprogram/, with forward slashes. */
  name: string;
  text: string;
}

/** The mini-program's own files with one of these endings, without installed packages. */
export function appFiles(...endings: string[]): AppFile[] {
  return fs
    .readdirSync(APP, { recursive: true, encoding: 'utf8' })
    .map((name) => name.split(path.sep).join('/'))
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .filter((name) => !/^(miniprogram_npm|node_modules)\//.test(name))
    .map((name) => ({ name, text: readApp(name) }));
}

/** One of the mini-program's files. */
export function readApp(name: string): string {
  return fs.readFileSync(path.join(APP, name), 'utf8');
}
