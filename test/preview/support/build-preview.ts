import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repoRoot } from '../../rules/source-files.ts';

interface Builder {
  /** The problems, each `file:line: what`. */
  build(): Promise<string[]>;
  close(): Promise<void>;
}

type CreateBuilder = (options: { root: string; out: string }) => Builder;

// Plain JavaScript that the compiler does not copy to dist: it is the repository's own file that runs.
const { createPreviewBuilder } = (await import(
  pathToFileURL(join(repoRoot, 'preview', 'build', 'preview-builder.mjs')).href
)) as { createPreviewBuilder: CreateBuilder };

/** The preview's build of the mini-program in `root`, into `out`. */
export function createBuilder(root: string, out: string): Builder {
  return createPreviewBuilder({ root, out });
}

/** One build. Answers its problems. */
export async function buildPreview(root: string, out: string): Promise<string[]> {
  const builder = createBuilder(root, out);
  try {
    return await builder.build();
  } finally {
    await builder.close();
  }
}
