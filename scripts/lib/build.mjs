import fs from 'node:fs';
import path from 'node:path';
import { inRoot, runPackage } from './run.mjs';

const dist = inRoot('dist');
/** What `tsc -b` writes to dist. The mini-program only for its tests: DevTools compiles the sources itself. */
const rooms = ['shared', 'server', 'miniprogram', 'test'];
const roomsWithAssets = ['shared', 'server', 'test'];

/**
 * Compiles with `tsc -b` (incremental: 0.1 s when nothing changed), copies what is not TypeScript (Lua, SQL, JSON) to
 * the same place under dist, and removes what has no source any more, so that a deleted test does not run on.
 * `project` is what tsc is given: `.` is everything, `server` is server and shared. Answers tsc's exit code.
 */
export async function build(project = '.') {
  prune();
  let code = await compile(project);
  if (code === 0 && someOutputIsMissing(project)) {
    // tsc trusts its build info and does not look for the files themselves.
    for (const room of rooms) fs.rmSync(path.join(dist, `${room}.tsbuildinfo`), { force: true });
    code = await compile(project);
  }
  if (code === 0) copyAssets();
  return code;
}

async function compile(project) {
  return (await runPackage('typescript/bin/tsc', ['-b', project])).code;
}

/** Brings everything in dist that tsc does not write in step with the sources. */
export function syncAssets() {
  prune();
  copyAssets();
}

function prune() {
  for (const room of rooms) {
    for (const file of filesIn(path.join(dist, room))) {
      const target = path.join(dist, room, file);
      const source = inRoot(room, file.replace(/\.(d\.ts|js|js\.map|d\.ts\.map)$/, '.ts'));
      if (!fs.existsSync(source)) fs.rmSync(target, { force: true });
    }
  }
}

function someOutputIsMissing(project) {
  return rooms
    .filter((room) => project === '.' || ['shared', 'server'].includes(room))
    .some((room) =>
      filesIn(inRoot(room)).some(
        (file) =>
          file.endsWith('.ts') &&
          !file.endsWith('.d.ts') &&
          !isInstalled(file) &&
          !fs.existsSync(path.join(dist, room, file.replace(/\.ts$/, '.js'))),
      ),
    );
}

function copyAssets() {
  for (const room of roomsWithAssets) {
    for (const file of filesIn(inRoot(room)).filter(isAsset)) {
      const source = inRoot(room, file);
      const target = path.join(dist, room, file);
      if (fs.existsSync(target) && fs.readFileSync(target).equals(fs.readFileSync(source))) continue;
      fs.mkdirSync(path.dirname(target), { recursive: true });
      fs.copyFileSync(source, target);
    }
  }
}

function isAsset(file) {
  const name = path.basename(file);
  return !name.endsWith('.ts') && !name.startsWith('.') && !/^tsconfig.*\.json$/.test(name);
}

/** What the install step puts into the mini-program is not compiled. */
function isInstalled(file) {
  return /(^|[\\/])(miniprogram_npm|node_modules)[\\/]/.test(file);
}

/** Paths of all files below `folder`, relative to it; none when there is no such folder. */
export function filesIn(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)));
}
