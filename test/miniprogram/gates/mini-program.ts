import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** A mini-program as the checks see it: every file below the folder with app.json, by its path from there with `/`. */
export type MiniProgram = ReadonlyMap<string, Buffer>;

/** Something that would fail or be refused in WeChat. `line` counts from 1. */
export interface Finding {
  file: string;
  line: number;
  problem: string;
}

/** What is uploaded or decides what is; neither a package's own sources nor types, which no phone sees. */
export function readMiniProgram(folder: string): MiniProgram {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.d.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes(`${sep}node_modules${sep}`));
  return new Map(paths.map((file) => [relative(folder, file).split(sep).join('/'), readFileSync(file)]));
}

/** The same from texts: a whole mini-program in a few lines of a test. */
export function miniProgramOf(texts: Readonly<Record<string, string | Buffer>>): MiniProgram {
  return new Map(Object.entries(texts).map(([path, content]) => [path, Buffer.from(content)]));
}

/** Empty when there is no such file: that it is missing is said where it is asked for. */
export function textOf(program: MiniProgram, path: string): string {
  return program.get(path)?.toString('utf8') ?? '';
}

/** Written by us, not by the install step. */
export const isOwn = (path: string): boolean => !path.startsWith('miniprogram_npm/');

/** Line (from 1) of the first place where `needle` is written, 1 when nowhere. */
export function lineOf(text: string, needle: string): number {
  const at = text.indexOf(needle);
  return at === -1 ? 1 : lineAt(text, at);
}

/** Line (from 1) of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** As a person reads it, and as a terminal makes a link of it. */
export const say = ({ file, line, problem }: Finding): string => `miniprogram/${file}:${line}: ${problem}`;
