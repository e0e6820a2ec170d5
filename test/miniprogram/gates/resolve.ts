import { posix } from 'node:path';
import type { MiniProgram } from './mini-program.ts';

/**
 * The file that `specifier`, written in `from`, leads to, or null. `/x` starts at the root, `./x` and `../x` at the
 * file; anything else too, and where `npm` is true also in the nearest `miniprogram_npm` above. `endings` are tried in
 * turn after the name ('' is the name itself). `outside` is a path that leaves the mini-program, which no rule of
 * WeChat's resolves.
 */
export function resolve(
  program: MiniProgram,
  from: string,
  specifier: string,
  endings: readonly string[],
  npm = false,
): string | null {
  for (const base of bases(from, specifier, npm)) {
    for (const ending of endings) if (program.has(base + ending)) return base + ending;
  }
  return null;
}

function bases(from: string, specifier: string, npm: boolean): string[] {
  if (specifier.startsWith('/')) return [specifier.slice(1)];
  const here = posix.dirname(from);
  const bases = [posix.join(here, specifier)];
  if (npm && !specifier.startsWith('.')) {
    for (let folder = here; ; folder = posix.dirname(folder)) {
      bases.push(posix.join(folder, 'miniprogram_npm', specifier));
      if (folder === '.') break;
    }
  }
  return bases;
}

/** What a component's or a module's name may be short for. */
export const scriptEndings = ['.ts', '.js', '/index.ts', '/index.js'] as const;

/** True for what WeChat fetches or takes from elsewhere, which no file here answers for. */
export const isElsewhere = (source: string): boolean => /^([a-z][a-z\d+.-]*:|\/\/|\{\{)/i.test(source);
