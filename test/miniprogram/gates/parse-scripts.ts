import type { SourceFile } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import { type MiniProgram, textOf } from './mini-program.ts';

/** One parser for all, started at first use: it is a process of its own. */
let api: API | null = null;
const files = new Map<string, string>();
let parsed = 0;

/**
 * The syntax trees of scripts, by path. The only file that knows how TypeScript's own parser is reached: its API is
 * still called unstable, so a new compiler may ask for a change here and nowhere else. `stopParser()` ends it.
 */
export function parseScripts(program: MiniProgram, paths: Iterable<string>): Map<string, SourceFile> {
  const wanted = [...paths];
  if (wanted.length === 0) return new Map();
  parsed += 1;
  const folder = `/program-${parsed}`;
  const config = `${folder}/tsconfig.json`;
  const compilerOptions = { noLib: true, noResolve: true, allowJs: true, types: [] };
  for (const path of wanted) files.set(`${folder}/${path}`, textOf(program, path));
  files.set(config, JSON.stringify({ compilerOptions, files: wanted }));
  const project = openParser()
    .updateSnapshot({ openProjects: [config] })
    .getProject(config);
  return new Map(
    wanted.map((path) => {
      const tree = project?.program.getSourceFile(`${folder}/${path}`);
      if (tree === undefined) throw new Error(`TypeScript's parser has no tree of ${path}`);
      return [path, tree];
    }),
  );
}

/** Ends the parser's process; the trees it gave stay as they are. A test that has parsed calls it when it is done. */
export function stopParser(): void {
  api?.close();
  api = null;
  files.clear();
}

/** It sees the files handed to it and nothing of the disk. */
function openParser(): API {
  api ??= new API({
    cwd: '/',
    fs: {
      readFile: (path) => files.get(path) ?? null,
      fileExists: (path) => files.has(path),
      directoryExists: (path) => [...files.keys()].some((file) => file.startsWith(`${path}/`)),
      getAccessibleEntries: () => ({ files: [], directories: [] }),
      realpath: (path) => path,
    },
  });
  return api;
}
