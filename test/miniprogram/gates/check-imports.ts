import { posix } from 'node:path';
import {
  isExportDeclaration,
  isImportClause,
  isImportDeclaration,
  isTypeNode,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import type { Finding, MiniProgram } from './mini-program.ts';
import { lineOfNode } from './syntax.ts';
import { importedFile } from './used-scripts.ts';

/**
 * What DevTools compiles without a word and the phone then does not find: files that do not exist, and everything
 * outside the mini-program, of which only types of `shared/` may be used (they are erased). `sharedFiles` are the paths
 * of the shared files from the repository's root, such as `shared/task.ts`.
 */
export function checkImports(
  program: MiniProgram,
  trees: ReadonlyMap<string, SourceFile>,
  sharedFiles: ReadonlySet<string>,
): Finding[] {
  return [...trees].flatMap(([file, tree]) =>
    tree.imports.flatMap((node) => {
      const specifier = (node as Node & { text: string }).text;
      const problem = problemOf(program, file, specifier, isTypeOnly(node), sharedFiles);
      return problem === null ? [] : [{ file, line: lineOfNode(tree, node), problem }];
    }),
  );
}

function problemOf(
  program: MiniProgram,
  file: string,
  specifier: string,
  typeOnly: boolean,
  sharedFiles: ReadonlySet<string>,
): string | null {
  const from = posix.join('miniprogram', posix.dirname(file));
  const target = posix.join(from, specifier);
  const isInside = !specifier.startsWith('.') || target.startsWith('miniprogram/');
  if (isInside) {
    if (importedFile(program, file, specifier) !== null) return null;
    const hint = specifier.endsWith('.ts') ? ' (write it without .ts: the phone has a .js)' : '';
    return `import of ${specifier}, which does not exist${hint}`;
  }
  if (!target.startsWith('shared/'))
    return `import of ${specifier}: outside the mini-program there is only shared/`;
  if (!typeOnly)
    return `import of ${specifier}: from shared/ with "import type" only, its values never reach the phone`;
  const exists = [target, `${target}.ts`].some((path) => sharedFiles.has(path));
  return exists ? null : `import of ${specifier}, which does not exist`;
}

/** `import type … from`, `export type … from`, `import('…')` in a type. `{ type X }` alone is not: it can lose the word. */
function isTypeOnly(specifier: Node): boolean {
  const statement = specifier.parent;
  if (isExportDeclaration(statement)) return statement.isTypeOnly;
  if (isImportDeclaration(statement)) {
    const clause = statement.importClause;
    return clause !== undefined && isImportClause(clause) && clause.phaseModifier === SyntaxKind.TypeKeyword;
  }
  return isTypeNode(statement);
}
