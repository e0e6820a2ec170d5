import { checkGlobals } from './check-globals.ts';
import { checkImports } from './check-imports.ts';
import { checkMarkup } from './check-markup.ts';
import { checkSetData } from './check-set-data.ts';
import { checkUnused } from './check-unused.ts';
import { follow } from './follow.ts';
import { handlersOf } from './handlers.ts';
import { type Finding, isOwn, type MiniProgram } from './mini-program.ts';
import { followScripts } from './used-scripts.ts';

export interface Inspection {
  findings: Finding[];
  /** What would be uploaded. */
  used: ReadonlySet<string>;
}

/** All checks that need no compiler of WeChat's. `sharedFiles` are the paths of `shared/` from the repository's root. */
export function inspect(program: MiniProgram, sharedFiles: ReadonlySet<string>): Inspection {
  const followed = follow(program);
  const { trees, used: scripts } = followScripts(
    program,
    followed.units.flatMap(({ script }) => script ?? []),
  );
  const own = new Map([...trees].filter(([path]) => isOwn(path)));
  const used = new Set([...followed.files, ...scripts]);
  const handlers = (script: string) => {
    const tree = trees.get(script);
    return tree === undefined ? new Set<string>() : handlersOf(tree);
  };
  const findings = [
    ...followed.findings,
    ...checkMarkup(program, followed, handlers),
    ...checkImports(program, own, sharedFiles),
    ...checkGlobals(own),
    ...checkSetData(own),
    ...checkUnused(program, used),
  ];
  return { used, findings: findings.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line) };
}
