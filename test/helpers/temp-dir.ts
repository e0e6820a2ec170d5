import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const remove = (dir: string) => rmSync(dir, { recursive: true, force: true, maxRetries: 5 });

const atEnd: string[] = [];

/** A new empty folder; removed after the test whose context is given, else when the process ends. */
export function tempDir(context?: { after(fn: () => void): void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'zhundian-'));
  if (context) context.after(() => remove(dir));
  else if (atEnd.push(dir) === 1) process.once('exit', () => atEnd.forEach(remove));
  return dir;
}
