import { transformSync } from 'esbuild';
import { isOwn, type MiniProgram, textOf } from './mini-program.ts';

export interface PackageSize {
  files: number;
  /** Bytes of the mini-program itself, and of what it uses of `miniprogram_npm`. */
  own: number;
  npm: number;
}

/**
 * Bytes that would be uploaded of `used` files: scripts compiled and minified, all else as it is. The phone downloads
 * this before the first page; WeChat refuses a main package above 2 MB.
 */
export function packageSize(program: MiniProgram, used: ReadonlySet<string>): PackageSize {
  const size = { files: used.size, own: 0, npm: 0 };
  for (const path of used) size[isOwn(path) ? 'own' : 'npm'] += uploadedBytes(program, path);
  return size;
}

function uploadedBytes(program: MiniProgram, path: string): number {
  const loader = path.endsWith('.ts') ? 'ts' : path.endsWith('.js') ? 'js' : null;
  if (loader === null) return program.get(path)?.length ?? 0;
  return Buffer.byteLength(
    transformSync(textOf(program, path), { loader, format: 'cjs', minify: true }).code,
  );
}
