import type { SourceFile } from 'typescript/unstable/ast';
import { createVirtualFileSystem } from 'typescript/unstable/fs';
import { API } from 'typescript/unstable/sync';
import { type MiniProgram, textOf } from './mini-program.ts';

/**
 * The syntax trees of all scripts, by path. The only file that knows how TypeScript's own parser is reached: its API is
 * still called unstable, so a new compiler may ask for a change here and nowhere else.
 */
export function parseScripts(program: MiniProgram, paths: Iterable<string>): Map<string, SourceFile> {
  const config = '/program/tsconfig.json';
  const wanted = [...paths];
  const files = Object.fromEntries(wanted.map((path) => [`/program/${path}`, textOf(program, path)]));
  const compilerOptions = { noLib: true, noResolve: true, allowJs: true, types: [] };
  files[config] = JSON.stringify({ compilerOptions, files: wanted });
  const api = new API({ cwd: '/program', fs: createVirtualFileSystem(files) });
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    return new Map(
      wanted.flatMap((path) => {
        const tree = project?.program.getSourceFile(`/program/${path}`);
        return tree === undefined ? [] : [[path, tree] as const];
      }),
    );
  } finally {
    api.close();
  }
}
