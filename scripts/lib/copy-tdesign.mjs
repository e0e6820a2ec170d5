import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { filesIn } from './build.mjs';
import { root } from './run.mjs';

/**
 * Puts TDesign where the mini-program finds it, so that WeChat DevTools opens `miniprogram/` without one more click:
 *
 * - `miniprogram/miniprogram_npm/tdesign-miniprogram`: a copy of the package's `miniprogram_dist`. That is what the
 *   "build npm" of DevTools does with a package that names a `miniprogram` folder, byte for byte.
 * - `miniprogram/node_modules/tdesign-miniprogram`: a link to the package. "Build npm" looks nowhere but beside
 *   `miniprogram/package.json` and empties `miniprogram_npm` when it finds nothing there.
 *
 * Changes nothing when both are right already. Answers `absent` when the package is not installed (`--omit=dev`) or
 * the mini-program is not here (a server's image), else `placed` or `unchanged`. Throws what the file system throws.
 */
export function copyTdesign(base = root) {
  const miniprogram = path.join(base, 'miniprogram');
  const installed = path.join(base, 'node_modules', 'tdesign-miniprogram');
  const source = path.join(installed, 'miniprogram_dist');
  if (!fs.existsSync(source) || !fs.existsSync(miniprogram)) return 'absent';
  const linked = link(installed, path.join(miniprogram, 'node_modules', 'tdesign-miniprogram'));
  const target = path.join(miniprogram, 'miniprogram_npm', 'tdesign-miniprogram');
  removeLeftovers(path.dirname(target));
  if (sameTree(source, target)) return linked ? 'placed' : 'unchanged';
  replace(source, target);
  return 'placed';
}

/** pnpm's and cnpm's stores are links themselves: the real folder is copied, the link leads to where they lead. */
function replace(source, target) {
  const fresh = `${target}.${process.pid}.new`;
  const old = `${target}.${process.pid}.old`;
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.cpSync(fs.realpathSync(source), fresh, { recursive: true, dereference: true });
  try {
    if (fs.existsSync(target)) fs.renameSync(target, old);
    fs.renameSync(fresh, target);
  } catch (error) {
    // Another process (a test run beside `npm start`) may have put its own there in between: as good as ours.
    if (!sameTree(source, target)) throw error;
  } finally {
    for (const folder of [fresh, old]) fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** What a process that was killed while copying left behind, seen by its number being nobody's. */
function removeLeftovers(folder) {
  for (const name of fs.existsSync(folder) ? fs.readdirSync(folder) : []) {
    const pid = /^tdesign-miniprogram\.(\d+)\.(?:new|old)$/.exec(name)?.[1];
    if (pid === undefined || isAlive(Number(pid))) continue;
    fs.rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

/** Compared by content (1.5 MB, some 60 ms): no stamp to go stale when DevTools or a person changes the copy. */
function sameTree(a, b) {
  const [inA, inB] = [a, b].map((folder) => filesIn(folder).sort());
  if (inA.length !== inB.length || inA.some((file, index) => file !== inB[index])) return false;
  return inA.every((file) => fs.readFileSync(path.join(a, file)).equals(fs.readFileSync(path.join(b, file))));
}

/** True when the link was made or mended. A folder that somebody's `npm install` made there is left alone. */
function link(to, at) {
  const there = fs.lstatSync(at, { throwIfNoEntry: false });
  if (there && !there.isSymbolicLink()) return false;
  if (there && fs.existsSync(at) && fs.realpathSync(at) === fs.realpathSync(to)) return false;
  fs.rmSync(at, { force: true });
  fs.mkdirSync(path.dirname(at), { recursive: true });
  // Relative, so that the checkout can be moved; Windows lets only junctions be made by anybody, and those are absolute.
  try {
    if (process.platform === 'win32') fs.symlinkSync(to, at, 'junction');
    else fs.symlinkSync(path.relative(path.dirname(at), to), at);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  return true;
}
