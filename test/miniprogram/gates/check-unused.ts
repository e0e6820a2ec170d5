import { posix } from 'node:path';
import { type Finding, isOwn, type MiniProgram, textOf } from './mini-program.ts';

/** Not reached from app.json and yet not dead: read by DevTools, npm and the compiler. */
const settings = new Set([
  'package.json',
  'tsconfig.json',
  'project.config.json',
  'sitemap.json',
  'theme.json',
]);

const pictures = /\.(png|jpe?g|gif|webp|svg)$/i;

/**
 * Own files that nothing leads to: a page that is not in app.json, a component left behind, a style, a picture. A
 * picture counts as used when a used file names it, since code may choose among several.
 */
export function checkUnused(program: MiniProgram, used: ReadonlySet<string>): Finding[] {
  const own = [...program.keys()].filter((path) => isOwn(path) && !settings.has(path) && !used.has(path));
  const texts = [...used]
    .filter((path) => isOwn(path) && !pictures.test(path))
    .map((path) => textOf(program, path));
  const isNamed = (path: string) => texts.some((text) => text.includes(posix.basename(path)));
  return own
    .filter((path) => !(pictures.test(path) && isNamed(path)))
    .map((file) => ({ file, line: 1, problem: 'nothing leads here from app.json' }));
}
