import type { SourceFile } from 'typescript/unstable/ast';
import { isOwn, type MiniProgram } from './mini-program.ts';
import { parseScripts } from './parse-scripts.ts';
import { resolve, scriptEndings } from './resolve.ts';

/** Syntax trees of all own scripts and of what they use of `miniprogram_npm`. */
export interface Scripts {
  trees: ReadonlyMap<string, SourceFile>;
  /** Those that `roots` lead to by imports of any kind, the roots included. */
  used: ReadonlySet<string>;
}

export function followScripts(program: MiniProgram, roots: Iterable<string>): Scripts {
  const own = [...program.keys()].filter((path) => isOwn(path) && /\.[tj]s$/.test(path));
  const trees = parseScripts(program, own);
  const used = new Set<string>();
  // One breadth of imports after the other, so that the parser is started a few times and not once a file.
  for (let waiting = [...new Set(roots)]; waiting.length > 0; ) {
    for (const path of waiting) used.add(path);
    for (const [path, tree] of parseScripts(
      program,
      waiting.filter((path) => !trees.has(path)),
    ))
      trees.set(path, tree);
    const next = waiting.flatMap((path) =>
      importsOf(trees.get(path)).map((name) => importedFile(program, path, name)),
    );
    waiting = [...new Set(next.filter((path) => path !== null && !used.has(path)))] as string[];
  }
  return { trees, used };
}

/** Specifiers of all imports, re-exports, `import()` and (in JavaScript) `require()`. */
const importsOf = (tree: SourceFile | undefined): string[] =>
  (tree?.imports ?? []).map((specifier) => (specifier as unknown as { text: string }).text);

/** The script that an import leads to. A name with `.ts` leads nowhere: DevTools keeps it, and packs a `.js`. */
export function importedFile(program: MiniProgram, from: string, specifier: string): string | null {
  if (specifier.endsWith('.ts')) return null;
  const endings = /\.js(on)?$/.test(specifier) ? ['', ...scriptEndings] : scriptEndings;
  return resolve(program, from, specifier, endings, true);
}
