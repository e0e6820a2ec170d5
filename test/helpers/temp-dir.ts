import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const remove = (dir: string) => rmSync(dir, { recursive: true, force: true, maxRetries: 5 });

/** A new empty folder; removed after the test whose context is given, else when the process ends. */
export function tempDir(context?: { after(fn: () => void): void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'zhundian-'));
  if (context) context.after(() => remove(dir));
  else process.once('exit', () => remove(dir));
  return dir;
}
