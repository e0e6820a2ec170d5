import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';

const folders: Record<string, string> = {
  'linux-x64': 'linux',
  'darwin-x64': 'mac',
  'darwin-arm64': 'mac',
  'win32-x64': 'windows',
  'win32-arm64': 'windows',
};

/** Whether WeChat's own compilers run here: there are none for, say, Linux on ARM. */
export const compilersRunHere = (): boolean => `${process.platform}-${process.arch}` in folders;

/**
 * Compiles all markup and wxs (wcc) and all styles (wcsc) of the mini-program in `folder` with WeChat's own compilers,
 * whose binaries are of 2020: what they accept, every DevTools accepts. Answers what they said, the first fault of each.
 * `files` are relative to `folder`. Throws when a compiler cannot be started at all.
 */
export function compileWithWechat(folder: string, files: Iterable<string>): string[] {
  const all = [...files];
  const markup = all.filter((file) => /\.(wxml|wxs)$/.test(file));
  const styles = all.filter((file) => file.endsWith('.wxss'));
  const out = mkdtempSync(join(tmpdir(), 'wechat-compilers-'));
  try {
    const run = (name: 'wcc' | 'wcsc', args: string[]) => compile(name, args, folder, out);
    return [
      ...(markup.length === 0 ? [] : run('wcc', ['-d', '-o', join(out, 'markup.js'), ...markup])),
      // -pc is the number of styles to compile; the others would count as imported only.
      ...(styles.length === 0
        ? []
        : run('wcsc', [
            '-lc',
            '-js',
            '-db',
            '-pc',
            `${styles.length}`,
            '-o',
            join(out, 'styles.js'),
            ...styles,
          ])),
    ];
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function compile(name: 'wcc' | 'wcsc', args: string[], cwd: string, out: string): string[] {
  const { status, signal, error, stdout, stderr } = spawnSync(program(name, out), args, {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw new Error(`${name} could not be started: ${error.message}`);
  if (status === 0) return [];
  const said = `${stderr}\n${stdout}`.trim().replace(/\s*\n\s*/g, ' ') || 'no reason given';
  return [`${name} (${status ?? signal}): ${said}`];
}

/** A copy that may be executed: the package ships them without that right, and its folder may be read-only. */
function program(name: string, out: string): string {
  const platform = folders[`${process.platform}-${process.arch}`];
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  const home = dirname(createRequire(import.meta.url).resolve('miniprogram-compiler/package.json'));
  const copy = join(out, file);
  const original = join(home, 'bin', platform ?? '', file);
  if (platform === undefined || !existsSync(original)) throw new Error(`no ${name} for this platform`);
  copyFileSync(original, copy);
  chmodSync(copy, 0o755);
  return copy;
}
