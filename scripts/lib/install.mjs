import { createHash } from 'node:crypto';
import fs from 'node:fs';
import process from 'node:process';
import { fail, inRoot, run, say } from './run.mjs';

const lockFile = inRoot('package-lock.json');
const stampFile = inRoot('node_modules', '.zhundian-lock');

/** Ends with one line on a Node that is too old, and brings `node_modules` up to date with the lock file. */
export async function ensureInstalled() {
  checkNode();
  const lock = fs.readFileSync(lockFile);
  const stamp = {
    lock: createHash('sha256').update(lock).digest('hex'),
    node: `${process.platform}-${process.arch}-abi${process.versions.modules}`,
  };
  const why = reasonToInstall(stamp, JSON.parse(lock));
  if (why !== null) {
    say(`installing dependencies with npm ci (${why})`);
    await npmCi();
  }
  const line = JSON.stringify(stamp);
  if (readText(stampFile) !== line) fs.writeFileSync(stampFile, line);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(`needs Node 20.19 or later, this is ${process.versions.node}`);
}

/** `null` when `node_modules` holds what the lock file asks for. */
function reasonToInstall(stamp, lock) {
  const kept = readStamp();
  if (kept !== null && kept.node !== stamp.node)
    return `they were made for ${kept.node}, this is ${stamp.node}`;
  if (kept?.lock === stamp.lock) return null;
  // npm's own record of what it put there: after an `npm install` or `npm ci` by hand nothing needs doing.
  const installed = readText(inRoot('node_modules', '.package-lock.json'));
  if (installed === null) return 'there are none yet';
  return matches(JSON.parse(installed).packages, lock.packages) ? null : 'package-lock.json has changed';
}

function matches(installed, wanted) {
  for (const [where, entry] of Object.entries(wanted)) {
    if (where === '') continue;
    const there = installed[where];
    if (there === undefined ? !entry.optional : there.version !== entry.version) return false;
  }
  return Object.keys(installed).every((where) => where in wanted);
}

async function npmCi() {
  // `--include=dev`: TypeScript is needed to build, in production too.
  const { command, args, shell } = npm();
  const { code, output } = await run(command, [...args, 'ci', '--include=dev'], {
    capture: true,
    shell,
  }).catch((error) => ({ code: 1, output: `npm error ${error.message}` }));
  if (code === 0) return;
  fail(`npm ci failed: ${npmReason(output)}. Run npm ci by itself to see all it says.`);
}

/** The npm that runs us, if it is npm, else the one in PATH. */
function npm() {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.c?js$/.test(cli)) return { command: process.execPath, args: [cli], shell: false };
  return process.platform === 'win32'
    ? { command: 'npm.cmd', args: [], shell: true }
    : { command: 'npm', args: [], shell: false };
}

function npmReason(output) {
  const errors = [...output.matchAll(/^npm (?:error|ERR!) (.+)$/gm)].map((match) => match[1].trim());
  const telling = errors.filter((line) => !/^(code|errno|syscall|type|A complete log)\b/.test(line));
  return (telling[0] ?? errors[0] ?? (output.trim().split('\n').at(-1) || 'no reason given')).replace(
    /\.$/,
    '',
  );
}

/** What the last install left, or null: none, or one that broke off. */
function readStamp() {
  try {
    return JSON.parse(fs.readFileSync(stampFile, 'utf8'));
  } catch {
    return null;
  }
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
