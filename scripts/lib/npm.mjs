import process from 'node:process';
import { run } from './run.mjs';

/**
 * `npm ci` in `folder`. Answers null, or in one line why it failed. `--include=dev`: TypeScript is needed to build, in
 * production too.
 */
export async function npmCi(folder) {
  const { command, args, shell } = npm();
  const { code, output } = await run(command, [...args, 'ci', '--include=dev'], {
    capture: true,
    shell,
    cwd: folder,
  }).catch((error) => ({ code: 1, output: `npm error ${error.message}` }));
  return code === 0 ? null : reason(output);
}

/** The npm that runs us, if it is npm, else the one in PATH. */
function npm() {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.c?js$/.test(cli)) return { command: process.execPath, args: [cli], shell: false };
  return process.platform === 'win32'
    ? { command: 'npm.cmd', args: [], shell: true }
    : { command: 'npm', args: [], shell: false };
}

function reason(output) {
  const errors = [...output.matchAll(/^npm (?:error|ERR!) (.+)$/gm)].map((match) => match[1].trim());
  const telling = errors.filter((line) => !/^(code|errno|syscall|type|A complete log)\b/.test(line));
  return (telling[0] ?? errors[0] ?? (output.trim().split('\n').at(-1) || 'no reason given')).replace(
    /\.$/,
    '',
  );
}
