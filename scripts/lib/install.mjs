import { createHash } from 'node:crypto';
import fs from 'node:fs';
import process from 'node:process';
import { copyTdesign } from './copy-tdesign.mjs';
import { npmCi } from './npm.mjs';
import { fail, inRoot, root, say } from './run.mjs';

const lockFile = inRoot('package-lock.json');
const stampFile = inRoot('node_modules', '.zhundian-lock');

/**
 * Ends with one line on a Node that is too old, brings `node_modules` up to date with the lock file, and TDesign to its
 * place in the mini-program.
 */
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
    const failed = await npmCi(root);
    if (failed !== null) fail(`npm ci failed: ${failed}. Run npm ci by itself to see all it says.`);
  }
  const line = JSON.stringify(stamp);
  if (readText(stampFile) !== line) fs.writeFileSync(stampFile, line);
  // For `node_modules` that came with --ignore-scripts, or before the mini-program was here.
  copyTdesign();
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
  if (installed === null) return hasEveryDirectOne(lock.packages) ? null : 'there are none yet';
  return matches(JSON.parse(installed).packages, lock.packages) ? null : 'package-lock.json has changed';
}

/** pnpm and cnpm keep no record in npm's form; what package.json asks for is there in the versions of the lock file. */
function hasEveryDirectOne(wanted) {
  const { dependencies, devDependencies } = wanted[''];
  return Object.keys({ ...dependencies, ...devDependencies }).every((name) => {
    const manifest = readText(inRoot('node_modules', ...name.split('/'), 'package.json'));
    return manifest !== null && JSON.parse(manifest).version === wanted[`node_modules/${name}`]?.version;
  });
}

function matches(installed, wanted) {
  for (const [where, entry] of Object.entries(wanted)) {
    if (where === '') continue;
    const there = installed[where];
    if (there === undefined ? !entry.optional : there.version !== entry.version) return false;
  }
  return Object.keys(installed).every((where) => where in wanted);
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
